package payout

import (
	"context"
	"errors"
	"fmt"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// Approve lets a deferred batch run: the next [Runner.Run] triggers its mass payments. The total is what the person
// saw; if it is not the batch's, that is an error. A second approval changes nothing.
func (r *Runner) Approve(ctx context.Context, batch string, total dwolla.Money) error {
	return r.decide(ctx, batch, DecisionApproved, func(b *Batch) error {
		if !b.Plan.Deferred {
			return errors.New("payout: the batch is not deferred")
		}
		if !b.Amount().Equal(total) {
			return errors.New("payout: the approved total is not the batch's")
		}
		return nil
	})
}

// Cancel stops what can still be stopped: chunks that were not sent and mass payments that are deferred. The next
// [Runner.Run] does it; its summary has what was paid nevertheless.
func (r *Runner) Cancel(ctx context.Context, batch string) error {
	return r.decide(ctx, batch, DecisionCancelled, func(b *Batch) error { return nil })
}

func (r *Runner) decide(ctx context.Context, batch string, d Decision, check func(*Batch) error) error {
	return r.store.Update(ctx, batch, func(tx Tx) error {
		rec := record{tx}
		b, err := rec.ready()
		if err != nil || b.Decision == d {
			return err
		}
		if err := check(&b); err != nil {
			return err
		}
		if b.Decision != "" {
			return ErrDecided
		}
		b.Decision = d
		return rec.put(keyBatch, &b)
	})
}

// A Resolution is what a person decided about a chunk that is held.
type Resolution struct {
	// By names the person, for the record.
	By string
	// Action is what to do.
	Action Action
	// MassPayment is the URL of the mass payment that is the chunk, for Adopt.
	MassPayment string
}

// An Action resolves a chunk that is held.
type Action string

// The actions.
const (
	// LookAgain has the chunk looked up again, for instance after an outage.
	LookAgain Action = "look again"
	// SendAgain says that the person made sure that the chunk was not paid, and that none of the hold's candidates is
	// it. It is sent with a new key; the old one stays on record.
	SendAgain Action = "send again"
	// Adopt says which mass payment is the chunk.
	Adopt Action = "adopt"
)

// Resolve carries out a person's decision about a held chunk. The chunk goes on at the next [Runner.Run].
func (r *Runner) Resolve(ctx context.Context, batch string, chunk int, resolution Resolution) error {
	if resolution.By == "" {
		return errors.New("payout: a resolution needs the name of who decided")
	}
	return r.store.Update(ctx, batch, func(tx Tx) error {
		rec := record{tx}
		b, err := rec.ready()
		if err != nil {
			return err
		}
		c, err := rec.chunk(chunk)
		if err != nil {
			return err
		}
		if c.State != StateHeld {
			return fmt.Errorf("payout: chunk %d is not held but %s", chunk, c.State)
		}
		if err := c.resolve(&b, &resolution); err != nil {
			return err
		}
		return rec.putChunk(&c)
	})
}

func (c *Chunk) resolve(b *Batch, r *Resolution) error {
	switch r.Action {
	case LookAgain:
		return c.lookAgain()
	case SendAgain:
		return c.sendAnew(b, r.By)
	case Adopt:
		if dwolla.LinkTo[dwolla.MassPayment](r.MassPayment).Collection() != "mass-payments" {
			return errors.New("payout: Resolution.MassPayment must be the URL of a mass payment")
		}
		return c.adopt(r.MassPayment)
	default:
		return fmt.Errorf("payout: unknown action %q", r.Action)
	}
}

// Recheck has the items of settled chunks listed again if some rows have no final result. The next [Runner.Run] does
// it.
func (r *Runner) Recheck(ctx context.Context, batch string) error {
	return r.store.Update(ctx, batch, func(tx Tx) error {
		rec := record{tx}
		_, chunks, err := rec.readyChunks()
		if err != nil {
			return err
		}
		for i := range chunks {
			c := &chunks[i]
			if c.State != StateSettled || c.Totals.Pending.Rows+c.Totals.Unknown.Rows == 0 {
				continue
			}
			if err := errors.Join(c.recheck(), rec.putChunk(c)); err != nil {
				return err
			}
		}
		return nil
	})
}
