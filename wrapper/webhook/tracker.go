package webhook

import "sync"

// A tracker counts the events in progress, so that Shutdown can refuse new ones and wait for the others.
type tracker struct {
	mu     sync.Mutex
	count  int
	closed bool
	idle   chan struct{} // closed once the tracker is closed and its count is zero
}

func newTracker() tracker { return tracker{idle: make(chan struct{})} }

// begin counts one more event and reports true, unless the tracker is closed.
func (t *tracker) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	t.count++
	return true
}

// add counts one more, also when the tracker is closed. It is for work that continues an event in progress.
func (t *tracker) add() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count++
}

// end counts one less.
func (t *tracker) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count--
	t.closeIfIdle()
}

// close makes begin fail from now on, and returns a channel that is closed once nothing is in progress.
func (t *tracker) close() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.closed = true
		t.closeIfIdle()
	}
	return t.idle
}

// closeIfIdle is called with the lock held.
func (t *tracker) closeIfIdle() {
	if t.closed && t.count == 0 {
		close(t.idle)
	}
}
