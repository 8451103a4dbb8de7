package payout

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestARetryNeedsABatchThatIsDoneAndAnIDOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		refused := func(name, of, id, want string) {
			t.Helper()
			if _, err := mustRunner(t, s, direct{b}, Options{}).PrepareRetry(t.Context(), of, id, Retry{}); err == nil || err.Error() != want {
				t.Errorf("%s: error %v, want %s", name, err, want)
			}
			if len(s.batches) != 1 {
				t.Errorf("%s: %d batches on record", name, len(s.batches))
			}
		}
		refused("itself", simBatch, simBatch, "payout: a retry needs an id of its own")
		refused("a batch that is not there", "another", "again", ErrNotFound.Error())
		refused("a batch that did not run", simBatch, "again", ErrUnsettled.Error())
		if err := runBatch(t.Context(), b, s, simBatch); err != nil {
			t.Fatal(err)
		}
		refused("a batch that was paid", simBatch, "again", ErrNothingFailed.Error())
	})
}

func TestFault147_OnlyConfirmedFailuresAreRetriedAndOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.reject[4], b.reject[8] = true, true
		mustPrepare(t, s, simRows(10), Plan{})
		// One item stays pending and one is never listed.
		g := &listed{direct{b}, func(items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem {
			items[0].Status = dwolla.MassPaymentItemStatusPending
			return items[:9]
		}}
		r := mustRunner(t, s, g, Options{})
		summary, err := r.Run(t.Context(), simBatch)
		if _, ok := errors.AsType[*UnsettledRowsError](err); !ok {
			t.Fatal(err)
		}
		got := summary.Totals
		if got.Paid.Rows != 6 || got.Failed.Rows != 2 || got.Pending.Rows != 1 || got.Unknown.Rows != 1 {
			t.Errorf("totals %+v", got)
		}
		retry, err := r.PrepareRetry(t.Context(), simBatch, "again", Retry{})
		if err != nil || retry.Rows != 2 || retry.RetryOf != simBatch {
			t.Fatalf("%+v, %v", retry, err)
		}
		if same, err := r.PrepareRetry(t.Context(), simBatch, "again", Retry{}); err != nil || same.Preparation != retry.Preparation {
			t.Errorf("the same retry: %v", err)
		}
		_, err = r.PrepareRetry(t.Context(), simBatch, "third", Retry{})
		if by, ok := errors.AsType[*RetriedError](err); !ok || by.By != "again" {
			t.Errorf("a second retry: %v", err)
		}
		// Recheck settles what was pending.
		g.edit = func(items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem { return items }
		if err := r.Recheck(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		summary, err = r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 8 || summary.Totals.Failed.Rows != 2 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
	t.Run("an unfinished batch is not retried", func(t *testing.T) {
		s := newMemStore()
		mustPrepare(t, s, simRows(10), Plan{})
		if _, err := mustRunner(t, s, direct{newFakeDwolla()}, Options{}).PrepareRetry(t.Context(), simBatch, "again", Retry{}); !errors.Is(err, ErrUnsettled) {
			t.Errorf("%v", err)
		}
	})
}

func TestFault142_KilledAnywhereARunAndItsRetryPayEachRowOnce(t *testing.T) {
	build := func() *world {
		w := newWorld(12, 6)
		w.dwolla.reject[3], w.dwolla.reject[9] = true, true
		w.dwolla.outcome = func(n int) outcome {
			if n == 2 {
				return commitsAndDrops
			}
			return succeeds
		}
		return w
	}
	for n := 1; ; n++ {
		killed := 0
		for _, end := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				w := build()
				w.killAt, w.killEnd = n, end
				if err := errors.Join(w.play(), w.playRetry()); err != nil {
					t.Errorf("killed at %d (after: %v): %v", n, end, err)
				}
				if w.op >= n {
					killed++
				}
			})
		}
		if killed == 0 {
			t.Logf("%d boundaries", n-1)
			return
		}
	}
}

// playRetry pays the failed rows in a second batch, whose requests no longer fail, and is killed where the world says.
func (w *world) playRetry() error {
	w.dwolla.mu.Lock()
	w.dwolla.reject = map[int]bool{}
	w.dwolla.mu.Unlock()
	for range 10 {
		ctx, die := context.WithCancelCause(context.Background())
		p := &process{world: w, die: die}
		store := processStore{w.store, p}
		r, err := NewRunner(store, processGateway{direct{w.dwolla}, w.dwolla, p}, Options{})
		if err != nil {
			return err
		}
		b, err := r.PrepareRetry(ctx, simBatch, "retry", Retry{})
		if err == nil {
			_, err = r.Run(ctx, b.ID)
		}
		die(nil)
		if errors.Is(err, errKilled) {
			if err := w.store.Update(context.Background(), "retry", dropLeases); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		first, again := w.dwolla.ledger(simBatch), w.dwolla.ledger("retry")
		for _, row := range w.rows {
			if first[row.Line]+again[row.Line] != 1 {
				return fmt.Errorf("line %d paid %d times and in the retry %d times", row.Line, first[row.Line], again[row.Line])
			}
		}
		return nil
	}
	return errors.New("the retry is stuck")
}

func TestFault332_ARetryThatCannotBePreparedIsNotLinked(t *testing.T) {
	for name, id := range map[string]string{
		"a space": "with space", "too long": strings.Repeat("x", 201), "empty": "", "another batch": "payroll", "a batch in preparation": "half",
	} {
		bubble(t, name, func(t *testing.T) {
			b, s := newFakeDwolla(), newMemStore()
			b.reject[2] = true
			mustPrepare(t, s, simRows(3), Plan{})
			other := named(simRows(8), "payroll")[3:]
			if _, err := Prepare(t.Context(), s, "payroll", inputOf(other), Plan{Source: simSource}); err != nil {
				t.Fatal(err)
			}
			if _, err := Prepare(t.Context(), s, "half", seqOf(other, errDisk), Plan{Source: simSource, ChunkRows: 1}); !errors.Is(err, errDisk) {
				t.Fatal(err)
			}
			r := mustRunner(t, s, direct{b}, Options{})
			if _, err := r.Run(t.Context(), simBatch); err != nil {
				t.Fatal(err)
			}
			if _, err := r.PrepareRetry(t.Context(), simBatch, id, Retry{}); err == nil {
				t.Error("it is prepared")
			}
			if retry, err := r.PrepareRetry(t.Context(), simBatch, "a-good-id", Retry{}); err != nil || retry.Rows != 1 {
				t.Errorf("then under a good id: %d rows, %v", retry.Rows, err)
			}
		})
	}
}

// The failed row was paid by another batch meanwhile.
func TestARetryOfWhatWasPaidElsewhereIsNotLinked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.reject[2] = true
		rows := named(simRows(3), "wages")
		mustPrepare(t, s, rows, Plan{})
		r := mustRunner(t, s, direct{b}, Options{})
		if _, err := r.Run(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		if _, err := Prepare(t.Context(), s, "by hand", inputOf(rows[:1]), Plan{Source: simSource}); err == nil {
			t.Fatal("a batch with a space in its id")
		}
		if _, err := Prepare(t.Context(), s, "by-hand", inputOf(rows[:1]), Plan{Source: simSource}); err != nil {
			t.Fatal(err)
		}
		_, err := r.PrepareRetry(t.Context(), simBatch, "again", Retry{})
		if input, ok := errors.AsType[*InputError](err); !ok || input.Repeated != 1 {
			t.Errorf("%v", err)
		}
		if known, err := load(t.Context(), s, simBatch); err != nil || len(known.Retries) > 0 {
			t.Errorf("it is linked to %q, %v", known.Retries, err)
		}
	})
}
