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

func TestFault146_AfterADayNothingIsSentBeforeALook(t *testing.T) {
	for _, test := range []struct {
		name    string
		outcome outcome
		gap     time.Duration
		held    bool
		creates int
	}{
		{"found", commitsAndDrops, 25 * time.Hour, false, 1},
		{"not there", dropsBefore, 25 * time.Hour, true, 1},
		{"not there, at the edge of the key's life", dropsBefore, KeyLifetime + time.Minute, true, 1},
		{"not there, within the key's life", dropsBefore, KeyLifetime - time.Hour, false, 2},
		{"not there, and the clock was set back", dropsBefore, -time.Hour, true, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, s := newFakeDwolla(), newMemStore()
				b.outcome = func(n int) outcome {
					if n == 1 {
						return test.outcome
					}
					return succeeds
				}
				mustPrepare(t, s, simRows(5), Plan{})
				// Lease, look-up, save, request: the process is killed after the fourth.
				ctx, die := context.WithCancelCause(t.Context())
				p := &process{world: &world{killAt: 4, killEnd: true}, die: die}
				_, err := mustRunner(t, processStore{s, p}, processGateway{b, p}, Options{}).Run(ctx, simBatch)
				if !errors.Is(err, errKilled) {
					t.Fatal(err)
				}
				if b.creates != 1 {
					t.Fatalf("%d requests", b.creates)
				}
				if test.gap < 0 {
					setBack(t, s, -test.gap)
				} else {
					time.Sleep(test.gap)
				}
				_, err = mustRunner(t, s, direct{b}, Options{}).Run(t.Context(), simBatch)
				held, ok := errors.AsType[*HeldError](err)
				if ok != test.held || b.creates != test.creates {
					t.Fatalf("%d requests, error %v", b.creates, err)
				}
				if ok {
					c := held.Chunks[0]
					if c.Hold.Reason != HoldAbsent || c.EmptyLooks < 5 || time.Since(c.FirstLook) < 15*time.Minute || c.Key == "" {
						t.Errorf("held with %+v", c)
					}
				}
			})
		})
	}
}

// setBack makes the record look as if the clock had been set back since.
func setBack(t *testing.T, s Store, d time.Duration) {
	err := s.Update(t.Context(), simBatch, func(tx Tx) error {
		c, err := record{tx}.chunk(1)
		c.FirstSent = c.FirstSent.Add(d)
		return errors.Join(err, record{tx}.putChunk(&c), dropLeases(tx))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsSentIsOnRecordBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemStore()
		mustPrepare(t, s, simRows(6), Plan{ChunkRows: 3})
		g := &scripted{direct: direct{newFakeDwolla()}, answer: nothing}
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
			b, s := newFakeDwolla(), newMemStore()
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

func TestARequestWhoseBytesWouldDifferIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
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
