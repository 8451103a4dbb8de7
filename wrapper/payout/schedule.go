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
	open, blocked := s.survey()
	wait := time.Duration(0)
	for i := range s.chunks {
		c := &s.chunks[i]
		if !c.State.runs() || s.awaitsApproval(c) {
			continue
		}
		if c.State == StatePlanned && (blocked || s.maxOpen > 0 && open >= s.maxOpen) {
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

// survey counts the mass payments that are unfinished at Dwolla, and tells whether nothing may be sent for the first
// time: an outcome is not known, or a person has to decide.
func (s *schedule) survey() (open int, blocked bool) {
	for i := range s.chunks {
		c := &s.chunks[i]
		if c.State.open() && !s.awaitsApproval(c) {
			open++
		}
		blocked = blocked || c.State.unclear(s.leased(c))
	}
	return open, blocked
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

func (s *schedule) awaitsApproval(c *Chunk) bool {
	return s.batch.Decision == "" && c.awaitsApproval()
}
