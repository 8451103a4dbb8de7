package dwollatest

import "time"

// Now is the time of the server.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

// now is called with the lock held.
func (s *Server) now() time.Time { return s.clock().Add(s.offset) }

// Advance moves the clock forward by d. Everything that is due by then happens in order, each at its time: items of
// mass payments, and deliveries of webhooks, which it waits for.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	target := s.now().Add(d)
	for {
		at, planned := s.state.timers.next()
		if !planned || at.After(target) {
			break
		}
		s.moveTo(at)
		s.state.step()
		s.dispatch()
		s.awaitDeliveries()
	}
	s.moveTo(target)
	s.refresh()
}

// moveTo sets the clock, never backwards.
func (s *Server) moveTo(t time.Time) {
	if ahead := t.Sub(s.now()); ahead > 0 {
		s.offset += ahead
	}
}

// refresh runs the timers that are due, sends the outbox and sets the next wake-up. It is called with the lock held,
// after every change of the state.
func (s *Server) refresh() {
	if s.closed {
		return
	}
	s.state.catchUp(s.now())
	s.dispatch()
	next, planned := s.state.timers.next()
	if !planned {
		return
	}
	wait := max(0, next.Sub(s.now()))
	if s.wake == nil {
		s.wake = time.AfterFunc(wait, s.wakeUp)
		return
	}
	s.wake.Reset(wait)
}

// wakeUp runs the timers that are due while no request comes in.
func (s *Server) wakeUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refresh()
}
