package payout

import (
	"context"
	"errors"
	"sync"
	"time"
)

// A pace keeps mass payments apart, and stops them all for a while when Dwolla asks for it.
type pace struct {
	every time.Duration
	mu    sync.Mutex
	next  time.Time
}

// turn is when the next mass payment may be sent.
func (p *pace) turn() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.next
}

// wait takes the next turn and waits for it: for a moment, when another worker was faster.
func (p *pace) wait(ctx context.Context) error {
	p.mu.Lock()
	turn := time.Now()
	if p.next.After(turn) {
		turn = p.next
	}
	p.next = turn.Add(p.every)
	p.mu.Unlock()
	return sleep(ctx, time.Until(turn), nil)
}

// pause keeps everything back for a while.
func (p *pace) pause(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(d); until.After(p.next) {
		p.next = until
	}
}

// A patience ends a run in which nothing succeeds any more.
type patience struct {
	limit time.Duration
	mu    sync.Mutex
	since time.Time // of the last success
}

func newPatience(limit time.Duration) *patience {
	return &patience{limit: limit, since: time.Now()}
}

func (p *patience) judge(batch string, s Step) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case s.Err == nil && s.Chunk != 0:
		p.since = time.Now()
	case s.Err != nil && p.limit > 0 && time.Since(p.since) > p.limit:
		return &StoppedError{Batch: batch, Err: errors.Join(errors.New("nothing succeeded for "+p.limit.String()), s.Err)}
	}
	return nil
}

// sleep waits for a time, or until woken or the context ends.
func sleep(ctx context.Context, d time.Duration, woken <-chan struct{}) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-woken:
	case <-timer.C:
	}
	return nil
}
