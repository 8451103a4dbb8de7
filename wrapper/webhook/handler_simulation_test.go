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

// An outcome is what became of the events of a simulation.
type outcome struct {
	events, deliveries, crashes int
	lost                        int // never ran to the end
	twice                       int // ran to the end more than once, without an excuse
	excused                     int // ran again because a crash hit between the work and its record
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
	transactional = iota // the handler completes its claim in the transaction of its work
	plain                // the handler works, the Handler completes the claim afterwards
	background           // transactional, acknowledged first, with a replay at every start
	modes
)

var errDead = errors.New("the process is dead")

// A world is what outlives crashes: the database, Dwolla, and the process that runs at the moment.
type world struct {
	t    *testing.T
	mode int
	fake *fake

	mu       sync.Mutex
	rand     *rand.Rand
	database webhook.MemoryStore // records of events, and the work below, survive
	work     map[string]int
	excuses  map[string]int
	inside   map[string]int // handlers of a living process at work on an event
	process  *process
	crashes  int // still to come
	last     bool
	out      outcome
	replays  sync.WaitGroup
	old      []*process
}

// A process is one life of the program. Its world ends at a step chosen beforehand: from then on nothing that it does
// has any effect.
type process struct {
	world   *world
	handler *webhook.Handler
	dead    bool
	steps   int             // until the crash; negative for no crash
	unsaved map[string]bool // work that is done and not on record
}

// simulate lets Dwolla deliver events, with duplicates and repetitions, to a program that crashes.
func simulate(t *testing.T, seed uint64) (out outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{
			t: t, mode: int(seed % modes), rand: rand.New(rand.NewPCG(19, seed)),
			work: map[string]int{}, excuses: map[string]int{}, inside: map[string]int{},
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
		for w.settle() { // until a life ends without a crash
		}
		out = w.judge(events)
	})
	return out
}

// deliver is Dwolla: nine attempts over 72 hours.
func (w *world) deliver(event *webhook.Event) {
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

// settle shuts the program down and reports whether it crashed meanwhile, or has to look for what is left.
func (w *world) settle() (again bool) {
	w.mu.Lock()
	lives := append(slices.Clone(w.old), w.process)
	w.mu.Unlock()
	w.replays.Wait()
	for _, p := range lives {
		if err := p.handler.Shutdown(w.t.Context()); err != nil {
			w.t.Error(err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.old)+1 != len(lives) {
		return true
	}
	if w.mode != background || w.last {
		return false
	}
	w.crashes, w.last = 0, true // a life that only replays
	w.start()
	return true
}

// start begins a new life. The lock is held.
func (w *world) start() {
	p := &process{world: w, steps: -1, unsaved: map[string]bool{}}
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

// replay repeats what a store that fails now and then has stopped.
func (p *process) replay(ctx context.Context) {
	for range 20 {
		if _, err := p.handler.Replay(ctx, p.world.fake.client, time.Time{}); err == nil || p.step(func() {}) != nil {
			return
		}
		time.Sleep(time.Minute)
	}
}

// step does something that has an effect outside of the process, unless the process dies before. It may die after.
func (p *process) step(effect func()) error {
	w := p.world
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
	clear(w.inside)
	w.start()
	return errDead
}

func (p *process) handle(ctx context.Context, event *webhook.Event) error {
	w := p.world
	w.mu.Lock()
	if !p.dead {
		if w.inside[event.ID]++; w.inside[event.ID] > 1 {
			w.t.Errorf("two handlers at work on one event")
		}
	}
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if !p.dead {
			w.inside[event.ID]--
		}
	}()
	time.Sleep(time.Duration(w.number(100)) * time.Second) // longer than a lease at times
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

// The process is the store that its handler sees: the database, from a process that can die, over a network that
// fails now and then.

func (p *process) Claim(ctx context.Context, id string, lease time.Duration) (claim webhook.Claim, status webhook.Status, err error) {
	died := p.step(func() {
		if err = p.hiccup(); err == nil {
			claim, status, err = p.world.database.Claim(ctx, id, lease)
		}
	})
	return claim, status, errors.Join(died, err)
}

func (p *process) Renew(ctx context.Context, claim webhook.Claim, lease time.Duration) (err error) {
	died := p.step(func() {
		if err = p.hiccup(); err == nil {
			err = p.world.database.Renew(ctx, claim, lease)
		}
	})
	return errors.Join(died, err)
}

func (p *process) Complete(ctx context.Context, claim webhook.Claim) (err error) {
	died := p.step(func() {
		if err = p.world.database.Complete(ctx, claim); err == nil {
			delete(p.unsaved, claim.EventID)
		}
	})
	return errors.Join(died, err)
}

func (p *process) Release(ctx context.Context, claim webhook.Claim) (err error) {
	died := p.step(func() {
		if err = p.hiccup(); err == nil {
			err = p.world.database.Release(ctx, claim)
		}
	})
	return errors.Join(died, err)
}

func (p *process) hiccup() error {
	if p.world.rand.IntN(50) == 0 {
		return errBoom
	}
	return nil
}

func (w *world) number(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rand.IntN(n)
}

func (w *world) judge(events []*webhook.Event) outcome {
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
