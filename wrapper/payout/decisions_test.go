package payout

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestOnlyADeferredBatchIsApproved(t *testing.T) {
	b, s := newFakeDwolla(), newMemStore()
	batch := mustPrepare(t, s, simRows(3), Plan{})
	r := mustRunner(t, s, direct{b}, Options{})
	err := r.Approve(t.Context(), simBatch, batch.Amount())
	if err == nil || err.Error() != "payout: the batch is not deferred" {
		t.Errorf("error %v", err)
	}
	if err := r.Approve(t.Context(), "another", batch.Amount()); !errors.Is(err, ErrNotFound) {
		t.Errorf("a batch that is not there: %v", err)
	}
	if known, err := load(t.Context(), s, simBatch); err != nil || known.Decision != "" || b.creates != 0 {
		t.Errorf("%q is decided, %d sent, error %v", known.Decision, b.creates, err)
	}
}

func TestFault149_ADeferredBatchEndsAsItIsReadBack(t *testing.T) {
	deferred := func(t *testing.T) (*dwollatest.Server, Store, *Runner, Batch) {
		server := dwollatest.New(t, dwollatest.WithItemRate(10))
		s := newMemStore()
		b := mustPrepare(t, s, dwollaRows(server, 9), Plan{Source: server.AccountBalance().Href, Deferred: true, ChunkRows: 3})
		r := mustRunner(t, s, Dwolla(server.Dwolla()), Options{})
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || !summary.AwaitsApproval || len(server.Ledger()) != 0 {
			t.Fatalf("%+v, %v", summary, err)
		}
		return server, s, r, b
	}
	bubble := func(name string, test func(t *testing.T)) {
		t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
	}
	bubble("approved", func(t *testing.T) {
		server, _, r, b := deferred(t)
		if err := r.Approve(t.Context(), simBatch, dwolla.USDCents(b.Cents+1)); err == nil {
			t.Error("another total is approved")
		}
		for range 2 { // twice is once
			if err := r.Approve(t.Context(), simBatch, b.Amount()); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Cancel(t.Context(), simBatch); !errors.Is(err, ErrDecided) {
			t.Errorf("cancelled after it was approved: %v", err)
		}
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 9 || len(server.Ledger()) != 9 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
	bubble("cancelled", func(t *testing.T) {
		server, _, r, _ := deferred(t)
		if err := r.Cancel(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Cancelled.Rows != 9 || len(server.Ledger()) != 0 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
	bubble("the answer to the trigger is lost", func(t *testing.T) {
		server, _, r, b := deferred(t)
		server.Fault("updateMassPayment", dwollatest.Fault{Status: 500, AfterCommit: true, Lock: true, Times: 1})
		server.Fault("updateMassPayment", dwollatest.Fault{Drop: true, Times: 2})
		if err := r.Approve(t.Context(), simBatch, b.Amount()); err != nil {
			t.Fatal(err)
		}
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 9 || len(server.Ledger()) != 9 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
	bubble("somebody else was faster", func(t *testing.T) {
		server, s, r, b := deferred(t)
		client := server.Dwolla()
		cancelled := dwolla.UpdateMassPayment{Status: dwolla.UpdateMassPaymentStatusCancelled}
		if _, err := client.MassPayments.Update(t.Context(), chunksOf(t, s)[1].MassPayment, cancelled); err != nil {
			t.Fatal(err)
		}
		if err := r.Approve(t.Context(), simBatch, b.Amount()); err != nil {
			t.Fatal(err)
		}
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 6 || summary.Totals.Cancelled.Rows != 3 || len(server.Ledger()) != 6 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
}

func TestACancelledBatchSendsNothingAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.outcome = func(int) outcome { return dropsBefore }
		mustPrepare(t, s, simRows(9), Plan{ChunkRows: 3})
		ctx, cancel := context.WithCancel(t.Context())
		g := &scripted{direct: direct{b}, answer: func(int) error { cancel(); return nil }}
		r := mustRunner(t, s, g, Options{})
		if _, err := r.Run(ctx, simBatch); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if err := r.Cancel(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		summary, err := r.Run(t.Context(), simBatch)
		if heldOf(t, err); g.calls != 1 || summary.Totals.Unknown.Rows != 3 {
			t.Errorf("%d requests, %+v", g.calls, summary.Totals)
		}
		// The person made sure that it is not there: with the batch cancelled, it stays unpaid.
		if err := r.Resolve(t.Context(), simBatch, 1, Resolution{By: "a person", Action: SendAgain}); err != nil {
			t.Fatal(err)
		}
		if summary, err = r.Run(t.Context(), simBatch); err != nil || summary.Totals.Cancelled.Rows != 9 || g.calls != 1 {
			t.Errorf("%d requests, %+v, %v", g.calls, summary.Totals, err)
		}
	})
}

// The simulator's operator does not use LookAgain, or makes mistakes.
func TestAHeldChunkGoesOnAsThePersonSays(t *testing.T) {
	stuck := func(t *testing.T) (*fakeDwolla, *memStore, *Runner, []Chunk) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		b.visible = 10 * time.Hour
		b.outcome = func(int) outcome { return commitsAndLocks }
		r := mustRunner(t, s, direct{b}, Options{})
		_, err := r.Run(t.Context(), simBatch)
		return b, s, r, heldOf(t, err)
	}
	finish := func(t *testing.T, b *fakeDwolla, r *Runner) {
		t.Helper()
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 3 || len(b.payments) != 1 {
			t.Errorf("%+v, %d mass payments, %v", summary.Totals, len(b.payments), err)
		}
	}
	bubble(t, "look again", func(t *testing.T) {
		b, _, r, _ := stuck(t)
		b.visible = 0
		if err := r.Resolve(t.Context(), simBatch, 1, Resolution{By: "a person", Action: LookAgain}); err != nil {
			t.Fatal(err)
		}
		finish(t, b, r)
	})
	bubble(t, "adopt", func(t *testing.T) {
		b, _, r, _ := stuck(t)
		adopt := Resolution{By: "a person", Action: Adopt, MassPayment: b.payments[0].payment.Links.Self.Href}
		if err := r.Resolve(t.Context(), simBatch, 1, adopt); err != nil {
			t.Fatal(err)
		}
		finish(t, b, r)
	})
	for _, test := range []struct {
		name       string
		chunk      int
		resolution Resolution
		want       string
	}{
		{"nobody", 1, Resolution{Action: LookAgain}, "payout: a resolution needs the name of who decided"},
		{"no action", 1, Resolution{By: "a"}, `payout: unknown action ""`},
		{"an action of tomorrow", 1, Resolution{By: "a", Action: "pray"}, `payout: unknown action "pray"`},
		{"nothing to adopt", 1, Resolution{By: "a", Action: Adopt}, "payout: Resolution.MassPayment must be the URL of a mass payment"},
		{"a chunk that is not there", 2, Resolution{By: "a", Action: LookAgain}, "payout: the record is damaged at chunk/00000002: is missing"},
	} {
		bubble(t, test.name, func(t *testing.T) {
			b, s, r, held := stuck(t)
			err := r.Resolve(t.Context(), simBatch, test.chunk, test.resolution)
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
			if c := chunksOf(t, s)[0]; c.State != StateHeld || c.Key != held[0].Key || b.creates != 1 {
				t.Errorf("%d sent; the chunk is %+v", b.creates, c)
			}
		})
	}
}
