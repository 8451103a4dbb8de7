package payout

import (
	"context"
	"sync"
	"time"
)

// A pace spaces the requests of a runner that create mass payments, and stops them for a while when Dwolla asks for it.
type pace struct {
	every time.Duration
	mu    sync.Mutex
	from  time.Time // no mass payment before
}

// left is the time until the next mass payment may be sent.
func (p *pace) left() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(0, time.Until(p.from))
}

// wait reserves the time of a mass payment and waits for it.
func (p *pace) wait(ctx context.Context) error {
	p.mu.Lock()
	at := time.Now()
	if p.from.After(at) {
		at = p.from
	}
	p.from = at.Add(p.every)
	p.mu.Unlock()
	return sleep(ctx, time.Until(at), nil)
}

// pause stops all mass payments for a while.
func (p *pace) pause(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(d); until.After(p.from) {
		p.from = until
	}
}
