package webhook

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// maxRetryDelay bounds the doubling between two attempts in the background.
const maxRetryDelay = time.Minute

// A queue processes acknowledged events. It has no goroutine while there is nothing to do.
type queue struct {
	Background

	mu      sync.Mutex
	held    map[string]*job // waiting or in work, by the id of the event
	waiting []*job
	working int
}

func newQueue(b Background) *queue {
	return &queue{Background: b, held: make(map[string]*job)}
}

// holds reports whether the event was acknowledged and is not settled yet. A nil queue holds nothing.
func (q *queue) holds(eventID string) bool {
	if q == nil {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.held[eventID] != nil
}

// add reports whether there was room.
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

// work processes j and then what waits.
func (q *queue) work(j *job) {
	for j != nil {
		q.process(j)
		j = q.next(j)
	}
}

// next is the job after done; nil ends the worker.
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

// process tries until the handlers succeed, the attempts are used up, or the job's context ends.
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

// abandon ends the contexts of all jobs.
func (q *queue) abandon(cause error) {
	if q == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.held {
		j.cancel(cause)
	}
}
