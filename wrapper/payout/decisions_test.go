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
		b, r := approved(t, (*Runner).Cancel)
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
		b, r := approved(t, (*Runner).Pause)
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

// approved is a deferred batch of two chunks that is approved; between the look at it and the trigger of its first mass
// payment, a person decides something else.
func approved(t *testing.T, decide func(*Runner, context.Context, string, Decider) error) (*fakeDwolla, *Runner) {
	t.Helper()
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
		if err := decide(r, t.Context(), simBatch, aPerson); err != nil {
			t.Error(err)
		}
	}
	return b, r
}
