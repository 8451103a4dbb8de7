package payout

import "time"

// A schedule decides which chunk takes the next step.
type schedule struct {
	batch    *Batch
	chunks   []Chunk
	leases   map[int]lease
	now      time.Time
	maxOpen  int
	worker   string    // whose leases on chunks to be sent count as open: they would be looked up in vain
	sendFrom time.Time // no mass payment is sent before
	woken    func(href string) bool
}

// maxWait is the longest wait of a worker, since others may change the record.
const maxWait = 30 * time.Second

// next is the chunk that takes the next step, or the time until one is due: 0 when none will be without a person. What can
// be sent goes before what Dwolla has already, of which the one that has waited longest is next.
func (s *schedule) next() (*Chunk, time.Duration) {
	maySend := s.maySend()
	wait := time.Duration(0)
	var longest *Chunk
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
			if c.State != StateCreated {
				return c, 0
			}
			if longest == nil || due.Before(s.due(longest)) {
				longest = c
			}
			continue
		}
		left := min(due.Sub(s.now), maxWait)
		if wait == 0 || left < wait {
			wait = left
		}
	}
	if longest != nil {
		return longest, 0
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
		reserved := c.State == StatePlanned && s.leased(c) && s.leases[c.Number].Worker == s.worker
		if reserved || c.State.open() && !s.batch.holds(c) {
			open++
		}
	}
	return s.batch.sends() && (s.maxOpen == 0 || open < s.maxOpen)
}

// waits reports whether nothing happens to the chunk until a person decides about the batch.
func (s *schedule) waits(c *Chunk) bool {
	return s.batch.holds(c) || s.batch.Paused && c.State == StateUnknown && c.EmptyLooks > 0
}

func (s *schedule) leased(c *Chunk) bool { return s.leases[c.Number].holds(s.now) }

// due is the time of the chunk's next step.
func (s *schedule) due(c *Chunk) time.Time {
	if s.leased(c) {
		return s.leases[c.Number].Until
	}
	if c.MassPayment != "" && s.woken(c.MassPayment) {
		return time.Time{} // before all others
	}
	due := c.Due
	if due.Sub(s.now) > c.Wait { // the clock was set back since
		due = s.now
	}
	if c.State.sends() && s.sendFrom.After(due) {
		return s.sendFrom
	}
	return due
}
