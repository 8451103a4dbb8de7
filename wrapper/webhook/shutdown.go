package webhook

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrShutdown is why events in the background were given up when the time for a shutdown was over.
var ErrShutdown = errors.New("webhook: shut down before the event was processed")

// lastWords is the time for handlers to heed the end of their contexts.
const lastWords = time.Second

// Shutdown refuses new deliveries, which Dwolla sends again, and waits for the events in progress, queued ones
// included. When ctx ends first, the contexts of background events end and what is left is given up, for which
// Shutdown waits one more second before it returns the error of ctx. A Handler that was shut down stays so.
//
// Call it before [http.Server.Shutdown] ends the program; the order of the two does not matter.
func (h *Handler) Shutdown(ctx context.Context) error {
	idle := h.running.close()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	h.queue.abandon(ErrShutdown)
	last := time.NewTimer(lastWords)
	defer last.Stop()
	select {
	case <-idle:
	case <-last.C:
	}
	return context.Cause(ctx)
}

// A tracker counts what is in progress and can be closed.
type tracker struct {
	mu     sync.Mutex
	count  int
	closed bool
	idle   chan struct{} // closed when closed and nothing is in progress
}

func newTracker() tracker { return tracker{idle: make(chan struct{})} }

// begin counts one more, unless the tracker is closed.
func (t *tracker) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	t.count++
	return true
}

// add counts one more on behalf of something that is in progress already.
func (t *tracker) add() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count++
}

func (t *tracker) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count--
	t.settle()
}

func (t *tracker) close() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.closed = true
		t.settle()
	}
	return t.idle
}

func (t *tracker) settle() {
	if t.closed && t.count == 0 {
		close(t.idle)
	}
}
