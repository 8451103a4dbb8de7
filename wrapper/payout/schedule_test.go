package payout

import (
	"testing"
	"testing/synctest"
)

func TestAnUnknownOutcomeKeepsEverythingElseBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.outcome = func(n int) outcome {
			if n == 2 {
				return failsAndLocks
			}
			return succeeds
		}
		mustPrepare(t, s, simRows(12), Plan{ChunkRows: 3})
		g := &scripted{direct: direct{b}, answer: nothing}
		r := mustRunner(t, s, g, Options{Concurrency: 1})
		summary, err := r.Run(t.Context(), simBatch)
		held := heldOf(t, err)
		if len(held) != 1 || held[0].Number != 2 || held[0].Hold.Reason != HoldAbsent || summary.Chunks[StatePlanned] != 2 || len(b.payments) != 1 {
			t.Fatalf("%+v, %d mass payments", summary.Chunks, len(b.payments))
		}
		if err := r.Resolve(t.Context(), simBatch, 2, Resolution{Action: SendAgain}); err == nil {
			t.Error("resolved by nobody")
		}
		if err := r.Resolve(t.Context(), simBatch, 3, Resolution{By: "a", Action: SendAgain}); err == nil {
			t.Error("a chunk that is not held is resolved")
		}
		if err := r.Resolve(t.Context(), simBatch, 2, Resolution{By: "a person", Action: SendAgain}); err != nil {
			t.Fatal(err)
		}
		if summary, err = r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 12 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
		c := chunksOf(t, s)[1]
		if len(c.Superseded) != 1 || c.Superseded[0].By != "a person" || c.Superseded[0].Key == c.Key || c.Superseded[0].Key != held[0].Key {
			t.Errorf("the old key is not on record: %+v", c.Superseded)
		}
	})
}
