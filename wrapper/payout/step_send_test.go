package payout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
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
				_, err := mustRunner(t, processStore{s, p}, processGateway{direct{b}, b, p}, Options{}).Run(ctx, simBatch)
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

func TestFault316_APageOfAProxyIsNoRefusal(t *testing.T) {
	for _, status := range []int{302, 400, 403, 404, 413, 451} {
		bubble(t, fmt.Sprint(status), func(t *testing.T) {
			server, s := dwollatest.New(t, dwollatest.WithItemRate(0)), newMemStore()
			mustPrepare(t, s, dwollaRows(server, 6), Plan{Source: server.AccountBalance().Href, ChunkRows: 2})
			server.Fault("createMassPayment", dwollatest.Fault{Status: status, Body: "<html>Attention required!</html>", AfterCommit: true, Times: 1})
			summary, err := mustRunner(t, s, Dwolla(server.Dwolla()), Options{}).Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Paid.Rows != 6 || len(server.Ledger()) != 6 {
				t.Errorf("%+v, %d in the ledger, %v", summary.Totals, len(server.Ledger()), err)
			}
		})
	}
}

// refusing is a gateway that says of the first request that it was refused, though it was carried out.
func refusing(b *fakeDwolla) *scripted {
	b.outcome = func(n int) outcome {
		if n == 1 {
			return commitsAndDrops
		}
		return succeeds
	}
	return &scripted{direct: direct{b}, late: func(n int, err error) error {
		if n == 1 {
			return refusalOf(3)
		}
		return err
	}}
}

// refusalOf is a refusal that names the first n items.
func refusalOf(n int) *dwolla.Error {
	refusal := simError(dwolla.OutcomeRejected, 400, "ValidationError")
	for i := range n {
		refusal.Fields = append(refusal.Fields, dwolla.FieldError{Code: "Invalid", Message: "No.", Path: fmt.Sprintf("/items/%d/amount", i)})
	}
	return refusal
}

func TestFault317_ARefusalIsBelievedOnlyAfterALook(t *testing.T) {
	bubble(t, "the look-up finds it", func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(6), Plan{ChunkRows: 3})
		summary, err := mustRunner(t, s, refusing(b), Options{}).Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 6 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
		paidOnce(t, b, 6)
	})
	bubble(t, "the look-up fails", func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(6), Plan{ChunkRows: 3})
		looks := 0
		g := &unseen{refusing(b), func() error {
			if looks++; looks > 1 && looks < 5 {
				return simError(dwolla.OutcomeBadResponse, 503, "")
			}
			return nil
		}}
		summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 6 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
		paidOnce(t, b, 6)
	})
	bubble(t, "there is nothing", func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		looks := 0
		g := &unseen{&scripted{direct: direct{b}, answer: func(int) error { return refusalOf(3) }}, func() error {
			looks++
			return nil
		}}
		summary, err := mustRunner(t, s, g, Options{}).Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Failed.Rows != 3 || looks != 2 {
			t.Errorf("%+v after %d look-ups, %v", summary.Totals, looks, err)
		}
	})
	bubble(t, "the look-up lags, and the retry looks once more", func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		b.visible = time.Minute
		mustPrepare(t, s, simRows(3), Plan{})
		r := mustRunner(t, s, refusing(b), Options{})
		summary, err := r.Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Failed.Rows != 3 {
			t.Fatalf("%+v, %v", summary.Totals, err)
		}
		time.Sleep(time.Minute)
		if _, err := r.PrepareRetry(t.Context(), simBatch, "again", Retry{}); !errors.Is(err, ErrUnsettled) {
			t.Errorf("a retry of what was paid: %v", err)
		}
		if summary, err = r.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 3 {
			t.Errorf("%+v, %v", summary.Totals, err)
		}
		if _, err := r.PrepareRetry(t.Context(), simBatch, "again", Retry{}); !errors.Is(err, ErrNothingFailed) {
			t.Errorf("a retry of what was paid: %v", err)
		}
		paidOnce(t, b, 3)
	})
}

// unseen is a gateway whose look-ups fail.
type unseen struct {
	*scripted
	fail func() error
}

func (g *unseen) Find(ctx context.Context, source, correlationID string) ([]dwolla.MassPayment, error) {
	if err := g.fail(); err != nil {
		return nil, err
	}
	return g.scripted.Find(ctx, source, correlationID)
}
