package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"
)

// settleTimeout limits how long a job tries to complete or release its claim.
const settleTimeout = 5 * time.Second

// A job is an event that this process has claimed. Its lease is renewed until stop is called.
type job struct {
	handler *Handler
	event   *Event
	claim   Claim
	ctx     context.Context // passed to the handlers; canceled when the claim is lost
	cancel  context.CancelCauseFunc

	attempts  int  // so far
	succeeded bool // the handlers; they are not run again

	mu       sync.Mutex
	renewal  *time.Timer
	leaseEnd time.Time
	stopped  bool
}

// newJob starts the renewal of a claim whose lease began at begun.
func (h *Handler) newJob(ctx context.Context, event *Event, claim Claim, begun time.Time) *job {
	j := &job{handler: h, event: event, claim: claim, leaseEnd: begun.Add(lease)}
	j.ctx, j.cancel = context.WithCancelCause(context.WithValue(context.WithoutCancel(ctx), claimKey{}, claim))
	j.mu.Lock()
	defer j.mu.Unlock()
	j.renewal = time.AfterFunc(lease/3, j.renew)
	return j
}

// ErrNotRecorded is the error of an event whose handlers succeeded, and of which the [Store] did not take note. When
// its claim has expired and it is delivered again or replayed, its handlers run again.
var ErrNotRecorded = errors.New("webhook: the event was processed but not recorded")

// processOnce makes the only attempt before the answer.
func (j *job) processOnce() error {
	err := j.attempt()
	switch {
	case err == nil:
		j.stop()
		return nil
	case errors.Is(err, ErrNotRecorded):
		j.stop()
		return &refusal{status: http.StatusServiceUnavailable, reason: "the store failed", err: err}
	default:
		j.release()
		return &refusal{status: http.StatusInternalServerError, reason: "a handler failed", err: err}
	}
}

// attempt runs the handlers, unless they have succeeded before, and completes the claim.
func (j *job) attempt() error {
	if !j.succeeded {
		if err := j.run(); err != nil {
			return err
		}
		j.succeeded = true
	}
	return j.complete()
}

func (j *job) run() error {
	ctx, cancel := context.WithTimeout(j.ctx, j.handler.timeout)
	defer cancel()
	return protect(func() error { return j.handler.routes.dispatch(ctx, j.event) })
}

// errGoexit is the error of a handler that ended its goroutine.
var errGoexit = errors.New("webhook: a handler ended its goroutine")

// protect calls a function of the user's. That it panics, or ends its goroutine, is an error.
func protect(f func() error) error {
	done := make(chan error, 1)
	go func() {
		err := errGoexit
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("webhook: a handler panicked: %v\n%s", p, debug.Stack())
			}
			done <- err
		}()
		err = f()
	}()
	return <-done
}

// complete records that the handlers have run. If that fails, the claim is left to expire and the handlers run again,
// which is better than an event that is never processed.
func (j *job) complete() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(j.ctx), settleTimeout)
	defer cancel()
	for wait := 100 * time.Millisecond; ; wait *= 4 {
		err := j.handler.store.Complete(ctx, j.claim)
		if err == nil {
			return nil
		}
		if errors.Is(err, ErrClaimLost) || wait > time.Second || sleep(ctx, wait) != nil {
			return fmt.Errorf("%w: %w", ErrNotRecorded, err)
		}
	}
}

// release gives the event back unprocessed.
func (j *job) release() {
	defer j.stop()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(j.ctx), settleTimeout)
	defer cancel()
	if err := j.handler.store.Release(ctx, j.claim); err != nil {
		j.handler.logger.LogAttrs(ctx, slog.LevelWarn, "webhook: claim not released, it will expire",
			slog.Any("event", j.event), slog.Any("error", err))
	}
}

// stop ends the renewal of the lease and cancels the context of the handlers.
func (j *job) stop() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.stopped = true
	j.renewal.Stop()
	j.cancel(nil)
}

// sleep waits for d, or returns the cause when ctx ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
