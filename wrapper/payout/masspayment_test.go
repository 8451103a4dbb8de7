package payout

import "testing"

func TestOtherRowsUnderTheSameNameAreAMatterForAPerson(t *testing.T) {
	bubble(t, "a digest that differs", func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		// A record that was lost, and an input that was edited since.
		mustPrepare(t, newMemStore(), simRows(3), Plan{})
		old := newMemStore()
		mustPrepare(t, old, simRows(4), Plan{})
		if _, err := mustRunner(t, old, direct{b}, Options{}).Run(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		mustPrepare(t, s, simRows(3), Plan{})
		r := mustRunner(t, s, direct{b}, Options{})
		_, err := r.Run(t.Context(), simBatch)
		held := heldOf(t, err)
		if held[0].Hold.Reason != HoldAmbiguous || len(held[0].Hold.Candidates) != 1 || b.creates != 1 {
			t.Errorf("%+v", held[0].Hold)
		}
		// The person says that it is not the chunk.
		if err := r.Resolve(t.Context(), simBatch, 1, Resolution{By: "a person", Action: SendAgain}); err != nil {
			t.Fatal(err)
		}
		if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 3 || b.creates != 2 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
	bubble(t, "a record that was lost, and the same rows", func(t *testing.T) {
		b := newFakeDwolla()
		for range 2 {
			s := newMemStore()
			mustPrepare(t, s, simRows(30), Plan{ChunkRows: 10})
			summary, err := mustRunner(t, s, direct{b}, Options{}).Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Paid.Rows != 30 || b.creates != 3 {
				t.Errorf("%+v, %d requests, %v", summary.Totals, b.creates, err)
			}
		}
	})
	bubble(t, "two of them", func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		b.addUnrelated(simBatch + "-00001")
		b.addUnrelated(simBatch + "-00001")
		r := mustRunner(t, s, direct{b}, Options{})
		_, err := r.Run(t.Context(), simBatch)
		if held := heldOf(t, err); len(held[0].Hold.Candidates) != 2 {
			t.Errorf("%+v", held[0].Hold)
		}
		if err := r.Resolve(t.Context(), simBatch, 1, Resolution{By: "x", Action: Adopt, MassPayment: "nonsense"}); err == nil {
			t.Error("nonsense is adopted")
		}
	})
}
