package payout

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A failingRecord is a Store of which one operation fails: a transaction that does not begin, or anything that is read
// or written in one. The simulator's disk fails when a transaction is committed; this one does before.
type failingRecord struct {
	Store
	failAt int // from 1

	mu sync.Mutex
	op int
}

func (s *failingRecord) next() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.op++; s.op == s.failAt {
		return errDisk
	}
	return nil
}

func (s *failingRecord) failed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.op >= s.failAt
}

func (s *failingRecord) Update(ctx context.Context, batch string, fn func(Tx) error) error {
	if err := s.next(); err != nil {
		return err
	}
	return s.Store.Update(ctx, batch, func(tx Tx) error { return fn(failingTx{tx, s}) })
}

func (s *failingRecord) View(ctx context.Context, batch string, fn func(Tx) error) error {
	if err := s.next(); err != nil {
		return err
	}
	return s.Store.View(ctx, batch, func(tx Tx) error { return fn(failingTx{tx, s}) })
}

type failingTx struct {
	Tx
	record *failingRecord
}

func (t failingTx) Get(key string) ([]byte, error) {
	if err := t.record.next(); err != nil {
		return nil, err
	}
	return t.Tx.Get(key)
}

func (t failingTx) Put(key string, value []byte) error {
	if err := t.record.next(); err != nil {
		return err
	}
	return t.Tx.Put(key, value)
}

func (t failingTx) Delete(key string) error {
	if err := t.record.next(); err != nil {
		return err
	}
	return t.Tx.Delete(key)
}

func (t failingTx) Scan(prefix string, visit func(key string, value []byte) error) error {
	if err := t.record.next(); err != nil {
		return err
	}
	return t.Tx.Scan(prefix, visit)
}

// An errand is something that a program does with a record, and does again when the record failed.
type errand struct {
	name  string
	plan  Plan
	given func(t *testing.T, b *bank, s Store) // what came before, with a record that works
	do    func(ctx context.Context, b *bank, s Store) error
	check func(t *testing.T, b *bank, s Store) // what it came to
}

const (
	errandRows  = 4
	errandRetry = "retry"
)

// prepareAndRun is the program of most errands.
func (e *errand) prepareAndRun(ctx context.Context, b *bank, s Store) error {
	e.plan.Source = simSource
	batch, err := Prepare(ctx, s, simBatch, inputOf(simRows(errandRows)), e.plan)
	if err != nil {
		return err
	}
	return runBatch(ctx, b, s, batch.ID)
}

// paidTwice are the rows that the batch and its retry paid more than once; notPaid are those that neither did.
func paidTwice(b *bank) (lines []int) {
	first, again := b.ledger(simBatch), b.ledger(errandRetry)
	for _, row := range simRows(errandRows) {
		if first[row.Line]+again[row.Line] > 1 {
			lines = append(lines, row.Line)
		}
	}
	return lines
}

func notPaid(b *bank) (lines []int) {
	first, again := b.ledger(simBatch), b.ledger(errandRetry)
	for _, row := range simRows(errandRows) {
		if first[row.Line]+again[row.Line] == 0 {
			lines = append(lines, row.Line)
		}
	}
	return lines
}

func everyRowIsPaid(t *testing.T, b *bank, _ Store) {
	t.Helper()
	if lines := notPaid(b); len(lines) > 0 {
		t.Errorf("lines %v are not paid", lines)
	}
}

func errands() []errand {
	run := errand{name: "a run", plan: Plan{ChunkRows: 3}, given: func(*testing.T, *bank, Store) {}, check: everyRowIsPaid}
	run.do = run.prepareAndRun

	over := errand{
		name: "a run of what another preparation left", plan: Plan{ChunkRows: 3}, do: run.do, check: everyRowIsPaid,
		given: func(t *testing.T, _ *bank, s Store) {
			rows := func(yield func(Row, error) bool) {
				_ = yield(simRows(1)[0], nil) && yield(simRows(2)[1], nil) && yield(Row{}, errKilled)
			}
			if _, err := Prepare(t.Context(), s, simBatch, rows, Plan{Source: simSource, ChunkRows: 1}); !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
		},
	}

	deferred := errand{plan: Plan{ChunkRows: 3, Deferred: true}}
	awaiting := func(t *testing.T, b *bank, s Store) {
		if err := deferred.prepareAndRun(t.Context(), b, s); err != nil || len(notPaid(b)) != errandRows {
			t.Fatalf("%v; %d rows are not paid", err, len(notPaid(b)))
		}
	}
	approve := errand{
		name: "an approval", given: awaiting, check: everyRowIsPaid,
		do: func(ctx context.Context, b *bank, s Store) error {
			return decideAndRun(ctx, b, s, func(r *Runner, batch *Batch) error { return r.Approve(ctx, batch.ID, batch.Amount()) })
		},
	}
	cancel := errand{
		name: "a cancellation", given: awaiting,
		do: func(ctx context.Context, b *bank, s Store) error {
			return decideAndRun(ctx, b, s, func(r *Runner, batch *Batch) error { return r.Cancel(ctx, batch.ID) })
		},
		check: func(t *testing.T, b *bank, s Store) {
			summary, err := Summarize(t.Context(), s, simBatch)
			if err != nil || summary.Totals.Cancelled.Rows != errandRows || len(notPaid(b)) != errandRows {
				t.Errorf("%+v, %v; %d rows are not paid", summary.Totals, err, len(notPaid(b)))
			}
		},
	}
	return []errand{run, over, approve, cancel, resolution(), recheck(), retry(), reports()}
}

// decideAndRun lets a person decide and carries that out.
func decideAndRun(ctx context.Context, b *bank, s Store, decide func(*Runner, *Batch) error) error {
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

// resolution is a person's decision about a chunk that was lost on its way.
func resolution() errand {
	e := errand{name: "a resolution", plan: Plan{ChunkRows: 3}}
	e.given = func(t *testing.T, b *bank, s Store) {
		b.outcome = func(n int) outcome {
			if n == 2 {
				return failsAndLocks
			}
			return succeeds
		}
		if held := heldOf(t, e.prepareAndRun(t.Context(), b, s)); len(held) != 1 || held[0].Number != 2 {
			t.Fatalf("held: %+v", held)
		}
	}
	e.do = func(ctx context.Context, b *bank, s Store) error {
		r, err := NewRunner(s, direct{b}, Options{})
		if err != nil {
			return err
		}
		return r.Resolve(ctx, simBatch, 2, Resolution{By: "a person", Action: SendAgain})
	}
	e.check = func(t *testing.T, b *bank, s Store) {
		if err := runBatch(t.Context(), b, s, simBatch); err != nil {
			t.Error(err)
		}
		everyRowIsPaid(t, b, s)
	}
	return e
}

// recheck has rows read again that Dwolla had not decided about.
func recheck() errand {
	e := errand{name: "a recheck", plan: Plan{ChunkRows: 3}}
	e.given = func(t *testing.T, b *bank, s Store) {
		mustPrepare(t, s, simRows(errandRows), e.plan)
		g := &listed{direct{b}, func(items []dwolla.MassPaymentItem) []dwolla.MassPaymentItem {
			items[0].Status = dwolla.MassPaymentItemStatusPending
			return items
		}}
		summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Pending.Rows != 2 {
			t.Fatalf("%+v, %v", summary.Totals, err)
		}
	}
	e.do = func(ctx context.Context, b *bank, s Store) error {
		return decideAndRun(ctx, b, s, func(r *Runner, _ *Batch) error { return r.Recheck(ctx, simBatch) })
	}
	e.check = func(t *testing.T, b *bank, s Store) {
		summary, err := Summarize(t.Context(), s, simBatch)
		if err != nil || summary.Totals.Paid.Rows != errandRows {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
		everyRowIsPaid(t, b, s)
	}
	return e
}

// retry pays in a second batch what failed in the first.
func retry() errand {
	e := errand{name: "a retry", plan: Plan{ChunkRows: 2}, check: everyRowIsPaid}
	e.given = func(t *testing.T, b *bank, s Store) {
		b.reject = map[int]bool{2: true, 4: true, 5: true}
		if err := e.prepareAndRun(t.Context(), b, s); err != nil || len(notPaid(b)) != 3 {
			t.Fatalf("%v; %d rows are not paid", err, len(notPaid(b)))
		}
		b.reject = nil
	}
	e.do = func(ctx context.Context, b *bank, s Store) error {
		batch, err := PrepareRetry(ctx, s, simBatch, errandRetry)
		if err != nil {
			return err
		}
		return runBatch(ctx, b, s, batch.ID)
	}
	return e
}

// reports are written in every form; what a record that failed left of them is not looked at.
func reports() errand {
	var want, got bytes.Buffer
	write := func(ctx context.Context, s Store, out *bytes.Buffer) error {
		out.Reset()
		report := OpenReport(s, simBatch)
		if err := report.WriteCSV(ctx, out); err != nil {
			return err
		}
		return report.WriteJSON(ctx, out)
	}
	e := errand{name: "a report", plan: Plan{ChunkRows: 3}}
	e.given = func(t *testing.T, b *bank, s Store) {
		if err := errors.Join(e.prepareAndRun(t.Context(), b, s), write(t.Context(), s, &want)); err != nil {
			t.Fatal(err)
		}
	}
	e.do = func(ctx context.Context, _ *bank, s Store) error { return write(ctx, s, &got) }
	e.check = func(t *testing.T, b *bank, s Store) {
		if !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("the report is %s, want %s", &got, &want)
		}
		everyRowIsPaid(t, b, s)
	}
	return e
}

func TestARecordThatFailsStopsEverythingAndNobodyIsPaidTwice(t *testing.T) {
	for _, e := range errands() {
		t.Run(e.name, func(t *testing.T) {
			for n, reached := 1, true; reached; n++ {
				synctest.Test(t, func(t *testing.T) { reached = e.failAt(t, n) })
			}
		})
	}
}

// failAt does the errand with a record that fails at its nth operation, and again with one that works.
func (e *errand) failAt(t *testing.T, n int) (reached bool) {
	b, s := newBank(), newMemStore()
	e.given(t, b, s)
	failing := &failingRecord{Store: s, failAt: n}
	err := e.do(t.Context(), b, failing)
	if reached = failing.failed(); reached != (err != nil) || reached && !errors.Is(err, errDisk) {
		t.Errorf("operation %d failed: %v; error %v", n, reached, err)
	}
	if lines := paidTwice(b); len(lines) > 0 {
		t.Errorf("operation %d: lines %v are paid twice", n, lines)
	}
	if reached {
		if err := e.do(t.Context(), b, s); err != nil {
			t.Errorf("after operation %d failed: %v", n, err)
		}
	}
	e.check(t, b, s)
	if lines := paidTwice(b); len(lines) > 0 {
		t.Errorf("after operation %d failed, lines %v are paid twice", n, lines)
	}
	return reached
}
