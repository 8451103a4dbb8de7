package payout

import (
	"context"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A Decider is the person who decides something, for the record.
type Decider struct {
	By  string // the name; required
	Why string
}

// Approve lets a deferred batch run: the next [Runner.Run] triggers its mass payments. The total is what the person
// saw; if it is not the batch's, that is an error. A second approval changes nothing. After a cancellation it is
// [ErrDecided].
func (r *Runner) Approve(ctx context.Context, batch string, total dwolla.Money, who Decider) error {
	return r.decide(ctx, batch, string(DecisionApproved), who, func(b *Batch) (bool, error) {
		switch {
		case !b.Plan.Deferred:
			return false, invalid("payout: the batch is not deferred")
		case !b.Amount().Equal(total):
			return false, invalid("payout: the approved total is not the batch's")
		case b.Decision == DecisionCancelled:
			return false, ErrDecided
		}
		return b.decide(DecisionApproved), nil
	})
}

// Cancel stops for good what can still be stopped: chunks that were not sent and mass payments that are deferred, also
// after an approval. When it has returned, no chunk begins to be sent and no deferred one is triggered; a request that is
// on record as being sent may still arrive. The next [Runner.Run] carries it out; its summary has what was paid
// nevertheless.
func (r *Runner) Cancel(ctx context.Context, batch string, who Decider) error {
	return r.decide(ctx, batch, string(DecisionCancelled), who, func(b *Batch) (bool, error) {
		return b.decide(DecisionCancelled), nil
	})
}

// Pause stops a batch until [Runner.Resume]: nothing is sent, sent again or triggered. What Dwolla has is read as before,
// and a request that is on record as being sent may still arrive. Run ends when nothing else is left to do.
func (r *Runner) Pause(ctx context.Context, batch string, who Decider) error {
	return r.decide(ctx, batch, "paused", who, func(b *Batch) (bool, error) { return b.pause(true), nil })
}

// Resume ends a pause: the next [Runner.Run] goes on.
func (r *Runner) Resume(ctx context.Context, batch string, who Decider) error {
	return r.decide(ctx, batch, "resumed", who, func(b *Batch) (bool, error) { return b.pause(false), nil })
}

// decide writes a decision down, if it changes anything.
func (r *Runner) decide(ctx context.Context, batch, what string, who Decider, change func(*Batch) (bool, error)) error {
	if who.By == "" {
		return errNobody
	}
	return r.store.Update(ctx, batch, func(tx Tx) error {
		rec := record{tx}
		b, err := rec.ready()
		if err != nil {
			return err
		}
		changed, err := change(&b)
		if err != nil || !changed {
			return err
		}
		return rec.decided(&b, Decided{What: what, By: who.By, Why: who.Why})
	})
}

var errNobody = invalid("payout: a decision needs the name of who decided")

// decided writes the batch down with a decision in its history.
func (r record) decided(b *Batch, d Decided) error {
	d.At = r.tx.Now().UTC()
	b.History = append(b.History, d)
	return r.put(keyBatch, b)
}
