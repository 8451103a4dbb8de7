package payout

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// Each rule of the package's documentation, alone: the simulator shows that they hold together, and several of them
// guard the same door.

// scripted answers the nth request that creates something as the test says, over a bank whose look-ups see nothing for
// a while.
type scripted struct {
	direct
	calls  int
	keys   []string
	answer func(n int) error // nil: what the bank says
	before func(body *dwolla.CreateMassPayment)
}

func (g *scripted) Create(ctx context.Context, key string, body *dwolla.CreateMassPayment) (string, error) {
	g.calls++
	g.keys = append(g.keys, key)
	if g.before != nil {
		g.before(body)
	}
	if err := g.answer(g.calls); err != nil {
		return "", err
	}
	return g.direct.Create(ctx, key, body)
}

func bubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

func nothing(int) error { return nil }

// heldOf gives the chunks that a run ended with in a person's hands.
func heldOf(t *testing.T, err error) []Chunk {
	t.Helper()
	held, ok := errors.AsType[*HeldError](err)
	if !ok {
		t.Fatalf("not held: %v", err)
	}
	return held.Chunks
}

func TestWhatIsSentIsOnRecordBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemStore()
		mustPrepare(t, s, simRows(6), Plan{ChunkRows: 3})
		g := &scripted{direct: direct{newBank()}, answer: nothing}
		g.before = func(body *dwolla.CreateMassPayment) {
			sum, err := bodySum(body)
			c := chunksOf(t, s)[g.calls-1]
			if err != nil || c.State != StateSending || c.Sends != 1 || c.FirstSent.IsZero() || c.BodySHA256 != sum ||
				c.Key != g.keys[g.calls-1] || c.CorrelationID != body.CorrelationID {
				t.Errorf("on record when chunk %d is sent: %+v", g.calls, c)
			}
		}
		if _, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch); err != nil || g.calls != 2 {
			t.Errorf("%d requests, %v", g.calls, err)
		}
	})
}

func TestAfterAnUnknownOutcomeNoOtherAnswerSaysThatNothingWasDone(t *testing.T) {
	for name, answer := range map[string]error{
		"a refusal":       simError(dwolla.OutcomeRejected, 400, "ValidationError"),
		"a rate limit":    simError(dwolla.OutcomeRateLimited, 429, "TooManyRequests"),
		"not even a line": simError(dwolla.OutcomeNotSent, 0, ""),
	} {
		bubble(t, name, func(t *testing.T) {
			b, s := newBank(), newMemStore()
			b.visible = 10 * time.Minute
			b.outcome = func(int) outcome { return commitsAndDrops }
			mustPrepare(t, s, simRows(3), Plan{})
			var states []State
			g := &scripted{direct: direct{b}, answer: func(n int) error {
				if n > 1 {
					return answer
				}
				return nil
			}}
			r := mustRunner(t, s, g, Options{Progress: func(e Event) { states = append(states, e.State) }})
			summary, err := r.Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Paid.Rows != 3 {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
			if slices.Contains(states, StatePlanned) || slices.Contains(states, StateRejected) || g.calls < 2 {
				t.Errorf("%d requests, states %v", g.calls, states)
			}
			if slices.ContainsFunc(g.keys, func(key string) bool { return key != g.keys[0] }) {
				t.Error("another key was used")
			}
		})
	}
}

func TestAnUnknownOutcomeKeepsEverythingElseBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newBank(), newMemStore()
		b.outcome = func(n int) outcome {
			if n == 2 {
				return failsAndLocks
			}
			return succeeds
		}
		mustPrepare(t, s, simRows(12), Plan{ChunkRows: 3})
		g := &scripted{direct: direct{b}, answer: nothing}
		r := mustRunner(t, s, g, Options{Concurrency: 1})
		summary, err := r.Run(t.Context(), simBatch)
		held := heldOf(t, err)
		if len(held) != 1 || held[0].Number != 2 || held[0].Hold.Reason != HoldAbsent || summary.Chunks[StatePlanned] != 2 || len(b.payments) != 1 {
			t.Fatalf("%+v, %d mass payments", summary.Chunks, len(b.payments))
		}
		if err := r.Resolve(t.Context(), simBatch, 2, Resolution{Action: SendAgain}); err == nil {
			t.Error("resolved by nobody")
		}
		if err := r.Resolve(t.Context(), simBatch, 3, Resolution{By: "a", Action: SendAgain}); err == nil {
			t.Error("a chunk that is not held is resolved")
		}
		if err := r.Resolve(t.Context(), simBatch, 2, Resolution{By: "a person", Action: SendAgain}); err != nil {
			t.Fatal(err)
		}
		if summary, err = r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 12 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
		c := chunksOf(t, s)[1]
		if len(c.Superseded) != 1 || c.Superseded[0].By != "a person" || c.Superseded[0].Key == c.Key || c.Superseded[0].Key != held[0].Key {
			t.Errorf("the old key is not on record: %+v", c.Superseded)
		}
	})
}

func TestOtherRowsUnderTheSameNameAreAMatterForAPerson(t *testing.T) {
	bubble(t, "a digest that differs", func(t *testing.T) {
		b, s := newBank(), newMemStore()
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
		// The person says that it is a stranger.
		if err := r.Resolve(t.Context(), simBatch, 1, Resolution{By: "a person", Action: SendAgain}); err != nil {
			t.Fatal(err)
		}
		if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 3 || b.creates != 2 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
	bubble(t, "a record that was lost, and the same rows", func(t *testing.T) {
		b := newBank()
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
		b, s := newBank(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		b.stranger(simBatch + "-00001")
		b.stranger(simBatch + "-00001")
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

func TestARequestWhoseBytesWouldDifferIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newBank(), newMemStore()
		b.outcome = func(int) outcome { return dropsBefore }
		mustPrepare(t, s, simRows(3), Plan{})
		ctx, cancel := context.WithCancel(t.Context())
		g := &scripted{direct: direct{b}, answer: func(int) error { cancel(); return nil }}
		if _, err := mustRunner(t, s, g, Options{}).Run(ctx, simBatch); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		// Another version of the program encodes the same payment differently.
		err := s.Update(t.Context(), simBatch, func(tx Tx) error {
			c, err := record{tx}.chunk(1)
			c.BodySHA256 = "other"
			return errors.Join(err, record{tx}.putChunk(&c))
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
		if heldOf(t, err); g.calls != 1 {
			t.Errorf("%d requests", g.calls)
		}
	})
}

func TestACancelledBatchSendsNothingAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newBank(), newMemStore()
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

func TestALeaseThatWasTakenOverWritesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newBank(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		g := &scripted{direct: direct{b}, answer: nothing}
		first := true
		r := mustRunner(t, s, g, Options{})
		other := mustRunner(t, s, direct{b}, Options{})
		g.before = func(*dwolla.CreateMassPayment) {
			if !first {
				return
			}
			first = false
			time.Sleep(11 * time.Minute) // longer than the lease
			if _, err := other.Run(t.Context(), simBatch); err != nil {
				t.Error(err)
			}
		}
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 3 || b.creates != 1 {
			t.Errorf("%+v, %d created, %v", summary.Totals, b.creates, err)
		}
	})
}

func TestARefusedMassPaymentFailsItsRowsWithTheReasonOfEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newBank(), newMemStore()
		mustPrepare(t, s, simRows(4), Plan{})
		refusal := simError(dwolla.OutcomeRejected, 400, "ValidationError")
		refusal.Message = "Validation error(s) present."
		refusal.Fields = []dwolla.FieldError{{Code: "Invalid", Message: "Receiver not found.", Path: "/items/2/_links/destination/href"}}
		g := &scripted{direct: direct{b}, answer: func(int) error { return refusal }}
		summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Failed.Rows != 4 || g.calls != 1 {
			t.Fatalf("%+v, %v", summary.Totals, err)
		}
		var codes []string
		for row, err := range OpenReport(s, simBatch).Rows(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, row.Code)
		}
		if !slices.Equal(codes, []string{"ValidationError", "ValidationError", "Invalid", "ValidationError"}) {
			t.Errorf("codes %v", codes)
		}
	})
}

func TestARunThatNeverSucceedsGivesUpAndKeepsItsRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newBank(), newMemStore()
		mustPrepare(t, s, simRows(4), Plan{})
		down := true
		g := &scripted{direct: direct{b}, answer: func(int) error {
			if down {
				return simError(dwolla.OutcomeNotSent, 0, "")
			}
			return nil
		}}
		r := mustRunner(t, s, g, Options{})
		started := time.Now()
		_, err := r.Run(t.Context(), simBatch)
		if _, ok := errors.AsType[*StoppedError](err); !ok || time.Since(started) < 30*time.Minute || g.calls > 30 {
			t.Fatalf("%v after %v and %d requests", err, time.Since(started), g.calls)
		}
		down = false
		if summary, err := r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 4 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
	})
}
