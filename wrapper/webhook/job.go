package webhook

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

const (
	// lease is how long the event of a dead process stays claimed; a live one renews.
	lease = time.Minute
	// deliveryPatience is how long a delivery waits for another of the same event: less than the ten seconds of Dwolla.
	deliveryPatience = 8 * time.Second
	// settleLimit is the time for completing or releasing a claim.
	settleLimit = 5 * time.Second
)

// A job is an event that this process has claimed. Its lease is renewed until stop.
type job struct {
	handler *Handler
	event   *Event
	claim   Claim
	ctx     context.Context // of the handlers; ends when the claim is lost
	cancel  context.CancelCauseFunc

	mu      sync.Mutex
	renewal *time.Timer
	lapses  time.Time
	stopped bool
}

// claim makes the event this process's. While somebody else has it, it waits for what becomes of it, up to patience: an
// event in progress may still fail, so that its second delivery must not be acknowledged yet.
func (h *Handler) claim(ctx context.Context, event *Event, patience time.Duration) (*job, Status, error) {
	giveUp := time.Now().Add(patience)
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		if h.queue.holds(event.ID) {
			return nil, Completed, nil // acknowledged before, and as good as done
		}
		begun := time.Now()
		claim, status, err := h.store.Claim(ctx, event.ID, lease)
		switch {
		case err != nil:
			return nil, InProgress, err
		case status == Completed:
			return nil, Completed, nil
		case status == Claimed:
			return h.newJob(ctx, event, claim, begun), Claimed, nil
		case time.Now().Add(wait).After(giveUp):
			return nil, InProgress, nil
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, InProgress, err
		}
	}
}

func (h *Handler) newJob(ctx context.Context, event *Event, claim Claim, begun time.Time) *job {
	j := &job{handler: h, event: event, claim: claim, lapses: begun.Add(lease)}
	j.ctx, j.cancel = context.WithCancelCause(context.WithValue(context.WithoutCancel(ctx), claimKey{}, claim))
	j.mu.Lock()
	defer j.mu.Unlock()
	j.renewal = time.AfterFunc(lease/3, j.renew)
	return j
}

// renew ends the context of the handlers when the claim is lost, or when so much time has passed without an answer of
// the store that it may be.
func (j *job) renew() {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(j.ctx, lease/6)
	defer cancel()
	err := j.handler.store.Renew(ctx, j.claim, lease)

	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.stopped:
		return
	case err == nil:
		j.lapses = begun.Add(lease)
	case errors.Is(err, ErrClaimLost) || !time.Now().Before(j.lapses):
		j.cancel(ErrClaimLost)
		return
	}
	j.renewal.Reset(lease / 3)
}

func (j *job) stop() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.stopped = true
	j.renewal.Stop()
	j.cancel(nil)
}

// processOnce runs the handlers and settles the claim by their result.
func (j *job) processOnce() error {
	ran := false
	defer func() {
		if !ran {
			j.release() // also when a handler ends its goroutine
		}
	}()
	if err := j.run(); err != nil {
		return &refusal{status: http.StatusInternalServerError, reason: "a handler failed", err: err}
	}
	ran = true
	return j.complete()
}

func (j *job) run() error {
	ctx, cancel := context.WithTimeout(j.ctx, j.handler.timeout)
	defer cancel()
	return j.handler.routes.dispatch(ctx, j.event)
}

// complete records that the handlers have run. A claim that cannot be completed is left to lapse, and the handlers run
// again: that is better than an event that nobody processed.
func (j *job) complete() error {
	defer j.stop()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(j.ctx), settleLimit)
	defer cancel()
	for wait := 100 * time.Millisecond; ; wait *= 4 {
		err := j.handler.store.Complete(ctx, j.claim)
		if err == nil {
			return nil
		}
		if errors.Is(err, ErrClaimLost) || wait > time.Second || sleep(ctx, wait) != nil {
			return &refusal{status: http.StatusServiceUnavailable, reason: "the event was processed but not recorded", err: err}
		}
	}
}

// release gives the event back unprocessed.
func (j *job) release() {
	defer j.stop()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(j.ctx), settleLimit)
	defer cancel()
	if err := j.handler.store.Release(ctx, j.claim); err != nil {
		j.handler.logger.LogAttrs(ctx, slog.LevelWarn, "webhook: claim not released, it will lapse",
			slog.Any("event", j.event), slog.Any("error", err))
	}
}

// sleep waits, or returns why the context ended.
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
