package payout

import (
	"context"
	"errors"
	"slices"
)

// PrepareRetry makes a new batch of the rows of a settled batch that failed for good, never of one that is pending or
// unknown. A batch has one retry: another id is a [*RetriedError], and the same id gives the same batch back.
//
// Chunks that Dwolla refused are looked up once more. If one is found nevertheless, the batch is no longer settled: the
// error is [ErrUnsettled], and [Runner.Run] goes on with it.
func (r *Runner) PrepareRetry(ctx context.Context, batch, id string) (Batch, error) {
	if batch == id {
		return Batch{}, errors.New("payout: a retry needs an id of its own")
	}
	if err := r.lookUpRejected(ctx, batch); err != nil {
		return Batch{}, err
	}
	summary, err := Summarize(ctx, r.store, batch)
	switch {
	case err != nil:
		return Batch{}, err
	case !summary.Done():
		return Batch{}, ErrUnsettled
	case summary.Totals.Failed.Rows == 0:
		return Batch{}, ErrNothingFailed
	}
	if by := summary.Batch.RetriedBy; by != "" && by != id {
		return Batch{}, &RetriedError{Batch: batch, By: by}
	}
	retry := Batch{ID: id, Plan: summary.Batch.Plan, RetryOf: batch}
	return prepare(ctx, r.store, retry, failedRows(ctx, r.store, batch), func() error { return linkRetry(ctx, r.store, batch, id) })
}

// lookUpRejected looks once more for what Dwolla refused.
func (r *Runner) lookUpRejected(ctx context.Context, batch string) error {
	b, rejected, err := r.rejected(ctx, batch)
	for i := range rejected {
		if err == nil {
			err = r.lookUpAgain(ctx, &b, &rejected[i])
		}
	}
	return err
}

func (r *Runner) rejected(ctx context.Context, batch string) (b Batch, rejected []Chunk, err error) {
	err = r.store.View(ctx, batch, func(tx Tx) error {
		var chunks []Chunk
		b, chunks, err = record{tx}.readyChunks()
		rejected = nil
		for i := range chunks {
			if chunks[i].State == StateRejected {
				rejected = append(rejected, chunks[i])
			}
		}
		return err
	})
	return b, rejected, err
}

func (r *Runner) lookUpAgain(ctx context.Context, b *Batch, c *Chunk) error {
	found, err := r.gateway.Find(ctx, b.Plan.Source, c.CorrelationID)
	if err != nil || len(found) == 0 {
		return err
	}
	return r.store.Update(ctx, b.ID, func(tx Tx) error {
		rec := record{tx}
		now, err := rec.chunk(c.Number)
		if err != nil || now.State != StateRejected {
			return err
		}
		if some, err := now.find(b, found, tx.Now()); err != nil || !some {
			return err
		}
		return errors.Join(rec.putChunk(&now), tx.Delete(numbered(prefixResults, c.Number)))
	})
}

// linkRetry writes down at the batch which one is its retry, when that is written down and before it may run: a retry that
// cannot be prepared leaves no link, and of two at once only one runs.
func linkRetry(ctx context.Context, store Store, batch, id string) error {
	return store.Update(ctx, batch, func(tx Tx) error {
		rec := record{tx}
		b, chunks, err := rec.readyChunks()
		undone := func(c Chunk) bool { return !c.State.done() }
		switch {
		case err != nil:
			return err
		case slices.ContainsFunc(chunks, undone): // since the rows were read
			return ErrUnsettled
		case b.RetriedBy == id:
			return nil
		case b.RetriedBy != "":
			return &RetriedError{Batch: batch, By: b.RetriedBy}
		}
		b.RetriedBy = id
		return rec.put(keyBatch, &b)
	})
}

// failedRows are the failed rows with the lines that they had in the first input.
func failedRows(ctx context.Context, store Store, batch string) Input {
	return func(yield func(Row, error) bool) {
		for row, err := range OpenReport(store, batch).Rows(ctx) {
			if err != nil {
				yield(Row{}, err)
				return
			}
			if row.Status == Failed && !yield(row.Row, nil) {
				return
			}
		}
	}
}
