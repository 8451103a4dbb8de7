package payout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/reference"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A Resolution is what a person decided about a chunk that is held.
type Resolution struct {
	// By names the person and Why says the reason, for the record. Why is optional.
	By, Why string
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
	// Adopt says which mass payment is the chunk. It is read and compared before: the correlation id, the source, the
	// total and the items must be the chunk's. Items may be missing that the mass payment never had, as one has that
	// another record sent: these rows stay unknown.
	Adopt Action = "adopt"
	// Reopen takes an adoption back: the chunk is held again, with the candidates that it had. It cannot be taken back once
	// its rows are retried in another batch.
	Reopen Action = "reopen"
)

// Resolve carries out a person's decision about a chunk that is held or, to reopen it, was adopted. The chunk goes on at
// the next [Runner.Run].
func (r *Runner) Resolve(ctx context.Context, batch string, chunk int, resolution Resolution) error {
	if resolution.By == "" {
		return errNobody
	}
	if resolution.Action == Adopt {
		if err := r.mayAdopt(ctx, batch, chunk, resolution.MassPayment); err != nil {
			return err
		}
	}
	return r.store.Update(ctx, batch, func(tx Tx) error {
		rec := record{tx}
		b, c, err := rec.resolvable(chunk, resolution.Action)
		if err != nil {
			return err
		}
		if err := c.resolve(&b, &resolution, tx.Now()); err != nil {
			return err
		}
		if resolution.Action == Reopen { // whoever follows the mass payment stops
			err := errors.Join(tx.Delete(numbered(prefixResults, chunk)), tx.Delete(numbered(prefixLease, chunk)))
			if err != nil {
				return err
			}
		}
		decided := Decided{What: string(resolution.Action), Chunk: chunk, By: resolution.By, Why: resolution.Why}
		return errors.Join(rec.putChunk(&c), rec.decided(&b, decided))
	})
}

// resolvable gives a chunk to which the action can be applied.
func (r record) resolvable(chunk int, action Action) (Batch, Chunk, error) {
	b, err := r.ready()
	if err != nil {
		return b, Chunk{}, err
	}
	if chunk < 1 || chunk > b.Chunks {
		return b, Chunk{}, invalid("payout: there is no chunk %d; the batch has 1 to %d", chunk, b.Chunks)
	}
	c, err := r.chunk(chunk)
	switch {
	case err != nil:
	case action == Reopen && !c.Adopted:
		err = invalid("payout: chunk %d was not adopted", chunk)
	case action == Reopen && len(b.Retries) > 0:
		err = &RetriedError{Batch: b.ID, By: b.Retries[0]}
	case action != Reopen && c.State != StateHeld:
		err = invalid("payout: chunk %d is not held but %s", chunk, c.State)
	}
	return b, c, err
}

// mayAdopt reads a mass payment and its items, and returns an error unless they can be the chunk.
func (r *Runner) mayAdopt(ctx context.Context, batch string, chunk int, href string) error {
	var b Batch
	var c Chunk
	var rows []Row
	err := r.store.View(ctx, batch, func(tx Tx) (err error) {
		if b, c, err = (record{tx}).resolvable(chunk, Adopt); err == nil {
			rows, err = record{tx}.rest(&c)
		}
		return err
	})
	if err != nil {
		return err
	}
	if reference.Parse(href).Collection != "mass-payments" {
		return invalid("payout: Resolution.MassPayment must be the URL of a mass payment")
	}
	m, err := r.gateway.Get(ctx, href)
	if dwolla.OutcomeOf(err) == dwolla.OutcomeRejected || errors.Is(err, dwolla.ErrInvalidArgument) {
		return invalid("payout: the mass payment to adopt cannot be read: %v", err)
	}
	if err != nil {
		return fmt.Errorf("payout: the mass payment to adopt cannot be read: %w", err)
	}
	l, items, seen := newListing(b.ID, rows, m.Status), Tally{}, map[string]bool{}
	for item, err := range r.gateway.Items(ctx, href) {
		if err != nil {
			return fmt.Errorf("payout: the items of the mass payment to adopt cannot be read: %w", err)
		}
		if item.ID != "" && seen[item.ID] {
			continue // listed twice
		}
		seen[item.ID] = true
		cents, err := item.Amount.Cents()
		if err != nil {
			return invalid("payout: an item of the mass payment to adopt: %v", err)
		}
		items.add(Tally{1, cents})
		l.add(&item)
	}
	l.matchRest()
	rest, _ := c.rest()
	like := c.compare(&b, m)
	what := ""
	switch {
	case foldID(m.CorrelationID) != foldID(c.CorrelationID) && (m.CorrelationID != "" || like != same):
		what = "correlation id"
	case !m.Links.Source.IsZero() && !reference.Same(m.Links.Source.Href, b.Plan.Source):
		what = "source"
	case !m.Total.IsZero() && !m.Total.Equal(items.Amount()):
		what = "total"
	case items != rest && (like == same || items.Rows == 0 || l.foreign()):
		what = fmt.Sprintf("number of items or their sum (%d of %d rows)", items.Rows, rest.Rows)
	default:
		return nil
	}
	return invalid("payout: the mass payment cannot be chunk %d: it has another %s", chunk, what)
}

func (c *Chunk) resolve(b *Batch, r *Resolution, now time.Time) error {
	switch r.Action {
	case LookAgain:
		return c.lookAgain()
	case SendAgain:
		return c.sendAnew(b, r.By, now)
	case Adopt:
		return c.adopt(r.MassPayment)
	case Reopen:
		return c.reopen(now)
	default:
		return invalid("payout: unknown action %q", r.Action)
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
			if c.State != StateSettled || c.Totals.unsettled() == 0 {
				continue
			}
			if err := errors.Join(c.recheck(), rec.putChunk(c)); err != nil {
				return err
			}
		}
		return nil
	})
}
