package webhook

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"
)

// Background configures how events are processed after they were acknowledged. Zero fields have defaults.
type Background struct {
	// Workers is how many events are processed at the same time. Default 8.
	Workers int
	// Queue is how many events may wait for a worker; further ones are refused, so that Dwolla sends them again.
	// Default 1000.
	Queue int
	// Attempts is how often the handlers of an event are tried, after waits of 1 s, 2 s, 4 s and so on up to a minute.
	// Default 6.
	Attempts int
	// GaveUp is called when the last attempt has failed, or when Shutdown ran out of time. Dwolla does not send the
	// event again by itself; [Handler.Replay] finds it. May be nil.
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
	held    map[string]*job // waiting or being processed, by event id
	waiting []*job
	working int // number of workers
}

func newQueue(b Background) *queue {
	return &queue{Background: b, held: make(map[string]*job)}
}

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
	switch {
	case q.working < q.Workers:
		q.working++
		go q.work(j)
	case len(q.waiting) < q.Queue:
		q.waiting = append(q.waiting, j)
	default:
		return false
	}
	q.held[j.event.ID] = j
	j.handler.running.add()
	return true
}

// work is a worker: it processes j, and then waiting jobs until there are none.
func (q *queue) work(j *job) {
	for j != nil {
		q.process(j)
		j = q.next(j)
	}
}

// next removes the job that is done and returns the next one, or nil when the worker should end.
func (q *queue) next(done *job) *job {
	defer done.handler.running.end()
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.held, done.event.ID)
	if len(q.waiting) == 0 {
		q.working--
		return nil
	}
	j := q.waiting[0]
	q.waiting[0] = nil
	q.waiting = q.waiting[1:]
	return j
}

// process tries the job until it succeeds, its attempts are used up, or its context ends.
func (q *queue) process(j *job) {
	err := q.try(j)
	if err == nil {
		return
	}
	j.release()
	ctx := context.WithoutCancel(j.ctx)
	j.handler.logger.LogAttrs(ctx, slog.LevelError, "webhook: event given up", slog.Any("event", j.event), slog.Any("error", err))
	if q.GaveUp != nil {
		q.GaveUp(ctx, j.event, err)
	}
}

func (q *queue) try(j *job) error {
	delay := time.Second
	for attempt := 1; ; attempt++ {
		if j.ctx.Err() != nil {
			return context.Cause(j.ctx)
		}
		err := j.run()
		if err == nil {
			return j.complete()
		}
		if attempt == q.Attempts {
			return err
		}
		j.handler.logger.LogAttrs(j.ctx, slog.LevelWarn, "webhook: handler failed, will be tried again",
			slog.Any("event", j.event), slog.Int("attempt", attempt), slog.Any("error", err))
		if sleep(j.ctx, delay) != nil {
			return err
		}
		delay = min(2*delay, maxRetryDelay)
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
