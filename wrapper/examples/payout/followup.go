package main

import (
	"context"
	"fmt"
	"regexp"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const followUpHelp = `Finds payments that came back after they were made: an ACH transfer can fail days after its row was paid. Run it now and then,
for some weeks. Such rows are "returned", and "payout retry -of returned" pays them once more. Without -run it looks after
all payouts on record.`

var transferID = regexp.MustCompile(`^(https?://[^?#]+/transfers/)?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func followUp(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "followup", followUpHelp).ofPayout().ofDwolla()
	transfers := f.String("transfers", "", "`ids` of transfers that failed, with commas between them, for instance of webhooks; else Dwolla is asked for all")
	if err := f.parse(args); err != nil {
		return err
	}
	for _, id := range list(*transfers) {
		if !transferID.MatchString(id) {
			return exit(exitNotSent, fmt.Errorf("-transfers %q: it must be ids or URLs of transfers, with commas between them", id))
		}
	}
	store, all, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	if f.name != "" || len(all) == 0 {
		s, err := f.meant(all, notOver)
		if err != nil {
			return err
		}
		all = []payout.Summary{*s}
	}
	_, runner, err := f.atDwolla(store)
	if err != nil {
		return err
	}
	code := exitPaid
	for i := range all {
		s, err := runner.FollowUp(ctx, all[i].Batch.ID, list(*transfers)...)
		if err != nil {
			return err
		}
		showBatch(c, &s)
		if err = f.tell(ctx, store, &s, nil, true); err != nil && err.Error() != "" {
			return err
		}
		switch c := codeOf(err); {
		case i == 0 || c == exitPerson:
			code = c
		case c != code && code != exitPerson: // neither everybody nor nobody
			code = exitUnpaid
		}
	}
	return exit(code, nil)
}
