package webhook

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// Background configures how events are processed after they were acknowledged. Zero fields have defaults.
type Background struct {
	// Workers is how many events are processed at the same time. Default 8. Of four or more, one topic takes at most
	// three quarters, so that a handler that hangs does not hold up the events of other topics.
	Workers int
	// Queue is how many events may wait for a worker, and how many more may wait to be tried again; further ones are
	// refused, so that Dwolla sends them again. One topic takes at most three quarters. Default 1000.
	Queue int
	// Attempts is how often the handlers of an event are tried, after waits of 1 s, 2 s, 4 s and so on up to a minute.
	// No worker is taken while an event waits. Default 6.
	Attempts int
	// GaveUp is called when the last attempt has failed, or when Shutdown ran out of time. Dwolla does not send the
	// event again by itself; [Handler.Replay] finds it. An error that is [ErrNotRecorded] says that the handlers
	// succeeded and only the Store did not take note of it: a replay runs them again. May be nil.
	GaveUp func(ctx context.Context, event *Event, err error)
}

// WithBackground acknowledges an event first and processes it afterwards, for handlers that need longer than the ten
// seconds that Dwolla waits. Dwolla does not repeat an acknowledged event if the process dies: call [Handler.Replay]
// when the program starts, and [Handler.Shutdown] before it ends.
func WithBackground(b Background) Option {
	return func(h *Handler) error {
		if b.Workers < 0 || b.Queue < 0 || b.Attempts < 0 {
			return invalid("WithBackground", "a field is negative")
		}
		b.Workers = cmp.Or(b.Workers, 8)
		b.Queue = cmp.Or(b.Queue, 1000)
		b.Attempts = cmp.Or(b.Attempts, 6)
		h.queue = newQueue(b)
		return nil
	}
}

// maxRetryDelay bounds the exponential backoff between two attempts.
const maxRetryDelay = time.Minute

// A queue processes acknowledged events. It starts goroutines as events come in, and has none while it is empty.
type queue struct {
	Background

	mu      sync.Mutex
	held    map[string]*job // by event id: waiting, being processed or to be tried again
	waiting []*job          // for a worker
	all     load
	topics  map[dwolla.EventTopic]load
}

// A load counts jobs by what they do.
type load struct{ working, waiting, delayed int }

func newQueue(b Background) *queue {
	return &queue{Background: b, held: make(map[string]*job), topics: make(map[dwolla.EventTopic]load)}
}

// share is how much of n one topic may take.
func share(n int) int { return n - n/4 }

// holds reports whether the event was acknowledged and is not finished yet. A nil queue holds nothing.
func (q *queue) holds(eventID string) bool {
	if q == nil {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.held[eventID] != nil
}

// add takes the job and reports true, or reports false if the queue is full.
func (q *queue) add(j *job) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	topic := q.topics[j.event.Topic]
	if q.all.delayed >= q.Queue || topic.delayed >= share(q.Queue) {
		return false
	}
	if !q.mayWork(j) && (q.all.waiting >= q.Queue || topic.waiting >= share(q.Queue)) {
		return false
	}
	q.held[j.claim.EventID] = j
	j.handler.running.add()
	q.ready(j)
	return true
}

// mayWork reports whether a worker is free for the job. It is called with the lock held.
func (q *queue) mayWork(j *job) bool {
	return q.all.working < q.Workers && q.topics[j.event.Topic].working < share(q.Workers)
}

// ready gives the job to a worker, now or when one is free. It is called with the lock held.
func (q *queue) ready(j *job) {
	if q.mayWork(j) {
		q.count(j, load{working: 1})
		go q.work(j)
		return
	}
	q.count(j, load{waiting: 1})
	q.waiting = append(q.waiting, j)
}

// count changes what the job counts as. It is called with the lock held.
func (q *queue) count(j *job, change load) {
	add := func(l load) load {
		return load{l.working + change.working, l.waiting + change.waiting, l.delayed + change.delayed}
	}
	q.all = add(q.all)
	if topic := add(q.topics[j.event.Topic]); topic != (load{}) {
		q.topics[j.event.Topic] = topic
	} else {
		delete(q.topics, j.event.Topic)
	}
}

// work is a worker: it processes j, and then waiting jobs until there are none.
func (q *queue) work(j *job) {
	for j != nil {
		q.process(j)
		j = q.next(j)
	}
}

// next returns the next waiting job whose topic may have a worker, or nil when the worker of done should end.
func (q *queue) next(done *job) *job {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.count(done, load{working: -1})
	at := slices.IndexFunc(q.waiting, q.mayWork)
	if at < 0 {
		return nil
	}
	j := q.waiting[at]
	q.waiting = slices.Delete(q.waiting, at, at+1)
	q.count(j, load{working: 1, waiting: -1})
	return j
}

// process makes one attempt at the job. If that fails, the job is tried again later, until its attempts are used up or
// its context ends.
func (q *queue) process(j *job) {
	err := context.Cause(j.ctx)
	if err == nil {
		j.attempts++
		err = j.attempt()
	}
	switch {
	case err == nil:
		j.stop()
	case j.attempts >= q.Attempts || j.ctx.Err() != nil || errors.Is(err, ErrClaimLost):
		q.giveUp(j, err)
	default:
		j.handler.logger.LogAttrs(j.ctx, slog.LevelWarn, "webhook: handler failed, will be tried again",
			slog.Any("event", j.event), slog.Int("attempt", j.attempts), slog.Any("error", err))
		q.delay(j)
		return
	}
	q.mu.Lock()
	delete(q.held, j.claim.EventID)
	q.mu.Unlock()
	j.handler.running.end()
}

// delay makes the job ready when its next attempt is due, or its context ends.
func (q *queue) delay(j *job) {
	wait := maxRetryDelay
	if doublings := j.attempts - 1; doublings < 6 {
		wait = min(time.Second<<doublings, maxRetryDelay)
	}
	q.mu.Lock()
	q.count(j, load{delayed: 1})
	q.mu.Unlock()
	ready := sync.OnceFunc(func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.count(j, load{delayed: -1})
		q.ready(j)
	})
	ended := context.AfterFunc(j.ctx, ready)
	time.AfterFunc(wait, func() {
		ended()
		ready()
	})
}

// giveUp ends the job. Where the handlers succeeded, the claim is left to expire rather than given back, since another
// process would run them again at once.
func (q *queue) giveUp(j *job, err error) {
	if errors.Is(err, ErrNotRecorded) {
		j.stop()
	} else {
		j.release()
	}
	ctx := context.WithoutCancel(j.ctx)
	j.handler.logger.LogAttrs(ctx, slog.LevelError, "webhook: event given up", slog.Any("event", j.event), slog.Any("error", err))
	if q.GaveUp == nil {
		return
	}
	err = protect(func() error {
		q.GaveUp(ctx, j.event, err)
		return nil
	})
	if err != nil {
		j.handler.logger.LogAttrs(ctx, slog.LevelError, "webhook: GaveUp failed", slog.Any("event", j.event), slog.Any("error", err))
	}
}

// cancelAll cancels the contexts of all jobs. A nil queue has none.
func (q *queue) cancelAll(cause error) {
	if q == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.held {
		j.cancel(cause)
	}
}
