package payout

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/testkit"
)

var errOutage = fmt.Errorf("connection refused: %w", ErrStoreUnavailable)

// A failingStore is a Store of which one operation fails, or several in a row: the beginning of a transaction, or a read
// or a write in it. The simulator's disk fails at the commit.
type failingStore struct {
	Store
	failAt int   // from 1
	fails  int   // how many fail; 0 is one
	err    error // nil is errDisk

	mu sync.Mutex
	op int
}

func (s *failingStore) next() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.op++; s.op >= s.failAt && s.op < s.failAt+max(s.fails, 1) {
		return cmp.Or(s.err, errDisk)
	}
	return nil
}

// failNext lets the next operations fail.
func (s *failingStore) failNext(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failAt, s.fails = s.op+1, n
}

func (s *failingStore) failed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.op >= s.failAt
}

func (s *failingStore) Update(ctx context.Context, batch string, fn func(Tx) error) error {
	if err := s.next(); err != nil {
		return err
	}
	return s.Store.Update(ctx, batch, func(tx Tx) error { return fn(failingTx{tx, s}) })
}

func (s *failingStore) View(ctx context.Context, batch string, fn func(Tx) error) error {
	if err := s.next(); err != nil {
		return err
	}
	return s.Store.View(ctx, batch, func(tx Tx) error { return fn(failingTx{tx, s}) })
}

func (s *failingStore) Batches(ctx context.Context) ([]string, error) {
	if err := s.next(); err != nil {
		return nil, err
	}
	return s.Store.Batches(ctx)
}

type failingTx struct {
	Tx
	store *failingStore
}

func (t failingTx) Get(key string) ([]byte, error) {
	if err := t.store.next(); err != nil {
		return nil, err
	}
	return t.Tx.Get(key)
}

func (t failingTx) Put(key string, value []byte) error {
	if err := t.store.next(); err != nil {
		return err
	}
	return t.Tx.Put(key, value)
}

func (t failingTx) Delete(key string) error {
	if err := t.store.next(); err != nil {
		return err
	}
	return t.Tx.Delete(key)
}

func (t failingTx) Scan(prefix string, visit func(key string, value []byte) error) error {
	if err := t.store.next(); err != nil {
		return err
	}
	return t.Tx.Scan(prefix, visit)
}

// A scenario is what a program does with a record, and does again after the record failed.
type scenario struct {
	name  string
	plan  Plan
	given func(t *testing.T, b *fakeDwolla, s Store) // runs before, on a record that works
	do    func(ctx context.Context, b *fakeDwolla, s Store) error
	check func(t *testing.T, b *fakeDwolla, s Store) // checks the end
}

const (
	scenarioRows  = 4
	scenarioRetry = "retry"
)

// prepareAndRun is what most scenarios do.
func (sc *scenario) prepareAndRun(ctx context.Context, b *fakeDwolla, s Store) error {
	plan := sc.plan
	plan.Source = simSource
	batch, err := Prepare(ctx, s, simBatch, inputOf(simRows(scenarioRows)), plan)
	if err != nil {
		return err
	}
	return runBatch(ctx, b, s, batch.ID)
}

// paidTwice are the rows that the batch and its retry paid more than once; notPaid are those that neither did.
func paidTwice(b *fakeDwolla) (lines []int) {
	first, again := b.ledger(simBatch), b.ledger(scenarioRetry)
	for _, row := range simRows(scenarioRows) {
		if first[row.Line]+again[row.Line] > 1 {
			lines = append(lines, row.Line)
		}
	}
	return lines
}

func notPaid(b *fakeDwolla) (lines []int) {
	first, again := b.ledger(simBatch), b.ledger(scenarioRetry)
	for _, row := range simRows(scenarioRows) {
		if first[row.Line]+again[row.Line] == 0 {
			lines = append(lines, row.Line)
		}
	}
	return lines
}

func everyRowIsPaid(t *testing.T, b *fakeDwolla, _ Store) {
	t.Helper()
	if lines := notPaid(b); len(lines) > 0 {
		t.Errorf("lines %v are not paid", lines)
	}
}

func scenarios() []scenario {
	run := scenario{name: "a run", plan: Plan{ChunkRows: 3}, given: func(*testing.T, *fakeDwolla, Store) {}, check: everyRowIsPaid}
	run.do = run.prepareAndRun

	over := scenario{
		name: "a run of what another preparation left", plan: Plan{ChunkRows: 3}, do: run.do, check: everyRowIsPaid,
		given: func(t *testing.T, _ *fakeDwolla, s Store) {
			rows := func(yield func(Row, error) bool) {
				_ = yield(simRows(1)[0], nil) && yield(simRows(2)[1], nil) && yield(Row{}, errKilled)
			}
			if _, err := Prepare(t.Context(), s, simBatch, rows, Plan{Source: simSource, ChunkRows: 1}); !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
		},
	}

	deferred := scenario{plan: Plan{ChunkRows: 3, Deferred: true}}
	awaiting := func(t *testing.T, b *fakeDwolla, s Store) {
		if err := deferred.prepareAndRun(t.Context(), b, s); err != nil || len(notPaid(b)) != scenarioRows {
			t.Fatalf("%v; %d rows are not paid", err, len(notPaid(b)))
		}
	}
	approve := scenario{
		name: "an approval", given: awaiting, check: everyRowIsPaid,
		do: func(ctx context.Context, b *fakeDwolla, s Store) error {
			return decideAndRun(ctx, b, s, func(r *Runner, batch *Batch) error { return r.Approve(ctx, batch.ID, batch.Amount(), aPerson) })
		},
	}
	cancel := scenario{
		name: "a cancellation", given: awaiting,
		do: func(ctx context.Context, b *fakeDwolla, s Store) error {
			return decideAndRun(ctx, b, s, func(r *Runner, batch *Batch) error { return r.Cancel(ctx, batch.ID, aPerson) })
		},
		check: func(t *testing.T, b *fakeDwolla, s Store) {
			summary, err := Summarize(t.Context(), s, simBatch)
			if err != nil || summary.Totals.Cancelled.Rows != scenarioRows || len(notPaid(b)) != scenarioRows {
				t.Errorf("%+v, %v; %d rows are not paid", summary.Totals, err, len(notPaid(b)))
			}
		},
	}
	return []scenario{run, over, approve, cancel, resolution(), recheck(), retry(), reports()}
}

// decideAndRun takes a person's decision and runs the batch.
func decideAndRun(ctx context.Context, b *fakeDwolla, s Store, decide func(*Runner, *Batch) error) error {
	r, err := NewRunner(s, direct{b}, Options{})
	if err != nil {
		return err
	}
	batch, err := load(ctx, s, simBatch)
	if err != nil {
		return err
	}
	if err := decide(r, &batch); err != nil {
		return err
	}
	_, err = r.Run(ctx, simBatch)
	return err
}

// resolution is a person's decision about a held chunk.
func resolution() scenario {
	sc := scenario{name: "a resolution", plan: Plan{ChunkRows: 3}}
	sc.given = func(t *testing.T, b *fakeDwolla, s Store) {
		b.outcome = func(n int) outcome {
			if n == 2 {
				return failsAndLocks
			}
			return succeeds
		}
		if held := heldOf(t, sc.prepareAndRun(t.Context(), b, s)); len(held) != 1 || held[0].Number != 2 {
			t.Fatalf("held: %+v", held)
		}
	}
	sc.do = func(ctx context.Context, b *fakeDwolla, s Store) error {
		r, err := NewRunner(s, direct{b}, Options{})
		if err != nil {
			return err
		}
		return r.Resolve(ctx, simBatch, 2, Resolution{By: "a person", Action: SendAgain})
	}
	sc.check = func(t *testing.T, b *fakeDwolla, s Store) {
		if err := runBatch(t.Context(), b, s, simBatch); err != nil {
			t.Error(err)
		}
		everyRowIsPaid(t, b, s)
	}
	return sc
}

// recheck has items listed again that were pending.
func recheck() scenario {
	sc := scenario{name: "a recheck", plan: Plan{ChunkRows: 3}}
	sc.given = func(t *testing.T, b *fakeDwolla, s Store) {
		mustPrepare(t, s, simRows(scenarioRows), sc.plan)
		g := &listed{direct{b}, func(items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem {
			items[0].Status = dwolla.MassPaymentItemStatusPending
			return items
		}}
		summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
		if _, ok := errors.AsType[*UnsettledRowsError](err); !ok || summary.Totals.Pending.Rows != 2 {
			t.Fatalf("%+v, %v", summary.Totals, err)
		}
	}
	sc.do = func(ctx context.Context, b *fakeDwolla, s Store) error {
		return decideAndRun(ctx, b, s, func(r *Runner, _ *Batch) error { return r.Recheck(ctx, simBatch) })
	}
	sc.check = func(t *testing.T, b *fakeDwolla, s Store) {
		summary, err := Summarize(t.Context(), s, simBatch)
		if err != nil || summary.Totals.Paid.Rows != scenarioRows {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
		everyRowIsPaid(t, b, s)
	}
	return sc
}

// retry pays the failed rows in a second batch.
func retry() scenario {
	sc := scenario{name: "a retry", plan: Plan{ChunkRows: 2}, check: everyRowIsPaid}
	sc.given = func(t *testing.T, b *fakeDwolla, s Store) {
		b.reject = map[int]bool{2: true, 4: true, 5: true}
		if err := sc.prepareAndRun(t.Context(), b, s); err != nil || len(notPaid(b)) != 3 {
			t.Fatalf("%v; %d rows are not paid", err, len(notPaid(b)))
		}
		b.reject = nil
	}
	sc.do = func(ctx context.Context, b *fakeDwolla, s Store) error {
		r, err := NewRunner(s, direct{b}, Options{})
		if err != nil {
			return err
		}
		batch, err := r.PrepareRetry(ctx, simBatch, scenarioRetry, Retry{})
		if err != nil {
			return err
		}
		return runBatch(ctx, b, s, batch.ID)
	}
	return sc
}

// reports are written in every form. What was written before the record failed does not matter.
func reports() scenario {
	var want, got bytes.Buffer
	write := func(ctx context.Context, s Store, out *bytes.Buffer) error {
		out.Reset()
		report := OpenReport(s, simBatch)
		if err := report.WriteCSV(ctx, out); err != nil {
			return err
		}
		return report.WriteJSON(ctx, out)
	}
	sc := scenario{name: "a report", plan: Plan{ChunkRows: 3}}
	sc.given = func(t *testing.T, b *fakeDwolla, s Store) {
		if err := errors.Join(sc.prepareAndRun(t.Context(), b, s), write(t.Context(), s, &want)); err != nil {
			t.Fatal(err)
		}
	}
	sc.do = func(ctx context.Context, _ *fakeDwolla, s Store) error { return write(ctx, s, &got) }
	sc.check = func(t *testing.T, b *fakeDwolla, s Store) {
		if !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("the report is %s, want %s", &got, &want)
		}
		everyRowIsPaid(t, b, s)
	}
	return sc
}

func TestARecordThatFailsStopsEverythingAndNobodyIsPaidTwice(t *testing.T) {
	every := 1
	if testkit.Raced() {
		every = 8
	}
	for i, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			for n, reached := 1+i%every, true; reached; n += every {
				synctest.Test(t, func(t *testing.T) { reached = sc.failAt(t, n) })
			}
		})
	}
}

// failAt does the scenario with a record that fails at its nth operation, and again with one that works.
func (sc *scenario) failAt(t *testing.T, n int) (reached bool) {
	b, s := newFakeDwolla(), newMemStore()
	sc.given(t, b, s)
	failing := &failingStore{Store: s, failAt: n}
	err := sc.do(t.Context(), b, failing)
	if reached = failing.failed(); reached != (err != nil) || reached && !errors.Is(err, errDisk) {
		t.Errorf("operation %d failed: %v; error %v", n, reached, err)
	}
	if lines := paidTwice(b); len(lines) > 0 {
		t.Errorf("operation %d: lines %v are paid twice", n, lines)
	}
	if reached {
		if err := sc.do(t.Context(), b, s); err != nil {
			t.Errorf("after operation %d failed: %v", n, err)
		}
	}
	sc.check(t, b, s)
	if lines := paidTwice(b); len(lines) > 0 {
		t.Errorf("after operation %d failed, lines %v are paid twice", n, lines)
	}
	return reached
}
