package payout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
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
	err := r.Approve(t.Context(), simBatch, batch.Amount(), aPerson)
	if err == nil || err.Error() != "payout: the batch is not deferred" {
		t.Errorf("error %v", err)
	}
	if err := r.Approve(t.Context(), "another", batch.Amount(), aPerson); !errors.Is(err, ErrNotFound) {
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
		if err := r.Approve(t.Context(), simBatch, dwolla.USDCents(b.Cents+1), aPerson); err == nil {
			t.Error("another total is approved")
		}
		for range 2 { // twice is once
			if err := r.Approve(t.Context(), simBatch, b.Amount(), aPerson); err != nil {
				t.Fatal(err)
			}
		}
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 9 || len(server.Ledger()) != 9 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
	bubble("cancelled", func(t *testing.T) {
		server, _, r, b := deferred(t)
		if err := r.Cancel(t.Context(), simBatch, aPerson); err != nil {
			t.Fatal(err)
		}
		if err := r.Approve(t.Context(), simBatch, b.Amount(), aPerson); !errors.Is(err, ErrDecided) {
			t.Errorf("approved after it was cancelled: %v", err)
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
		if err := r.Approve(t.Context(), simBatch, b.Amount(), aPerson); err != nil {
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
		if err := r.Approve(t.Context(), simBatch, b.Amount(), aPerson); err != nil {
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
		if err := r.Cancel(t.Context(), simBatch, aPerson); err != nil {
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

func TestFault318_AfterCancelHasReturnedNothingIsSentForTheFirstTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(12), Plan{ChunkRows: 3})
		var r *Runner
		cancelled := false
		g := &hooked{direct: direct{b}}
		g.beforeFind = func(correlationID string) {
			if strings.HasSuffix(correlationID, "00002") && !cancelled { // while a worker looks it up
				if err := r.Cancel(t.Context(), simBatch, aPerson); err != nil {
					t.Error(err)
				}
				cancelled = true
				time.Sleep(2 * time.Minute)
			}
		}
		g.beforeCreate = func(correlationID string) {
			if cancelled {
				t.Errorf("%s is sent", correlationID)
			}
		}
		r = mustRunner(t, s, g, Options{})
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 3 || summary.Totals.Cancelled.Rows != 9 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
		if paid := len(b.ledger(simBatch)); paid != summary.Totals.Paid.Rows {
			t.Errorf("%d rows are paid, the report has %d", paid, summary.Totals.Paid.Rows)
		}
	})
}

func TestFault319_NotMoreThanMaxOpenAreOpenWithAnyNumberOfWorkers(t *testing.T) {
	for _, most := range []int{1, 3} {
		bubble(t, fmt.Sprint(most), func(t *testing.T) {
			b, s := newFakeDwolla(), newMemStore()
			b.itemTime = time.Second
			mustPrepare(t, s, simRows(80), Plan{ChunkRows: 5})
			g := &hooked{direct: direct{b}}
			sending, looks := 0, 0
			var mu sync.Mutex
			g.beforeFind = func(string) {
				mu.Lock()
				looks++
				mu.Unlock()
				time.Sleep(100 * time.Millisecond)
			}
			g.beforeCreate = func(string) {
				mu.Lock()
				sending++
				mu.Unlock()
				time.Sleep(200 * time.Millisecond)
				mu.Lock()
				defer mu.Unlock()
				if open := b.open() + sending; open > most {
					t.Errorf("%d mass payments are open", open)
				}
				sending--
			}
			other := mustRunner(t, s, g, Options{Concurrency: 4, MaxOpen: most})
			done := make(chan error)
			go func() {
				_, err := other.Run(t.Context(), simBatch)
				done <- err
			}()
			summary, err := mustRunner(t, s, g, Options{Concurrency: 4, MaxOpen: most}).Run(t.Context(), simBatch)
			err = errors.Join(err, <-done)
			if err != nil || summary.Totals.Paid.Rows != 80 {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
			if looks > 2*16 { // each machine may have looked up the one that the other sends
				t.Errorf("16 chunks were looked up %d times", looks)
			}
		})
	}
}

func TestFault320_WhileAnOutcomeIsUnknownNoWorkerSendsAnotherChunk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.outcome = func(n int) outcome {
			if n == 1 {
				return failsAndLocks
			}
			return succeeds
		}
		mustPrepare(t, s, simRows(24), Plan{ChunkRows: 3})
		g := &hooked{direct: direct{b}}
		g.beforeFind = func(correlationID string) {
			time.Sleep(time.Second)
			if !strings.HasSuffix(correlationID, "00001") {
				time.Sleep(30 * time.Second)
			}
		}
		first := ""
		var mu sync.Mutex
		g.beforeCreate = func(correlationID string) {
			mu.Lock()
			defer mu.Unlock()
			if first == "" {
				first = correlationID
			} else if correlationID != first {
				t.Errorf("%s is sent while the outcome of %s is not known", correlationID, first)
			}
		}
		_, err := mustRunner(t, s, g, Options{Concurrency: 4}).Run(t.Context(), simBatch)
		if held := heldOf(t, err); len(held) != 1 || first == "" {
			t.Errorf("%d held", len(held))
		}
	})
}

// A deferred mass payment moves money when it is triggered, which is the first time for that.
func TestFault321_AfterCancelHasReturnedNoDeferredMassPaymentIsTriggered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		batch := mustPrepare(t, s, simRows(6), Plan{ChunkRows: 3, Deferred: true})
		g := &hooked{direct: direct{b}}
		r := mustRunner(t, s, g, Options{})
		if _, err := r.Run(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		if err := r.Approve(t.Context(), simBatch, batch.Amount(), aPerson); err != nil {
			t.Fatal(err)
		}
		g.beforeGet = func(string) {
			g.beforeGet = nil
			if err := r.Cancel(t.Context(), simBatch, aPerson); err != nil {
				t.Error(err)
			}
		}
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Cancelled.Rows != 6 || len(b.ledger(simBatch)) != 0 {
			t.Errorf("%+v, %v; %d rows are paid", summary.Totals, err, len(b.ledger(simBatch)))
		}
	})
}

func TestAPausedBatchSendsNothingUntilItIsResumed(t *testing.T) {
	bubble(t, "chunks that were not sent", func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.itemTime = time.Second
		mustPrepare(t, s, simRows(12), Plan{ChunkRows: 3})
		var r *Runner
		g := &hooked{direct: direct{b}}
		g.beforeFind = func(correlationID string) {
			if strings.HasSuffix(correlationID, "00003") {
				g.beforeFind = nil
				if err := r.Pause(t.Context(), simBatch, aPerson); err != nil {
					t.Error(err)
				}
			}
		}
		r = mustRunner(t, s, g, Options{})
		for range 2 { // a second run sends no more
			summary, err := r.Run(t.Context(), simBatch)
			if err != nil || !summary.Batch.Paused || summary.Done() || summary.Totals.Paid.Rows != 6 || b.creates != 2 {
				t.Fatalf("%+v, %d sent, %v", summary.Totals, b.creates, err)
			}
		}
		if err := r.Resume(t.Context(), simBatch, aPerson); err != nil {
			t.Fatal(err)
		}
		if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 12 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
	bubble(t, "a chunk whose outcome is unknown", func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.outcome = func(n int) outcome {
			if n == 1 {
				return dropsBefore
			}
			return succeeds
		}
		mustPrepare(t, s, simRows(6), Plan{ChunkRows: 3})
		var r *Runner
		g := &hooked{direct: direct{b}}
		g.beforeCreate = func(string) {
			g.beforeCreate = nil
			if err := r.Pause(t.Context(), simBatch, aPerson); err != nil {
				t.Error(err)
			}
		}
		r = mustRunner(t, s, g, Options{})
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || b.creates != 1 || summary.Chunks[StateUnknown] != 1 {
			t.Fatalf("%v, %d sent, %v", summary.Chunks, b.creates, err)
		}
		if err := r.Resume(t.Context(), simBatch, aPerson); err != nil {
			t.Fatal(err)
		}
		if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 6 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
		paidOnce(t, b, 6)
	})
	bubble(t, "an approved batch that is deferred", func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		batch := mustPrepare(t, s, simRows(6), Plan{ChunkRows: 3, Deferred: true})
		g := &hooked{direct: direct{b}}
		r := mustRunner(t, s, g, Options{})
		if _, err := r.Run(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		if err := r.Approve(t.Context(), simBatch, batch.Amount(), aPerson); err != nil {
			t.Fatal(err)
		}
		g.beforeGet = func(string) {
			g.beforeGet = nil
			if err := r.Pause(t.Context(), simBatch, aPerson); err != nil {
				t.Error(err)
			}
		}
		if _, err := r.Run(t.Context(), simBatch); err != nil || len(b.ledger(simBatch)) != 0 {
			t.Errorf("%d rows are paid, %v", len(b.ledger(simBatch)), err)
		}
		if err := r.Resume(t.Context(), simBatch, aPerson); err != nil {
			t.Fatal(err)
		}
		if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 6 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
}

func TestTheRecordShowsWhoDecidedWhatWhenAndWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.outcome = func(n int) outcome {
			if n == 1 {
				return failsAndLocks
			}
			return succeeds
		}
		batch := mustPrepare(t, s, simRows(3), Plan{Deferred: true})
		r := mustRunner(t, s, direct{b}, Options{})
		_, err := r.Run(t.Context(), simBatch)
		heldOf(t, err)
		ctx, start := t.Context(), time.Now()
		for i, decide := range []func() error{
			func() error { return r.Pause(ctx, simBatch, Decider{"Ada", "a wrong total"}) },
			func() error { return r.Pause(ctx, simBatch, Decider{"Bob", "changes nothing"}) },
			func() error { return r.Resume(ctx, simBatch, Decider{By: "Ada"}) },
			func() error {
				return r.Resolve(ctx, simBatch, 1, Resolution{By: "Cy", Why: "asked Dwolla", Action: SendAgain})
			},
			func() error { return r.Approve(ctx, simBatch, batch.Amount(), Decider{"Dee", "checked"}) },
			func() error { return r.Cancel(ctx, simBatch, Decider{"Eve", "wrong month"}) },
		} {
			if err := decide(); err != nil {
				t.Fatalf("decision %d: %v", i, err)
			}
			time.Sleep(time.Minute)
		}
		at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute).UTC() }
		want := []Decided{
			{"paused", 0, "Ada", "a wrong total", at(0)},
			{"resumed", 0, "Ada", "", at(2)},
			{"send again", 1, "Cy", "asked Dwolla", at(3)},
			{"approved", 0, "Dee", "checked", at(4)},
			{"cancelled", 0, "Eve", "wrong month", at(5)},
		}
		summary, err := Summarize(ctx, s, simBatch)
		same := func(a, b Decided) bool {
			return a.What == b.What && a.Chunk == b.Chunk && a.By == b.By && a.Why == b.Why && a.At.Equal(b.At)
		}
		if err != nil || !slices.EqualFunc(summary.Batch.History, want, same) {
			t.Errorf("the history is %+v, %v", summary.Batch.History, err)
		}
		for name, err := range map[string]error{
			"approve": r.Approve(ctx, simBatch, batch.Amount(), Decider{Why: "x"}), "cancel": r.Cancel(ctx, simBatch, Decider{}),
			"pause": r.Pause(ctx, simBatch, Decider{}), "resume": r.Resume(ctx, simBatch, Decider{}),
		} {
			if err == nil || err.Error() != "payout: a decision needs the name of who decided" {
				t.Errorf("%s by nobody: %v", name, err)
			}
		}
	})
}

// Dwolla shows what the first record sent; the second did not send it, and does not say that it was not paid.
func TestACancelledChunkIsLookedUpBeforeItsRowsCountAsNotPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, lost, s := newFakeDwolla(), newMemStore(), newMemStore()
		mustPrepare(t, lost, simRows(3), Plan{})
		if err := runBatch(t.Context(), b, lost, simBatch); err != nil {
			t.Fatal(err)
		}
		mustPrepare(t, s, simRows(3), Plan{})
		r := mustRunner(t, s, direct{b}, Options{})
		if err := r.Cancel(t.Context(), simBatch, aPerson); err != nil {
			t.Fatal(err)
		}
		if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 3 || b.creates != 1 {
			t.Errorf("%+v, %d sent, %v", summary.Totals, b.creates, err)
		}
	})
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
		b.payments[1].payment.Total, b.payments[1].payment.Metadata = dwolla.USDCents(103+104+105), nil
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
func TestFault821_AfterAReopeningNothingIsTakenThatAPersonHasExcluded(t *testing.T) {
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
