package payout

import (
	"context"
	"errors"
)

// PrepareRetry makes a new batch of the rows of a settled batch that failed for good, never of one that is pending or
// unknown. A batch has one retry: another id is a [*RetriedError], and the same id gives the same batch back.
func PrepareRetry(ctx context.Context, store Store, batch, id string) (Batch, error) {
	if batch == id {
		return Batch{}, errors.New("payout: a retry needs an id of its own")
	}
	summary, err := Summarize(ctx, store, batch)
	switch {
	case err != nil:
		return Batch{}, err
	case !summary.Done():
		return Batch{}, ErrUnsettled
	case summary.Totals.Failed.Rows == 0:
		return Batch{}, ErrNothingFailed
	}
	// The link comes first, so that after a crash only the same id can go on.
	if err := linkRetry(ctx, store, batch, id); err != nil {
		return Batch{}, err
	}
	return prepare(ctx, store, Batch{ID: id, Plan: summary.Batch.Plan, RetryOf: batch}, failedRows(ctx, store, batch))
}

// linkRetry writes down at the batch which one is its retry.
func linkRetry(ctx context.Context, store Store, batch, id string) error {
	return store.Update(ctx, batch, func(tx Tx) error {
		rec := record{tx}
		b, err := rec.ready()
		switch {
		case err != nil:
			return err
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
