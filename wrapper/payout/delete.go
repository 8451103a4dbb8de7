package payout

import (
	"context"
	"errors"
)

// Delete removes a batch from the record, with its rows and results; write its report before. A batch with a row that
// has no final result is not deleted: the error is [ErrUnsettled]. One that was not prepared to the end is: nothing of it
// was sent.
//
// The record is what says that the batch was paid. Keep it for as long as its input may turn up again and its payments
// may be returned.
func Delete(ctx context.Context, store Store, batch string) error {
	return store.Update(ctx, batch, func(tx Tx) error {
		if err := (record{tx}).deletable(); err != nil {
			return err
		}
		var keys []string
		err := tx.Scan("", func(key string, _ []byte) error {
			keys = append(keys, key)
			return nil
		})
		for _, key := range keys {
			err = errors.Join(err, tx.Delete(key))
		}
		return err
	})
}

// deletable returns ErrUnsettled if the record of the batch is still needed.
func (r record) deletable() error {
	b, err := r.batch()
	if err != nil || b.State == BatchPreparing {
		return err
	}
	_, chunks, err := r.readyChunks()
	if err != nil {
		return err
	}
	for i := range chunks {
		c := &chunks[i]
		if totals := c.totals(); !c.State.done() || totals.Pending.Rows+totals.Unknown.Rows > 0 {
			return ErrUnsettled
		}
	}
	return nil
}
