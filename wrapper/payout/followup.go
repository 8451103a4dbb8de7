package payout

import (
	"context"
	"errors"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/reference"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// FollowUp finds payments that came back after they were made: an ACH transfer can fail days after its row was paid. Such
// rows become [Returned], with the bank's return code and the time at which that was noticed.
//
// Without transfers it lists those of the source's owner that failed since the batch was prepared: call it now and then,
// for some weeks. With transfers (ids or URLs) it reads only these: call it from the handler of the webhooks
// transfer_failed, transfer_cancelled, customer_transfer_failed and customer_transfer_cancelled with the id of the resource;
// one that is not of the batch changes nothing. A listed transfer that cannot be read is an error after the others.
func (r *Runner) FollowUp(ctx context.Context, batch string, transfers ...string) (Summary, error) {
	summary, err := Summarize(ctx, r.store, batch)
	if err != nil {
		return summary, err
	}
	returned, odd, err := r.returned(ctx, &summary.Batch, transfers)
	if err != nil || len(returned) == 0 {
		return summary, errors.Join(err, odd)
	}
	for number := 1; number <= summary.Batch.Chunks; number++ {
		if err := r.followChunk(ctx, batch, number, returned); err != nil {
			return summary, err
		}
	}
	summary, err = Summarize(ctx, r.store, batch)
	return summary, errors.Join(err, odd)
}

// returned are the transfers that came back, by id. odd is the error of those that cannot be read.
func (r *Runner) returned(ctx context.Context, b *Batch, transfers []string) (returned map[string]dwolla.TransferStatus, odd, err error) {
	returned = map[string]dwolla.TransferStatus{}
	note := func(t *dwolla.Transfer) {
		if t.Status == dwolla.TransferStatusFailed || t.Status == dwolla.TransferStatusCancelled {
			returned[reference.ID(t.ID)] = t.Status
		}
	}
	for _, id := range transfers {
		t, err := r.gateway.Transfer(ctx, id)
		if err != nil {
			return nil, nil, err
		}
		note(t)
	}
	if len(transfers) > 0 {
		return returned, nil, nil
	}
	for t, err := range r.gateway.Returned(ctx, b.Plan.Source, b.Created) {
		if isEntry(err) {
			odd = err
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		note(&t)
	}
	return returned, odd, nil
}

// followChunk writes down which paid rows of a chunk came back.
func (r *Runner) followChunk(ctx context.Context, batch string, number int, returned map[string]dwolla.TransferStatus) error {
	reasons := map[int]Result{}
	err := r.store.View(ctx, batch, func(tx Tx) error {
		_, results, err := record{tx}.settled(number)
		for place := range results {
			if status, ok := returned[reference.ID(results[place].Transfer)]; ok && results[place].Status == Paid {
				reasons[place] = Result{Transfer: results[place].Transfer, Code: codeReturned, Message: "the transfer is " + string(status)}
			}
		}
		return err
	})
	if err != nil || len(reasons) == 0 {
		return err
	}
	for place, reason := range reasons {
		failure, err := r.gateway.Failure(ctx, reason.Transfer)
		switch {
		case errors.Is(err, dwolla.ErrNotFound): // a cancelled one has none
			continue
		case err != nil:
			return err
		}
		reason.Code, reason.Message = failure.Code, failure.Description
		reasons[place] = reason
	}
	return r.store.Update(ctx, batch, func(tx Tx) error { return record{tx}.giveBack(number, reasons) })
}

// settled gives a chunk that Dwolla has finished, and the results of its rows; there are none while it is not.
func (r record) settled(number int) (Chunk, []Result, error) {
	c, err := r.chunk(number)
	if err != nil || c.State != StateSettled {
		return c, nil, err
	}
	results, err := r.results(&c)
	return c, results, err
}

// giveBack makes paid rows returned ones, unless they have changed since.
func (r record) giveBack(number int, reasons map[int]Result) error {
	c, results, err := r.settled(number)
	if err != nil || results == nil {
		return err
	}
	rows, err := r.rows(&c)
	if err != nil {
		return err
	}
	for place, reason := range reasons {
		result := &results[place]
		if result.Status != Paid || result.Transfer != reason.Transfer {
			continue
		}
		cents, _ := rows[place].Amount.Cents()
		c.Totals.Paid.add(Tally{-1, -cents})
		c.Totals.Returned.add(Tally{1, cents})
		result.Status, result.Code, result.Message, result.At = Returned, reason.Code, reason.Message, r.tx.Now().UTC().Truncate(time.Second)
	}
	return errors.Join(c.Totals.check(c.Tally), r.put(numbered(prefixResults, number), results), r.putChunk(&c))
}
