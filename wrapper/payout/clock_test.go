package payout

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// A shiftedStore is a store whose clock is not the worker's.
type shiftedStore struct {
	Store
	by func() time.Duration
}

type shiftedTx struct {
	Tx
	by time.Duration
}

func (t shiftedTx) Now() time.Time { return t.Tx.Now().Add(t.by) }

func (s shiftedStore) Update(ctx context.Context, batch string, fn func(Tx) error) error {
	return s.Store.Update(ctx, batch, func(tx Tx) error { return fn(shiftedTx{tx, s.by()}) })
}

func (s shiftedStore) View(ctx context.Context, batch string, fn func(Tx) error) error {
	return s.Store.View(ctx, batch, func(tx Tx) error { return fn(shiftedTx{tx, s.by()}) })
}

func TestFault322_TheClocksOfWorkerAndStoreNeedNotAgree(t *testing.T) {
	for _, by := range []time.Duration{-8 * time.Hour, -5 * time.Minute, 0, 90 * time.Second, time.Hour, 8 * time.Hour} {
		bubble(t, by.String(), func(t *testing.T) {
			b, s := newFakeDwolla(), newMemStore()
			b.itemTime = time.Second
			mustPrepare(t, s, simRows(600), Plan{ChunkRows: 300}) // 5 minutes each
			gets, start := 0, time.Now()
			g := &hooked{direct: direct{b}, beforeGet: func(string) { gets++; time.Sleep(100 * time.Millisecond) }}
			summary, err := mustRunner(t, shiftedStore{s, func() time.Duration { return by }}, g, Options{}).Run(t.Context(), simBatch)
			if err != nil || summary.Totals.Paid.Rows != 600 {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
			if took := time.Since(start); took > 8*time.Minute || gets > 60 {
				t.Errorf("it took %v and %d reads", took, gets)
			}
		})
	}
}

func TestFault323_AClockThatWasWrongForAWhileDelaysNothing(t *testing.T) {
	for _, by := range []time.Duration{365 * 24 * time.Hour, 2 * time.Hour} {
		for step := range 5 {
			bubble(t, fmt.Sprint(by, " during step ", step), func(t *testing.T) {
				b, s := newFakeDwolla(), newMemStore()
				b.outcome = func(n int) outcome {
					if n == 1 {
						return dropsBefore
					}
					return succeeds
				}
				mustPrepare(t, s, simRows(6), Plan{ChunkRows: 3})
				taken := 0
				wrong := shiftedStore{s, func() time.Duration {
					if taken == step {
						return by
					}
					return 0
				}}
				r := mustRunner(t, wrong, direct{b}, Options{})
				for ; taken < 6; taken++ {
					if _, err := r.Step(t.Context(), simBatch); err != nil {
						t.Fatal(err)
					}
					time.Sleep(2 * time.Second)
				}
				start := time.Now()
				_, err := r.Run(t.Context(), simBatch)
				if held, ok := errors.AsType[*HeldError](err); err != nil && (!ok || held.Chunks[0].Hold.Reason != HoldAbsent) {
					t.Error(err)
				}
				if took := time.Since(start); took > time.Hour {
					t.Errorf("it took %v", took)
				}
			})
		}
	}
}

// A worker that held a lease when the clock was set back died.
func TestALeaseOfAClockThatWasSetBackEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		ahead := shiftedStore{s, func() time.Duration { return 365 * 24 * time.Hour }}
		ctx, die := context.WithCancelCause(t.Context())
		p := &process{world: &world{killAt: 1, killEnd: true}, die: die}
		if _, err := mustRunner(t, processStore{ahead, p}, direct{b}, Options{}).Run(ctx, simBatch); !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		start := time.Now()
		summary, err := mustRunner(t, s, direct{b}, Options{}).Run(t.Context(), simBatch)
		if took := time.Since(start); err != nil || summary.Totals.Paid.Rows != 3 || took > time.Hour {
			t.Errorf("%+v after %v, %v", summary.Totals, took, err)
		}
	})
}

// frozen is a gateway before which the machine is suspended, once, with its monotonic clock and its connection to the store.
type frozen struct {
	Gateway
	store *hangingStore
	once  sync.Once
	pause time.Duration
}

func (g *frozen) Create(ctx context.Context, key KeyUse, body *dwolla.CreateMassPayment) (string, error) {
	g.once.Do(func() {
		g.store.hang(g.pause)
		time.Sleep(g.pause)
	})
	return g.Gateway.Create(context.WithoutCancel(ctx), key, body) // the deadline stood still too
}

func TestFault324_AMachineThatWasSuspendedForADaySendsNothingWithItsOldKey(t *testing.T) {
	for _, pause := range []time.Duration{6 * time.Hour, 24*time.Hour + 5*time.Minute, 24*time.Hour + 20*time.Minute, 72 * time.Hour} {
		bubble(t, pause.String(), func(t *testing.T) {
			server, s := dwollatest.New(t, dwollatest.WithItemRate(0)), newMemStore()
			mustPrepare(t, s, dwollaRows(server, 3), Plan{Source: server.AccountBalance().Href})
			hanging := &hangingStore{Store: s}
			suspended := mustRunner(t, hanging, &frozen{Gateway: Dwolla(server.Dwolla()), store: hanging, pause: pause}, Options{Worker: "a"})
			other := mustRunner(t, s, Dwolla(server.Dwolla()), Options{Worker: "b"})
			var all sync.WaitGroup
			all.Go(func() { _, _ = suspended.Step(t.Context(), simBatch) })
			time.Sleep(31 * time.Second) // the lease has ended
			if summary, err := other.Run(t.Context(), simBatch); err != nil || summary.Totals.Paid.Rows != 3 {
				t.Errorf("%+v, %v", summary.Totals, err)
			}
			all.Wait()
			if paid := len(server.Ledger()); paid != 3 {
				t.Errorf("%d payments to 3 people", paid)
			}
		})
	}
}
