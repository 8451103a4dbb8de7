package main

import (
	"context"
	"errors"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const retryHelp = `Pays the rows that failed once more, as a payout of its own, when the payout is over and the cause is mended. A payout has one
retry; the same command goes on with it.`

func retry(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "retry", retryHelp).ofPayout().ofDwolla()
	as := f.String("as", "", "`name` of the retry; default is the payout's with -retry")
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
		return exit(exitUnpaid, err)
	}
	runner, err := payout.NewRunner(store, payout.Dwolla(client), payout.Options{})
	if err != nil {
		return err
	}
	if *as == "" {
		*as = name + "-retry"
	}
	batch, err := runner.PrepareRetry(ctx, name, *as)
	if errors.Is(err, payout.ErrNothingFailed) {
		return exit(exitUnpaid, err)
	}
	if err != nil {
		return exit(exitUnpaid, err)
	}
	return pay(ctx, c, store, client, batch.ID, false)
}
