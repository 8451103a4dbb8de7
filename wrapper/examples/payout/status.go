package main

import (
	"context"
	"fmt"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const statusHelp = `Says how far a payout is, from the record alone: nothing is asked of Dwolla. Without -run, the
latest that is not over, or else the latest.`

func status(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "status", statusHelp).ofPayout()
	if err := f.parse(args); err != nil {
		return err
	}
	store, s, err := f.existing(ctx, latest)
	if err != nil {
		return err
	}
	defer store.Close()
	showBatch(c, s)
	return f.tell(ctx, store, s, payout.OpenReport(store, s.Batch.ID).Unsettled(ctx), true)
}

// showBatch is the head of a payout: what it is, how far its mass payments are, and who decided what.
func showBatch(c *console, s *payout.Summary) {
	b := &s.Batch
	fmt.Fprintf(c.out, "payout %s of %s: %d rows, %s, from %s\n", b.ID, stamp(b.Created), b.Rows, b.Amount(), printable(b.Plan.Source))
	for _, state := range []payout.State{
		payout.StatePlanned, payout.StateSending, payout.StateUnknown, payout.StateHeld, payout.StateCreated,
		payout.StateSettled, payout.StateRejected, payout.StateCancelled,
	} {
		if n := s.Chunks[state]; n > 0 {
			fmt.Fprintf(c.out, "  %d of %d mass payments %s\n", n, b.Chunks, state)
		}
	}
	for _, d := range b.History {
		what := d.What
		if d.Chunk > 0 {
			what = fmt.Sprintf("%s, mass payment %d", what, d.Chunk)
		}
		fmt.Fprintf(c.out, "  %s: %s by %s", stamp(d.At), what, printable(d.By))
		if d.Why != "" {
			fmt.Fprintf(c.out, " (%s)", printable(d.Why))
		}
		fmt.Fprintln(c.out)
	}
	if b.RetryOf != "" {
		fmt.Fprintf(c.out, "  a retry of %s\n", b.RetryOf)
	}
	for _, id := range b.Retries {
		fmt.Fprintf(c.out, "  retried by %s\n", id)
	}
	fmt.Fprintln(c.out)
}
