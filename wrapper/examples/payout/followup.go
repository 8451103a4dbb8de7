package main

import (
	"context"
	"strings"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const followUpHelp = `Finds payments that came back after they were made: an ACH transfer can fail days after its row was paid. Run it now and then,
for some weeks. Such rows are "returned", and "payout retry -of returned" pays them once more.`

func followUp(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "followup", followUpHelp).ofPayout().ofDwolla()
	transfers := f.String("transfers", "", "`ids` of transfers that failed, with commas between them, for instance of webhooks; else Dwolla is asked for all")
	if err := f.parse(args); err != nil {
		return err
	}
	store, name, err := f.existing(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	client, err := f.connect()
	if err != nil {
		return err
	}
	runner, err := payout.NewRunner(store, payout.Dwolla(client), payout.Options{})
	if err != nil {
		return err
	}
	summary, err := runner.FollowUp(ctx, name, list(*transfers)...)
	if err != nil {
		return err
	}
	return tell(ctx, c, store, &summary, nil, true)
}

// list splits what has commas between it.
func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
