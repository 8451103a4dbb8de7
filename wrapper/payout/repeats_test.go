package payout

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// named gives rows correlation ids.
func named(rows []Row, name string) []Row {
	for i := range rows {
		rows[i].CorrelationID = fmt.Sprintf("%s-%d", name, i)
	}
	return rows
}

func TestFault328_WhatAnotherBatchHasPaidNeedsAWord(t *testing.T) {
	const first = simBatch
	for _, c := range []struct {
		name string
		edit func(b *fakeDwolla, s *memStore) // before the first batch runs
		run  bool
		rows []Row // of the second batch
		want int   // refused
	}{
		{"paid", nil, true, named(simRows(6), "wages"), 6},
		{"planned", nil, false, named(simRows(6), "wages"), 6},
		{"some of them", nil, true, append(named(simRows(2), "wages"), named(simRows(9), "bonus")[2:]...), 2},
		{"another correlation id", nil, true, named(simRows(6), "bonus"), 0},
		{"no correlation id", nil, true, simRows(6), 6},
		{"correlation ids in another case", nil, true, named(simRows(6), "WAGES"), 6},
		{"unknown", func(b *fakeDwolla, _ *memStore) { b.outcome = func(int) outcome { return failsAndLocks } }, true, named(simRows(6), "wages"), 6},
		{"all failed", func(b *fakeDwolla, _ *memStore) {
			for line := range 20 {
				b.reject[line] = true
			}
		}, true, named(simRows(6), "wages"), 0},
		{"some failed", func(b *fakeDwolla, _ *memStore) { b.reject[2], b.reject[4] = true, true }, true, named(simRows(6), "wages"), 4},
	} {
		bubble(t, c.name, func(t *testing.T) {
			b, s := newFakeDwolla(), newMemStore()
			mustPrepare(t, s, named(simRows(6), "wages"), Plan{ChunkRows: 4})
			if c.edit != nil {
				c.edit(b, s)
			}
			if c.run {
				if err := runBatch(t.Context(), b, s, first); err != nil && c.name != "unknown" {
					t.Fatal(err)
				}
			}
			plan := Plan{Source: simSource, ChunkRows: 5}
			_, err := Prepare(t.Context(), s, "again", inputOf(c.rows), plan)
			input, refused := errors.AsType[*InputError](err)
			if refused != (c.want > 0) || refused && (input.Count != c.want || input.Repeated != c.want) || !refused && err != nil {
				t.Fatalf("%v, want %d rows", err, c.want)
			}
			if refused && !strings.Contains(input.Rows[0].Reason, first) {
				t.Errorf("the reason does not name the batch: %s", input.Rows[0].Reason)
			}
			creates := b.creates
			if err := runBatch(t.Context(), b, s, "again"); refused && (!errors.Is(err, ErrNotReady) || b.creates != creates) {
				t.Errorf("a run of the second batch: %v, %d sent", err, b.creates-creates)
			}
			plan.AllowRepeated = true
			if _, err := Prepare(t.Context(), s, "again", inputOf(c.rows), plan); err != nil {
				t.Errorf("with a word: %v", err)
			}
		})
	}
}

func TestFault415_APaymentWithoutACorrelationIDMayBeOneWithAnyOther(t *testing.T) {
	s := newMemStore()
	mustPrepare(t, s, append(simRows(2), named(simRows(6), "wages")[2:]...), Plan{})
	rows := named(simRows(6), "other")
	rows[4].CorrelationID = ""
	_, err := Prepare(t.Context(), s, "again", inputOf(rows), Plan{Source: simSource})
	input, ok := errors.AsType[*InputError](err)
	if !ok || input.Repeated != 3 || input.Count != 3 { // the first two, which have no id on record, and the one that has none here
		t.Fatalf("%v", err)
	}
	for i, line := range []int{rows[0].Line, rows[1].Line, rows[4].Line} {
		if input.Rows[i].Line != line {
			t.Errorf("line %d is named in place of %d", input.Rows[i].Line, line)
		}
	}
}

// The retry pays to another bank, so that its own rows are not those of the input.
func TestFault440_WhatARetryPaysElsewhereIsNotPaidByAnotherBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.reject[2] = true
		mustPrepare(t, s, simRows(3), Plan{})
		r := mustRunner(t, s, direct{b}, Options{})
		if _, err := r.Run(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		elsewhere := func(row RowResult) (Row, bool) {
			row.Destination = simRows(20)[19].Destination
			return row.Row, true
		}
		retry, err := r.PrepareRetry(t.Context(), simBatch, "retry", Retry{Choose: elsewhere})
		if err != nil || retry.Rows != 1 {
			t.Fatalf("%+v, %v", retry, err)
		}
		_, err = Prepare(t.Context(), s, "again", inputOf(simRows(1)), Plan{Source: simSource})
		if input, ok := errors.AsType[*InputError](err); !ok || input.Repeated != 1 {
			t.Errorf("%v", err)
		}
		input, err := Inspect(t.Context(), inputOf(simRows(3)), Plan{Source: simSource})
		if err != nil {
			t.Fatal(err)
		}
		defer input.Close()
		if d, err := input.Compare(t.Context(), s, simBatch); err != nil || d.Unpaid.Rows != 0 || d.Same.Rows != 3 {
			t.Errorf("%+v, %v", d, err)
		}
		// The retry of a retry goes on.
		b.reject[2] = true
		if _, err := r.Run(t.Context(), "retry"); err != nil {
			t.Fatal(err)
		}
		if second, err := r.PrepareRetry(t.Context(), "retry", "second", Retry{}); err != nil || second.Rows != 1 {
			t.Errorf("%+v, %v", second, err)
		}
	})
}

func TestADamagedBatchIsNotTakenForOneThatPaidNothing(t *testing.T) {
	s := newMemStore()
	mustPrepare(t, s, simRows(3), Plan{})
	s.batches[simBatch][numbered(prefixRows, 1)][9]++
	_, err := Prepare(t.Context(), s, "again", inputOf(named(simRows(3), "other")), Plan{Source: simSource})
	if _, ok := errors.AsType[*CorruptError](err); !ok || !strings.Contains(err.Error(), simBatch) {
		t.Errorf("%v", err)
	}
}

func TestWithoutCorrelationIDsTheSamePaymentIsARepetition(t *testing.T) {
	s := newMemStore()
	mustPrepare(t, s, simRows(3), Plan{})
	_, err := Prepare(t.Context(), s, "again", inputOf(simRows(3)), Plan{Source: simSource})
	if input, ok := errors.AsType[*InputError](err); !ok || input.Repeated != 3 {
		t.Errorf("%v", err)
	}
}

func TestACancelledOrAbandonedBatchKeepsNothingFromBeingPaid(t *testing.T) {
	bubble(t, "cancelled", func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		r := mustRunner(t, s, direct{b}, Options{})
		if err := r.Cancel(t.Context(), simBatch, aPerson); err != nil {
			t.Fatal(err)
		}
		if _, err := Prepare(t.Context(), s, "again", inputOf(simRows(3)), Plan{Source: simSource}); err != nil {
			t.Errorf("before the cancellation is carried out: %v", err)
		}
		if _, err := r.Run(t.Context(), simBatch); err != nil {
			t.Fatal(err)
		}
		if _, err := Prepare(t.Context(), s, "third", inputOf(simRows(3)), Plan{Source: simSource}); err == nil {
			t.Error("the second batch may be paid")
		}
	})
	bubble(t, "a preparation that failed", func(t *testing.T) {
		s := newMemStore()
		broken := func(yield func(Row, error) bool) {
			for _, row := range simRows(3) {
				if !yield(row, nil) {
					return
				}
			}
			yield(Row{}, errDisk)
		}
		if _, err := Prepare(t.Context(), s, simBatch, broken, Plan{Source: simSource, ChunkRows: 1}); !errors.Is(err, errDisk) {
			t.Fatal(err)
		}
		if _, err := Prepare(t.Context(), s, "again", inputOf(simRows(3)), Plan{Source: simSource}); err != nil {
			t.Error(err)
		}
	})
}

// Two batches are prepared at once: not both are ready.
func TestTwoPreparationsAtOnceDoNotMissEachOther(t *testing.T) {
	for late := range 12 {
		synctest.Test(t, func(t *testing.T) {
			s := newMemStore()
			slow := func(yield func(Row, error) bool) {
				for _, row := range simRows(4) {
					time.Sleep(time.Second)
					if !yield(row, nil) {
						return
					}
				}
			}
			errs := make(chan error, 2)
			for i, id := range []string{"one", "two"} {
				go func() {
					time.Sleep(time.Duration(i*late) * 500 * time.Millisecond)
					_, err := Prepare(t.Context(), s, id, slow, Plan{Source: simSource, ChunkRows: 1})
					errs <- err
				}()
			}
			if a, b := <-errs, <-errs; a == nil && b == nil {
				t.Errorf("%d half seconds apart: both are ready", late)
			}
			// Whoever was refused can try again, unless the other is ready.
			_, one := Prepare(t.Context(), s, "one", slow, Plan{Source: simSource, ChunkRows: 1})
			_, two := Prepare(t.Context(), s, "two", slow, Plan{Source: simSource, ChunkRows: 1})
			if (one == nil) == (two == nil) {
				t.Errorf("%d half seconds apart: then %v and %v", late, one, two)
			}
		})
	}
}
