package payout

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A request that does not end keeps its chunk for as long as a step may take.
func TestALeaseThatWasTakenOverWritesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
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
			time.Sleep(11 * time.Minute) // longer than a step
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

func TestFault365_AnotherWorkerFinishesTheChunkOfOneThatDiedWithinAMinute(t *testing.T) {
	for at := 1; at <= 6; at++ {
		for _, after := range []bool{false, true} {
			bubble(t, fmt.Sprintf("killed at %d, after %v", at, after), func(t *testing.T) {
				b, s := newFakeDwolla(), newMemStore()
				mustPrepare(t, s, simRows(3), Plan{})
				ctx, die := context.WithCancelCause(t.Context())
				p := &process{world: &world{dwolla: b, killAt: at, killEnd: after}, die: die}
				if _, err := mustRunner(t, processStore{s, p}, processGateway{direct{b}, b, p}, Options{}).Run(ctx, simBatch); err == nil {
					t.Fatal("not killed")
				}
				finishes(t, b, s, time.Now())
			})
		}
	}
	bubble(t, "killed in a long request", func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		ctx, die := context.WithCancelCause(t.Context())
		p := &process{world: &world{dwolla: b}, die: die}
		g := &hooked{direct: direct{b}, beforeCreate: func(string) {
			time.Sleep(5 * time.Minute)
			_ = p.kill()
			time.Sleep(time.Hour) // the request arrives nevertheless
		}}
		var died sync.WaitGroup
		died.Go(func() { _, _ = mustRunner(t, processStore{s, p}, g, Options{}).Run(ctx, simBatch) })
		time.Sleep(5*time.Minute + time.Second)
		finishes(t, b, s, time.Now())
		died.Wait()
		if lines := paidTwice(b); len(lines) > 0 {
			t.Errorf("lines %v are paid twice", lines)
		}
	})
}

// finishes has another worker run the batch, and checks that it is done within a minute of a death.
func finishes(t *testing.T, b *fakeDwolla, s Store, death time.Time) {
	t.Helper()
	summary, err := mustRunner(t, s, direct{b}, Options{}).Run(t.Context(), simBatch)
	if took := time.Since(death); err != nil || summary.Totals.Paid.Rows != 3 || took > time.Minute {
		t.Errorf("%+v after %v, %v", summary.Totals, took, err)
	}
	for line, times := range b.ledger(simBatch) {
		if times != 1 {
			t.Errorf("line %d is paid %d times", line, times)
		}
	}
}

func TestFault366_NobodyTakesOverALongRequestOfAWorkerThatLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		slow := &hooked{direct: direct{b}, beforeCreate: func(string) { time.Sleep(5 * time.Minute) }}
		looks := 0
		other := &hooked{direct: direct{b}, beforeFind: func(string) { looks++ }}
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := mustRunner(t, s, slow, Options{}).Run(t.Context(), simBatch); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(time.Second)
		summary, err := mustRunner(t, s, other, Options{}).Run(t.Context(), simBatch)
		all.Wait()
		if err != nil || summary.Totals.Paid.Rows != 3 || b.creates != 1 || looks != 0 {
			t.Errorf("%+v, %d created, the other worker looked %d times, %v", summary.Totals, b.creates, looks, err)
		}
	})
}

// A hangingStore does not answer for a while.
type hangingStore struct {
	Store
	mu    sync.Mutex
	until time.Time
}

func (s *hangingStore) hang(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until = time.Now().Add(d)
}

func (s *hangingStore) wait(ctx context.Context) error {
	s.mu.Lock()
	left := time.Until(s.until)
	s.mu.Unlock()
	return sleep(ctx, left, nil)
}

func (s *hangingStore) Update(ctx context.Context, batch string, fn func(Tx) error) error {
	if err := s.wait(ctx); err != nil {
		return err
	}
	return s.Store.Update(ctx, batch, fn)
}

func (s *hangingStore) View(ctx context.Context, batch string, fn func(Tx) error) error {
	if err := s.wait(ctx); err != nil {
		return err
	}
	return s.Store.View(ctx, batch, fn)
}

// endless is a gateway whose first Create gets no answer.
type endless struct {
	direct
	begin func()
	took  time.Duration
}

func (g *endless) Create(ctx context.Context, key KeyUse, body *dwolla.CreateMassPayment) (string, error) {
	if g.begin == nil {
		return g.direct.Create(ctx, key, body)
	}
	g.begin()
	g.begin = nil
	started := time.Now()
	<-ctx.Done()
	g.took = time.Since(started)
	return "", unknownOutcome(0)
}

func TestFault367_AWorkerThatCannotRenewItsLeaseEndsItsRequest(t *testing.T) {
	for name, fail := range map[string]func(*hangingStore, *failingStore){
		"the store hangs":            func(s *hangingStore, _ *failingStore) { s.hang(2 * time.Minute) },
		"the store is not available": func(_ *hangingStore, f *failingStore) { f.failNext(8) },
	} {
		bubble(t, name, func(t *testing.T) {
			b, s := newFakeDwolla(), newMemStore()
			mustPrepare(t, s, simRows(3), Plan{})
			failing := &failingStore{Store: s, err: errOutage, failAt: 1 << 30}
			hanging := &hangingStore{Store: failing}
			g := &endless{direct: direct{b}, begin: func() { fail(hanging, failing) }}
			var all sync.WaitGroup
			all.Go(func() {
				if _, err := mustRunner(t, hanging, g, Options{}).Run(t.Context(), simBatch); err != nil {
					t.Errorf("the worker ended: %v", err)
				}
			})
			time.Sleep(time.Second)
			finishes(t, b, s, time.Now())
			all.Wait()
			if g.took > 30*time.Second {
				t.Errorf("the request went on for %v", g.took)
			}
		})
	}
}

// A cutOff gateway gets no answer to its first Create, and loses its store some time after that began.
type cutOff struct {
	direct
	after time.Duration
	cut   func()
	ended func()
	once  sync.Once
}

func (g *cutOff) Create(ctx context.Context, _ KeyUse, _ *dwolla.CreateMassPayment) (string, error) {
	g.once.Do(func() {
		time.Sleep(g.after)
		g.cut()
		<-ctx.Done()
		g.ended()
	})
	return "", unknownOutcome(0)
}

func TestFault411_TheRequestOfAWorkerThatIsCutOffEndsBeforeItsLeaseWhateverTheClocksDrift(t *testing.T) {
	for _, percent := range []int{-5, -1, 0, 1, 5} { // of the store's clock, beside the worker's
		for _, after := range []time.Duration{0, 9 * time.Second, 65 * time.Second} {
			bubble(t, fmt.Sprintf("%d%% cut off after %v", percent, after), func(t *testing.T) {
				s, start := newMemStore(), time.Now()
				mustPrepare(t, s, simRows(3), Plan{})
				drift := shiftedStore{s, func() time.Duration { return time.Since(start) * time.Duration(percent) / 100 }}
				hanging := &hangingStore{Store: drift}
				left := time.Duration(-1)
				g := &cutOff{
					direct: direct{newFakeDwolla()}, after: after,
					cut: func() { hanging.hang(time.Hour) },
					ended: func() {
						err := drift.View(context.Background(), simBatch, func(tx Tx) error {
							l, err := record{tx}.lease(1)
							left = l.Until.Sub(tx.Now())
							return err
						})
						if err != nil {
							t.Error(err)
						}
					},
				}
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				_, _ = mustRunner(t, hanging, g, Options{}).Step(ctx, simBatch)
				if left <= 0 {
					t.Errorf("the request ended when %v of the lease were left", left)
				}
			})
		}
	}
}

func TestFault412_AStepThatHangsKeepsItsChunkForTenMinutesAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s := newFakeDwolla(), newMemStore()
		mustPrepare(t, s, simRows(3), Plan{})
		g := &endless{direct: direct{b}, begin: func() {}}
		start := time.Now()
		var all sync.WaitGroup
		all.Go(func() { _, _ = mustRunner(t, s, g, Options{}).Step(t.Context(), simBatch) })
		time.Sleep(time.Second)
		finishes(t, b, s, start.Add(10*time.Minute))
		all.Wait()
		if g.took < 9*time.Minute || g.took > 10*time.Minute {
			t.Errorf("the request went on for %v", g.took)
		}
	})
}
