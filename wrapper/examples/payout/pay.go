package main

import (
	"context"
	"errors"
	"fmt"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// pay runs a payout that is on record and reports it. From here on, a request may have left. The record of a demonstration
// ends with it.
func pay(ctx context.Context, c *console, store payout.Store, client *dwolla.Client, name string, demo bool) error {
	c.warn("payout %s", name)
	progress := newProgress(c, 0)
	if err := progress.resume(ctx, store, name); err != nil {
		return exit(exitUnpaid, err)
	}
	runner, err := payout.NewRunner(store, payout.Dwolla(client), options(ctx, client, progress, demo || atTestServer()))
	if err != nil {
		return exit(exitUnpaid, err)
	}
	// Rows of which Dwolla has not said for too long what became of them are asked for once more.
	if err := runner.Recheck(ctx, name); err != nil {
		return exit(exitUnpaid, err)
	}
	summary, err := runner.Run(ctx, name)
	progress.end()
	// The report is read from the record, which needs no network: it is written even after an interruption.
	return tell(context.WithoutCancel(ctx), c, store, &summary, err, !demo)
}

// tell writes the report of a payout and gives the end of the program.
func tell(ctx context.Context, c *console, store payout.Store, s *payout.Summary, runErr error, advise bool) error {
	if s.Batch.ID == "" { // the record cannot be read any more
		return exit(exitUnpaid, fmt.Errorf("%w\nnobody knows from the record what was paid: restore it, or look at Dwolla before you pay in another way", runErr))
	}
	if err := writeReport(ctx, c.out, store, s, runErr, advise); err != nil {
		return exit(exitUnpaid, fmt.Errorf("the report cannot be written: %w\nwhat was paid is on record: see \"payout status\"", errors.Join(err, runErr)))
	}
	code := codeOf(ctx, store, s, runErr)
	if code == exitNotSent {
		c.warn("nothing was sent")
	}
	return exit(code, nil)
}

// codeOf is the exit code of a payout.
func codeOf(ctx context.Context, store payout.Store, s *payout.Summary, runErr error) int {
	held := len(s.Held) > 0 || s.AwaitsApproval || s.Batch.Paused && !s.Ended()
	switch {
	case held:
		return exitPerson
	case runErr == nil && s.Batch.Rows > 0 && s.Totals.Paid == s.Batch.Tally:
		return exitPaid
	case untouched(ctx, store, s.Batch.ID):
		return exitNotSent
	default:
		return exitUnpaid
	}
}
