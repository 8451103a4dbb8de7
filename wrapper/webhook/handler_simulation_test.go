package webhook_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook/webhooktest"
)

func TestGoal13_DuplicatesTimesCrashesLoseNothingAndRunNothingTwice(t *testing.T) {
	seeds := full(10_000, 300)
	var total outcome
	for seed := range seeds {
		total.add(simulate(t, uint64(seed)))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("G13: %d seeds: %d events, %d deliveries, %d crashes: %d lost, %d run twice; "+
		"%d ran again after a crash between their work and its record, all of them in handlers without a transaction",
		seeds, total.events, total.deliveries, total.crashes, total.lost, total.twice, total.excused)
}

// An outcome counts what happened in a simulation.
type outcome struct {
	events, deliveries, crashes int
	lost                        int // never processed
	twice                       int // processed more than once, with no crash to explain it
	excused                     int // processed again after a crash between the work and its record
}

func (o *outcome) add(p outcome) {
	o.events += p.events
	o.deliveries += p.deliveries
	o.crashes += p.crashes
	o.lost += p.lost
	o.twice += p.twice
	o.excused += p.excused
}

// The modes of a simulation.
const (
	transactional = iota // the handler completes its claim in the same transaction as its work
	plain                // the Handler completes the claim after the handler's work
	background           // transactional, acknowledged first, with a replay at every start
	modes
)

var errDead = errors.New("the process is dead")

// A simulation has what survives a crash: the database, Dwolla, and the current process.
type simulation struct {
	t    *testing.T
	mode int
	fake *fake

	mu       sync.Mutex
	rand     *rand.Rand
	database webhook.MemoryStore // with work, what a process has stored
	work     map[string]int
	excuses  map[string]int
	running  map[string]int // number of running handlers, by event
	process  *process
	crashes  int // still to happen
	last     bool
	out      outcome
	replays  sync.WaitGroup
	old      []*process
}

// A process is one run of the program. It crashes at a step chosen in advance: from then on nothing that it does has any
// effect.
type process struct {
	sim     *simulation
	handler *webhook.Handler
	dead    bool
	steps   int             // until the crash; negative for no crash
	unsaved map[string]bool // events whose work is done but not recorded
}

// simulate delivers events as Dwolla does, with duplicates and repetitions, to a program that crashes.
func simulate(t *testing.T, seed uint64) (out outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &simulation{
			t: t, mode: int(seed % modes), rand: rand.New(rand.NewPCG(19, seed)),
			work: map[string]int{}, excuses: map[string]int{}, running: map[string]int{},
		}
		w.crashes = w.rand.IntN(4)
		w.fake = newFake(t)
		w.mu.Lock()
		w.start()
		w.mu.Unlock()

		var all sync.WaitGroup
		var events []*webhook.Event
		for range 1 + w.rand.IntN(3) {
			event := webhooktest.NewEvent(dwolla.EventTopicTransferCompleted, "transfers/1")
			events = append(events, event)
			w.fake.addEvent(event)
		}
		for _, event := range events {
			for range 1 + w.number(3) { // subscriptions
				all.Go(func() { w.deliver(event) })
			}
		}
		all.Wait()
		for w.finish() { // until a process ends without a crash
		}
		out = w.check(events)
	})
	return out
}

// deliver sends an event as Dwolla does, in nine attempts over 72 hours.
func (w *simulation) deliver(event *webhook.Event) {
	for _, minutes := range []int{0, 15, 45, 120, 180, 360, 720, 1440, 1440} {
		time.Sleep(time.Duration(minutes)*time.Minute + time.Duration(w.number(3000))*time.Millisecond)
		w.mu.Lock()
		p := w.process
		w.out.deliveries++
		w.mu.Unlock()
		answer := webhooktest.Deliver(w.t.Context(), p.handler, signingSecret, event)
		_ = answer.Body.Close()
		if p.step(func() {}) == nil && answer.StatusCode == http.StatusOK {
			return
		}
	}
}

// finish shuts the program down. It reports whether the program crashed meanwhile, or has to start again to replay.
func (w *simulation) finish() (again bool) {
	w.mu.Lock()
	processes := append(slices.Clone(w.old), w.process)
	w.mu.Unlock()
	w.replays.Wait()
	for _, p := range processes {
		if err := p.handler.Shutdown(w.t.Context()); err != nil {
			w.t.Error(err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.old)+1 != len(processes) {
		return true
	}
	if w.mode != background || w.last {
		return false
	}
	w.crashes, w.last = 0, true // a last process, which replays
	w.start()
	return true
}

// start starts a new process. The lock is held.
func (w *simulation) start() {
	p := &process{sim: w, steps: -1, unsaved: map[string]bool{}}
	if w.crashes > 0 {
		w.crashes--
		p.steps = 1 + w.rand.IntN(12)
	}
	opts := []webhook.Option{webhook.OnAny(p.handle), webhook.WithStore(p)}
	if w.mode == background {
		opts = append(opts, webhook.WithBackground(webhook.Background{Workers: 2, Queue: 2}))
	}
	h, err := webhook.NewHandler(signingSecret, opts...)
	if err != nil {
		w.t.Error(err)
		return
	}
	p.handler = h
	if w.process != nil {
		w.old = append(w.old, w.process)
	}
	w.process = p
	if w.mode == background {
		w.replays.Go(func() { p.replay(w.t.Context()) })
	}
}

// replay repeats Replay until no error of the store stops it.
func (p *process) replay(ctx context.Context) {
	for range 20 {
		if _, err := p.handler.Replay(ctx, p.sim.fake.client, time.Time{}); err == nil || p.step(func() {}) != nil {
			return
		}
		time.Sleep(time.Minute)
	}
}

// step runs effect, which changes something outside of the process. The process may die before or after it.
func (p *process) step(effect func()) error {
	w := p.sim
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.dead {
		return errDead
	}
	p.steps--
	crash := p.steps == 0
	after := w.rand.IntN(2) == 0
	if !crash || after {
		effect()
	}
	if !crash {
		return nil
	}
	p.dead = true
	w.out.crashes++
	for id := range p.unsaved {
		w.excuses[id]++
	}
	clear(w.running)
	w.start()
	return errDead
}

func (p *process) handle(ctx context.Context, event *webhook.Event) error {
	w := p.sim
	w.mu.Lock()
	if !p.dead {
		if w.running[event.ID]++; w.running[event.ID] > 1 {
			w.t.Errorf("two handlers at work on one event")
		}
	}
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if !p.dead {
			w.running[event.ID]--
		}
	}()
	time.Sleep(time.Duration(w.number(100)) * time.Second) // sometimes longer than a lease
	if w.number(10) == 0 {
		return errBoom
	}
	if w.mode == plain {
		return p.step(func() { w.work[event.ID]++; p.unsaved[event.ID] = true })
	}
	claim, _ := webhook.ClaimFromContext(ctx)
	var lost error
	err := p.step(func() { // one transaction
		if lost = w.database.Complete(ctx, claim); lost == nil {
			w.work[event.ID]++
		}
	})
	return errors.Join(err, lost)
}

// A process is also the store of its Handler: the database, seen from a process that can die, over an unreliable network.

func (p *process) Claim(ctx context.Context, id string, lease time.Duration) (claim webhook.Claim, status webhook.Status, err error) {
	crashed := p.step(func() {
		if err = p.networkError(); err == nil {
			claim, status, err = p.sim.database.Claim(ctx, id, lease)
		}
	})
	return claim, status, errors.Join(crashed, err)
}

func (p *process) Renew(ctx context.Context, claim webhook.Claim, lease time.Duration) (err error) {
	crashed := p.step(func() {
		if err = p.networkError(); err == nil {
			err = p.sim.database.Renew(ctx, claim, lease)
		}
	})
	return errors.Join(crashed, err)
}

func (p *process) Complete(ctx context.Context, claim webhook.Claim) (err error) {
	crashed := p.step(func() {
		if err = p.sim.database.Complete(ctx, claim); err == nil {
			delete(p.unsaved, claim.EventID)
		}
	})
	return errors.Join(crashed, err)
}

func (p *process) Release(ctx context.Context, claim webhook.Claim) (err error) {
	crashed := p.step(func() {
		if err = p.networkError(); err == nil {
			err = p.sim.database.Release(ctx, claim)
		}
	})
	return errors.Join(crashed, err)
}

func (p *process) networkError() error {
	if p.sim.rand.IntN(50) == 0 {
		return errBoom
	}
	return nil
}

func (w *simulation) number(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rand.IntN(n)
}

func (w *simulation) check(events []*webhook.Event) outcome {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.out.events = len(events)
	for _, event := range events {
		runs, excuses := w.work[event.ID], w.excuses[event.ID]
		switch {
		case runs == 0:
			w.out.lost++
			w.t.Errorf("event lost")
		case runs > 1+excuses:
			w.out.twice++
			w.t.Errorf("event run %d times", runs)
		}
		w.out.excused += max(runs-1, 0)
	}
	return w.out
}
