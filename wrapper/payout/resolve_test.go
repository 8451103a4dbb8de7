package payout

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

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
		{"nobody", 1, Resolution{Action: LookAgain}, "payout: a decision needs the name of who decided"},
		{"no action", 1, Resolution{By: "a"}, `payout: unknown action ""`},
		{"an action of tomorrow", 1, Resolution{By: "a", Action: "pray"}, `payout: unknown action "pray"`},
		{"nothing to adopt", 1, Resolution{By: "a", Action: Adopt}, "payout: Resolution.MassPayment must be the URL of a mass payment"},
		{"a chunk that is not there", 2, Resolution{By: "a", Action: LookAgain}, "payout: there is no chunk 2; the batch has 1 to 1"},
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

// twins is a batch of two chunks of which the second is held: Dwolla has it, and does not show it.
func twins(t *testing.T) (*fakeDwolla, *memStore, *Runner) {
	t.Helper()
	b, s := newFakeDwolla(), newMemStore()
	b.visible = 48 * time.Hour
	b.outcome = func(n int) outcome {
		if n == 2 {
			return commitsAndLocks
		}
		return succeeds
	}
	mustPrepare(t, s, simRows(6), Plan{ChunkRows: 3})
	r := mustRunner(t, s, direct{b}, Options{})
	_, err := r.Run(t.Context(), simBatch)
	if held := heldOf(t, err); len(held) != 1 || held[0].Number != 2 {
		t.Fatalf("held: %+v", held)
	}
	return b, s, r
}

func TestFault330_OnlyTheMassPaymentThatIsTheChunkIsAdopted(t *testing.T) {
	for name, wrong := range map[string]func(b *fakeDwolla) string{
		"that of another chunk": func(b *fakeDwolla) string { return b.payments[0].payment.Links.Self.Href },
		"one that is not there": func(b *fakeDwolla) string {
			return strings.Replace(b.payments[1].payment.Links.Self.Href, "0000002-", "0000009-", 1)
		},
		"one with another total": func(b *fakeDwolla) string {
			b.payments[1].payment.Total = dwolla.USDCents(1)
			return b.payments[1].payment.Links.Self.Href
		},
		"one with fewer items": func(b *fakeDwolla) string {
			b.payments[1].items = b.payments[1].items[1:]
			return b.payments[1].payment.Links.Self.Href
		},
		"one with another item": func(b *fakeDwolla) string {
			b.payments[1].items[1].Amount = dwolla.USDCents(7)
			return b.payments[1].payment.Links.Self.Href
		},
		"one of another source": func(b *fakeDwolla) string {
			b.payments[1].payment.Links.Source = dwolla.LinkTo[dwolla.FundingSource](someBanks + someBank)
			return b.payments[1].payment.Links.Self.Href
		},
		"one without correlation id and metadata": func(b *fakeDwolla) string {
			b.payments[1].payment.CorrelationID, b.payments[1].payment.Metadata = "", nil
			return b.payments[1].payment.Links.Self.Href
		},
	} {
		bubble(t, name, func(t *testing.T) {
			b, s, r := twins(t)
			adopt := Resolution{By: "a person", Action: Adopt, MassPayment: wrong(b)}
			if err := r.Resolve(t.Context(), simBatch, 2, adopt); err == nil {
				t.Error("it is adopted")
			}
			if c := chunksOf(t, s)[1]; c.State != StateHeld || c.MassPayment != "" {
				t.Errorf("the chunk is %s with %q", c.State, c.MassPayment)
			}
			if b, err := load(t.Context(), s, simBatch); err != nil || len(b.History) != 0 {
				t.Errorf("the history is %+v, %v", b.History, err)
			}
		})
	}
	bubble(t, "the right one", func(t *testing.T) {
		b, _, r := twins(t)
		p := &b.payments[1].payment
		p.Total, p.Metadata, p.CorrelationID = dwolla.USDCents(103+104+105), nil, strings.ToUpper(p.CorrelationID)
		adopt := Resolution{By: "a person", Action: Adopt, MassPayment: b.payments[1].payment.Links.Self.Href}
		if err := r.Resolve(t.Context(), simBatch, 2, adopt); err != nil {
			t.Fatal(err)
		}
		if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 6 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
}

func TestFault331_AnAdoptionCanBeTakenBack(t *testing.T) {
	for _, run := range []bool{false, true} {
		bubble(t, fmt.Sprint("after a run: ", run), func(t *testing.T) {
			b, s, r := twins(t)
			// There are two of it, and the person picks the one that was cancelled.
			b.commit(&dwolla.CreateMassPayment{CorrelationID: "sim-00002", Items: nil})
			twin := b.payments[2]
			twin.payment.Status, twin.items = dwolla.MassPaymentStatusCancelled, slices.Clone(b.payments[1].items)
			twin.payment.Total = b.payments[1].payment.Total
			for i := range twin.items {
				twin.items[i].Status = dwolla.MassPaymentItemStatusPending
			}
			right, wrong := b.payments[1].payment.Links.Self.Href, twin.payment.Links.Self.Href
			resolve := func(resolution Resolution) error {
				resolution.By = "a person"
				return r.Resolve(t.Context(), simBatch, 2, resolution)
			}
			if err := resolve(Resolution{Action: Reopen}); err == nil {
				t.Error("a chunk is reopened that was not adopted")
			}
			if err := resolve(Resolution{Action: Adopt, MassPayment: wrong}); err != nil {
				t.Fatal(err)
			}
			if run {
				if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Cancelled.Rows != 3 {
					t.Fatalf("%+v, %v", summary.Totals, err)
				}
			}
			if err := resolve(Resolution{Action: Reopen, Why: "the wrong one"}); err != nil {
				t.Fatal(err)
			}
			summary, err := Summarize(t.Context(), s, simBatch)
			if err != nil || len(summary.Held) != 1 || summary.Held[0].Hold.Reason != HoldReopened || summary.Totals.Unknown.Rows != 3 || summary.Totals.Cancelled.Rows != 0 {
				t.Errorf("%+v, %v", summary, err)
			}
			for i, result := range resultsOf(t, s) {
				if i >= 3 && result.Status != Unknown {
					t.Errorf("row %d is %s", i, result.Status)
				}
			}
			if err := resolve(Resolution{Action: Adopt, MassPayment: right}); err != nil {
				t.Fatal(err)
			}
			if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 6 {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
		})
	}
	bubble(t, "but not once its rows are retried", func(t *testing.T) {
		b, _, r := twins(t)
		b.reject[5] = true
		b.outcome = func(int) outcome { return succeeds }
		adopt := Resolution{By: "a person", Action: Adopt, MassPayment: b.payments[1].payment.Links.Self.Href}
		if err := r.Resolve(t.Context(), simBatch, 2, adopt); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Run(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		if _, err := r.PrepareRetry(t.Context(), simBatch, "again", Retry{}); err != nil {
			t.Fatal(err)
		}
		if err := r.Resolve(t.Context(), simBatch, 2, Resolution{By: "a person", Action: Reopen}); err == nil {
			t.Error("it is reopened")
		}
	})
}

// After an adoption that was taken back, "send again" is said of every mass payment that the person has seen.
func TestFault414_AfterAReopeningNothingIsTakenThatAPersonHasExcluded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		for range 2 {
			c := chunksOf(t, s)[0]
			b.commit(massPayment(&Batch{ID: simBatch, Plan: Plan{Source: simSource}}, &c, simRows(3)))
		}
		r := mustRunner(t, s, direct{b}, Options{})
		_, err := r.Run(t.Context(), simBatch)
		candidates := heldOf(t, err)[0].Hold.Candidates
		if len(candidates) != 2 {
			t.Fatalf("%q", candidates)
		}
		for _, resolution := range []Resolution{{Action: Adopt, MassPayment: candidates[0]}, {Action: Reopen}, {Action: SendAgain}} {
			resolution.By = "a person"
			if err := r.Resolve(t.Context(), simBatch, 1, resolution); err != nil {
				t.Fatal(err)
			}
			if resolution.Action == Reopen && !slices.Equal(chunksOf(t, s)[0].Hold.Candidates, candidates) {
				t.Errorf("reopened, the candidates are %q", chunksOf(t, s)[0].Hold.Candidates)
			}
		}
		if _, err := r.Run(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		if c := chunksOf(t, s)[0]; slices.Contains(candidates, c.MassPayment) || len(b.payments) != 3 {
			t.Errorf("the chunk is %s; %d mass payments", c.MassPayment, len(b.payments))
		}
	})
}

func TestADecisionAboutAChunkThatIsNotThereIsInvalid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, _, r := twins(t)
		for _, number := range []int{-1, 0, 3} {
			err := r.Resolve(t.Context(), simBatch, number, Resolution{By: "a person", Action: LookAgain})
			if !errors.Is(err, ErrInvalidDecision) || !strings.Contains(err.Error(), fmt.Sprint(number)) {
				t.Errorf("chunk %d: %v", number, err)
			}
		}
	})
}
