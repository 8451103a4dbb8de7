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
func (f *flags) pay(ctx context.Context, store payout.Store, client *dwolla.Client, name string, demo bool) error {
	f.console.warn("payout %s", name)
	progress := &progress{w: f.console.err, live: isTerminal(f.console.err), store: store, name: name, tenth: -1, conflict: &f.console.conflict}
	runner, err := payout.NewRunner(store, payout.Dwolla(client), f.options(ctx, client, progress, demo || atTestServer()))
	if err != nil {
		return exit(exitUnpaid, err)
	}
	// Rows of which Dwolla has not said for too long what became of them are asked for once more.
	if err := errors.Join(runner.Recheck(ctx, name), progress.resume(ctx)); err != nil {
		return exit(exitUnpaid, err)
	}
	summary, err := runner.Run(ctx, name)
	progress.end()
	// The report is read from the record, which needs no network: it is written even after an interruption.
	return f.tell(context.WithoutCancel(ctx), store, &summary, err, !demo)
}

// tell writes the report of a payout and gives the end of the program.
func (f *flags) tell(ctx context.Context, store payout.Store, s *payout.Summary, runErr error, advise bool) error {
	if s.Batch.ID == "" { // the record cannot be read any more
		return exit(exitUnpaid, fmt.Errorf("%w\nnobody knows from the record what was paid: restore it, or look at Dwolla before you pay in another way", runErr))
	}
	if err := f.writeReport(ctx, store, s, runErr, advise); err != nil {
		return exit(exitUnpaid, fmt.Errorf("the report cannot be written: %w\n%s", errors.Join(err, runErr),
			try("what was paid is on record:", f.line("status", s.Batch.ID))))
	}
	code := codeOfPayout(ctx, store, s, runErr)
	if code == exitNotSent {
		f.console.warn("nothing was sent of payout %s", s.Batch.ID)
	}
	return exit(code, nil)
}

// codeOfPayout is the exit code of a payout.
func codeOfPayout(ctx context.Context, store payout.Store, s *payout.Summary, runErr error) int {
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
