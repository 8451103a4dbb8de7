package payout

import "time"

// A schedule decides which chunk takes the next step.
type schedule struct {
	batch    *Batch
	chunks   []Chunk
	leases   map[int]lease
	now      time.Time
	maxOpen  int
	sendFrom time.Time // no mass payment is sent before
	woken    func(href string) bool
}

// maxWait is the longest wait of a worker, since others may change the record.
const maxWait = 30 * time.Second

// next is the first chunk that is due, or the time until one will be: 0 when none will be without a person.
func (s *schedule) next() (*Chunk, time.Duration) {
	maySend := s.maySend()
	wait := time.Duration(0)
	for i := range s.chunks {
		c := &s.chunks[i]
		if !c.State.runs() || s.waits(c) {
			continue
		}
		if c.State == StatePlanned && !maySend && s.batch.Decision != DecisionCancelled {
			continue
		}
		due := s.due(c)
		if !due.After(s.now) {
			return c, 0
		}
		left := min(due.Sub(s.now), maxWait)
		if wait == 0 || left < wait {
			wait = left
		}
	}
	return nil, wait
}

// maySend reports whether a chunk may be sent for the first time: nobody has stopped the batch, no outcome is unknown,
// nobody has to decide, and not too many mass payments are unfinished at Dwolla.
func (s *schedule) maySend() bool {
	open := 0
	for i := range s.chunks {
		c := &s.chunks[i]
		if c.State.unclear(s.leased(c)) {
			return false
		}
		if c.State.open() && !s.batch.holds(c) {
			open++
		}
	}
	return s.batch.sends() && (s.maxOpen == 0 || open < s.maxOpen)
}

// waits reports whether nothing happens to the chunk until a person decides about the batch.
func (s *schedule) waits(c *Chunk) bool {
	return s.batch.holds(c) || s.batch.Paused && c.State == StateUnknown && c.EmptyLooks > 0
}

func (s *schedule) leased(c *Chunk) bool { return s.leases[c.Number].Until.After(s.now) }

// due is the time of the chunk's next step.
func (s *schedule) due(c *Chunk) time.Time {
	if s.leased(c) {
		return s.leases[c.Number].Until
	}
	if c.MassPayment != "" && s.woken(c.MassPayment) {
		return s.now
	}
	if c.State.sends() && s.sendFrom.After(c.Due) {
		return s.sendFrom
	}
	return c.Due
}
