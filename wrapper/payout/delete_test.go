package payout

import (
	"errors"
	"slices"
	"testing"
)

func TestADeletedBatchLeavesNothingOnRecord(t *testing.T) {
	store, err := OpenFile(t.TempDir() + "/record.db")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for _, batch := range []string{"paid", "other"} {
		err := store.Update(t.Context(), batch, func(tx Tx) error {
			rec := record{tx}
			rows := Tally{Rows: 1}
			c := &Chunk{Number: 1, Tally: rows, State: StateSettled, Totals: Totals{Paid: rows}}
			return errors.Join(rec.putChunk(c), rec.put(keyBatch, &Batch{ID: batch, State: BatchReady, Chunks: 1, Tally: rows}))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := Delete(t.Context(), store, "paid"); err != nil {
		t.Fatal(err)
	}
	if batches, err := store.Batches(t.Context()); err != nil || !slices.Equal(batches, []string{"other"}) {
		t.Errorf("%v, %v", batches, err)
	}
	if _, err := Summarize(t.Context(), store, "paid"); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
	if err := Delete(t.Context(), store, "paid"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a second time: %v", err)
	}
}

func TestABatchThatIsStillNeededIsNotDeleted(t *testing.T) {
	rows := Tally{Rows: 1}
	for name, test := range map[string]struct {
		state  State
		totals Totals
		want   error
	}{
		"planned":                      {StatePlanned, Totals{}, ErrUnsettled},
		"under way":                    {StateSending, Totals{}, ErrUnsettled},
		"of unknown outcome":           {StateUnknown, Totals{}, ErrUnsettled},
		"not finished at Dwolla":       {StateCreated, Totals{}, ErrUnsettled},
		"held":                         {StateHeld, Totals{}, ErrUnsettled},
		"settled, with a pending row":  {StateSettled, Totals{Pending: rows}, ErrUnsettled},
		"settled, with an unknown row": {StateSettled, Totals{Unknown: rows}, ErrUnsettled},
		"settled, with a failed row":   {StateSettled, Totals{Failed: rows}, nil},
		"rejected":                     {StateRejected, Totals{Failed: rows}, nil},
		"cancelled":                    {StateCancelled, Totals{Cancelled: rows}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			store, err := OpenFile(t.TempDir() + "/record.db")
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			err = store.Update(t.Context(), "b", func(tx Tx) error {
				rec := record{tx}
				c := Chunk{Number: 1, Tally: rows, State: test.state, Totals: test.totals}
				return errors.Join(rec.putChunk(&c), rec.put(keyBatch, &Batch{ID: "b", State: BatchReady, Chunks: 1, Tally: rows}))
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := Delete(t.Context(), store, "b"); !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
		})
	}
}

func TestABatchThatWasNotPreparedToTheEndIsDeleted(t *testing.T) {
	store, err := OpenFile(t.TempDir() + "/record.db")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	err = store.Update(t.Context(), "b", func(tx Tx) error {
		return errors.Join(tx.Put(numbered(prefixRows, 1), []byte("rows")), record{tx}.put(keyBatch, &Batch{ID: "b", State: BatchPreparing}))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := Delete(t.Context(), store, "b"); err != nil {
		t.Error(err)
	}
	if batches, err := store.Batches(t.Context()); err != nil || len(batches) != 0 {
		t.Errorf("%v, %v", batches, err)
	}
}
