package payout

import (
	"context"
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
