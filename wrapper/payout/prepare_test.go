package payout

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestCheckSaysWhatPrepareWould(t *testing.T) {
	gone, cancel := context.WithCancelCause(t.Context())
	cancel(errKilled)
	edited := func(edit func([]Row)) Input {
		rows := simRows(4)
		edit(rows)
		return inputOf(rows)
	}
	const most = "92233720368547758.07" // an int64 of cents
	for _, test := range []struct {
		name  string
		ctx   context.Context
		input Input
		want  string
	}{
		{"good rows", t.Context(), inputOf(simRows(4)), ""},
		{"no rows", t.Context(), inputOf(nil), ErrNoRows.Error()},
		{"a bad row", t.Context(), edited(func(r []Row) { r[2].Amount.Amount = "0" }), "payout: 1 problems in the input\nline 4: amount: "},
		{
			"a row twice", t.Context(), edited(func(r []Row) { r[3].Destination, r[3].Amount = r[1].Destination, r[1].Amount }),
			"payout: 1 problems in the input\nline 5: repeats line 3: ",
		},
		{
			"a destination that is no id", t.Context(), edited(func(r []Row) { r[0].Destination = "a b" }),
			"payout: 1 problems in the input\nline 2: destination: " + errNoID.Error(),
		},
		{
			"a destination that is no URL", t.Context(), edited(func(r []Row) { r[0].Destination = simSource + "%zz" }),
			"payout: 1 problems in the input\nline 2: destination: is no URL",
		},
		{
			"a row that was not read", t.Context(), seqOf(simRows(2), &RowError{Line: 9, Reason: "is not UTF-8"}),
			"payout: 1 problems in the input\nline 9: is not UTF-8",
		},
		{
			"lines that stand still", t.Context(), edited(func(r []Row) { r[1].Line = r[0].Line }),
			"payout: the input's lines do not ascend: 2 after 2",
		},
		{
			"more than can be counted", t.Context(), edited(func(r []Row) { r[0].Amount.Amount, r[1].Amount.Amount = most, "0.01" }),
			"payout: the input's total is too large",
		},
		{"an input that breaks off", t.Context(), seqOf(simRows(2), errDisk), errDisk.Error()},
		{"a caller who has gone", gone, inputOf(simRows(4)), errKilled.Error()},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := Plan{Source: simSource}
			tally, err := Check(test.ctx, test.input, plan)
			b, prepared := Prepare(test.ctx, newMemStore(), simBatch, test.input, plan)
			if fmt.Sprint(err) != fmt.Sprint(prepared) {
				t.Errorf("Check: %v; Prepare: %v", err, prepared)
			}
			if test.want == "" && (err != nil || tally != b.Tally || tally.Rows != 4) {
				t.Errorf("%+v, %v", tally, err)
			}
			if test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

func TestCheckNeedsNoSource(t *testing.T) {
	rows := simRows(2)
	rows[0].Destination = "https://api-sandbox.dwolla.com/funding-sources/x"
	rows[1].Destination = "707177c3-bf15-4e7e-b37c-55c3898d9bf4"
	if tally, err := Check(t.Context(), inputOf(rows), Plan{}); err != nil || tally.Rows != 2 {
		t.Errorf("%+v, %v", tally, err)
	}
	_, err := Check(t.Context(), inputOf(rows), Plan{Source: simSource})
	if input, ok := errors.AsType[*InputError](err); !ok || input.Count != 1 || input.Rows[0].Line != rows[0].Line {
		t.Errorf("with a source at another API: %v", err)
	}
	if _, err := Check(t.Context(), inputOf(rows), Plan{Source: "%zz"}); !errors.Is(err, errSource) {
		t.Errorf("with a source that is no URL: %v", err)
	}
}

func TestFault137_AnyNumberOfItemsIsSplitTheSameWayEachTime(t *testing.T) {
	for _, test := range []struct {
		rows, chunks int
		err          error
	}{{0, 0, ErrNoRows}, {1, 1, nil}, {5000, 1, nil}, {5001, 2, nil}, {12_000, 3, nil}} {
		t.Run(fmt.Sprintf("%d rows", test.rows), func(t *testing.T) {
			var seen [][]Chunk
			for range 2 {
				s := openTemp(t)
				b, err := Prepare(t.Context(), s, simBatch, inputOf(simRows(test.rows)), Plan{Source: simSource})
				if !errors.Is(err, test.err) {
					t.Fatalf("error %v, want %v", err, test.err)
				}
				if err != nil {
					return
				}
				if b.Rows != test.rows || b.Chunks != test.chunks {
					t.Errorf("%d rows in %d chunks", b.Rows, b.Chunks)
				}
				seen = append(seen, chunksOf(t, s))
			}
			for i := range seen[0] {
				a, b := seen[0][i], seen[1][i]
				if a.Digest != b.Digest || a.CorrelationID != b.CorrelationID || a.Tally != b.Tally {
					t.Errorf("chunk %d is split differently", i+1)
				}
				if a.Key != b.Key {
					t.Error("two records have different keys")
				}
			}
		})
	}
}

// interrupted is a store with an event right after its first View.
type interrupted struct {
	Store
	meanwhile func()
}

func (s *interrupted) View(ctx context.Context, batch string, fn func(Tx) error) error {
	err := s.Store.View(ctx, batch, fn)
	if do := s.meanwhile; do != nil {
		s.meanwhile = nil
		do()
	}
	return err
}

func TestABatchThatBecameReadyMeanwhileIsNotWrittenDownAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		var ready Batch
		slow := &interrupted{s, func() {
			ready = mustPrepare(t, s, simRows(4), Plan{ChunkRows: 2})
			if err := runBatch(t.Context(), b, s, simBatch); err != nil {
				t.Error(err)
			}
		}}
		_, err := Prepare(t.Context(), slow, simBatch, inputOf(simRows(4)), Plan{Source: simSource, ChunkRows: 2})
		if !errors.Is(err, ErrPreparedElsewhere) {
			t.Errorf("error %v", err)
		}
		summary, err := Summarize(t.Context(), s, simBatch)
		if err != nil || summary.Totals.Paid.Rows != 4 || summary.Batch.Preparation != ready.Preparation || b.creates != 2 {
			t.Errorf("%+v, %v; %d sent", summary, err, b.creates)
		}
	})
}

// Three workers prepare a batch whose input takes 20 s to read, and are started again when they fail.
func TestFault329_WorkersThatAllPrepareABatchComeToAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, start := newMemStore(), time.Now()
		slow := func(yield func(Row, error) bool) {
			for i, row := range simRows(60) {
				if i%3 == 0 {
					time.Sleep(time.Second)
				}
				if !yield(row, nil) {
					return
				}
			}
		}
		var all sync.WaitGroup
		for w := range 3 {
			all.Go(func() {
				time.Sleep(time.Duration(w) * 2 * time.Second)
				for time.Since(start) < time.Hour {
					began := time.Now()
					b, err := Prepare(t.Context(), s, simBatch, slow, Plan{Source: simSource, ChunkRows: 3})
					if err == nil && b.Rows == 60 {
						break
					}
					if waited := time.Since(began); !errors.Is(err, ErrPreparedElsewhere) || waited > 0 {
						t.Errorf("%v after %v", err, waited)
					}
					time.Sleep(5 * time.Second)
				}
			})
		}
		all.Wait()
		if took := time.Since(start); took > time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}

func TestAPreparationThatDiedIsTakenOver(t *testing.T) {
	for _, slow := range []time.Duration{0, 30 * time.Second, 3 * time.Minute} { // a row
		bubble(t, slow.String(), func(t *testing.T) {
			s := newMemStore()
			ctx, die := context.WithCancelCause(t.Context())
			p := &process{world: &world{killAt: 3}, die: die} // begin, a chunk, and dead
			if _, err := Prepare(ctx, processStore{s, p}, simBatch, inputOf(simRows(9)), Plan{Source: simSource, ChunkRows: 2}); !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			input := func(yield func(Row, error) bool) {
				for _, row := range simRows(9) {
					time.Sleep(slow)
					if !yield(row, nil) {
						return
					}
				}
			}
			if _, err := Prepare(t.Context(), s, simBatch, input, Plan{Source: simSource}); !errors.Is(err, ErrPreparedElsewhere) {
				t.Errorf("at once: %v", err)
			}
			time.Sleep(time.Minute + time.Second)
			if b, err := Prepare(t.Context(), s, simBatch, input, Plan{Source: simSource}); err != nil || b.Rows != 9 {
				t.Errorf("%+v, %v", b, err)
			}
		})
	}
}

func TestAPreparationThatFailsKeepsNobodyWaiting(t *testing.T) {
	s := newMemStore()
	if _, err := Prepare(t.Context(), s, simBatch, seqOf(simRows(4), errDisk), Plan{Source: simSource, ChunkRows: 2}); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	mustPrepare(t, s, simRows(4), Plan{})
}
