package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const retryHelp = `Pays rows that failed once more, as a payout of its own, when the payout is over and the cause is mended: all of them, or those
of -lines, or with -replace those of a file, to another destination. A row is in one retry. The same command goes on with a
retry that was interrupted.

The file of -replace is a CSV with the columns line or correlation_id, and destination.`

func retry(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "retry", retryHelp).ofPayout().ofDwolla()
	as := f.String("as", "", "`name` of the retry; default is that of the payout with -retry")
	of := f.String("of", "failed", "failed, returned or cancelled, or several with commas between them")
	lines := f.String("lines", "", "`lines` of the rows, such as 3,7-9; default is all")
	replace := f.String("replace", "", "`file` with other destinations")
	if err := f.parse(args); err != nil {
		return err
	}
	choice, err := newChoice(*of, *lines, *replace)
	if err != nil {
		return exit(exitNotSent, err)
	}
	store, name, err := f.existing(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := choice.check(ctx, payout.OpenReport(store, name)); err != nil {
		return exit(exitUnpaid, fmt.Errorf("%w; this command sent nothing", err))
	}
	client, err := f.connect()
	if err != nil {
		return exit(exitUnpaid, fmt.Errorf("%w; this command sent nothing", err))
	}
	runner, err := payout.NewRunner(store, payout.Dwolla(client), payout.Options{})
	if err != nil {
		return err
	}
	if *as == "" {
		if *as, err = retryName(ctx, store, name); err != nil {
			return err
		}
	}
	batch, err := runner.PrepareRetry(ctx, name, *as, payout.Retry{Of: choice.of, Choose: choice.choose})
	if err != nil {
		return exit(exitUnpaid, fmt.Errorf("%w; this command sent nothing", showProblems(c, err)))
	}
	defer c.serve(ctx, f.record, store)()
	return pay(ctx, c, store, client, batch.ID, false)
}

// retryName is the name of a retry that is not over, or of the next.
func retryName(ctx context.Context, store payout.Store, name string) (string, error) {
	as := name + "-retry"
	for n := 2; ; n++ {
		s, err := payout.Summarize(ctx, store, as)
		switch {
		case errors.Is(err, payout.ErrNotFound), errors.Is(err, payout.ErrNotReady):
			return as, nil
		case err != nil:
			return "", err
		case !s.Ended():
			return as, nil
		}
		as = fmt.Sprintf("%s-retry-%d", name, n)
	}
}
