package payout

import "time"

// A schedule decides which chunk takes the next step.
type schedule struct {
	record   record
	batch    *Batch
	index    index
	leased   map[int]leased // the chunks with a lease that holds
	now      time.Time
	maxOpen  int
	worker   string    // whose leases on chunks to be sent count as open: they would be looked up in vain
	maxFail  int       // rows that may fail before no chunk is sent any more; negative is no limit
	others   bool      // chunks are sent whatever became of the others
	sendFrom time.Time // no mass payment is sent before
	wake     *wakeups
}

type leased struct {
	lease
	state   State // of the chunk
	repeats bool  // its request is not the first
}

// maxWait is the longest wait of a worker, since others may change the record.
const maxWait = 30 * time.Second

// next is the chunk that takes the next step, or the time until one is due: 0 when none will be without a person. What can
// be sent goes before what Dwolla has already, of which the one that has waited longest is next.
func (s *schedule) next() (*Chunk, time.Duration, error) {
	wait := time.Duration(0)
	later := func(at time.Time) {
		if left := min(at.Sub(s.now), maxWait); wait == 0 || left < wait {
			wait = left
		}
	}
	for _, l := range s.leased {
		later(l.Until)
	}
	for _, of := range []class{classUnclear, classPlanned, classCreated, classDeferred} {
		if of == classPlanned && !s.mayTakePlanned() || of == classDeferred && s.batch.undecided() {
			continue
		}
		if of == classCreated {
			if c, err := s.wokenChunk(); c != nil || err != nil {
				return c, 0, err
			}
		}
		most := 1
		if of == classUnclear && s.batch.Paused {
			most = 64 // some of which are due and wait
		}
		var next *Chunk
		err := s.record.dueChunks(of, s.leased, most, func(c *Chunk) bool {
			if s.batch.Paused && c.State == StateUnknown && c.EmptyLooks > 0 {
				return true
			}
			due := c.Due
			if c.State.sends() && s.sendFrom.After(due) {
				due = s.sendFrom
			}
			if due.After(s.now) {
				later(due)
			} else {
				next = c
			}
			return false
		})
		if next != nil || err != nil {
			return next, 0, err
		}
	}
	return nil, wait, nil
}

// mayTakePlanned reports whether a chunk of which nothing was sent may be looked up, to be sent or cancelled. Where something
// else was found under the correlation id of one, there is another record of the batch, whose chunks may have other numbers:
// what a look-up does not find may be paid all the same. The first chunk is looked up alone, so that this is noticed.
func (s *schedule) mayTakePlanned() bool {
	if s.index.Found > 0 {
		return false
	}
	for _, l := range s.leased {
		if s.index.Touched == 0 && l.state == StatePlanned {
			return false
		}
	}
	return s.maySend() || s.batch.Decision == DecisionCancelled
}

// wokenChunk is one that a webhook says to look at.
func (s *schedule) wokenChunk() (*Chunk, error) {
	for _, id := range s.wake.in(s.batch.ID) {
		c, err := s.record.chunkOf(id)
		if err != nil {
			return nil, err
		}
		if c == nil {
			s.wake.notIn(s.batch.ID, id)
			continue
		}
		if _, taken := s.leased[c.Number]; !taken && c.State == StateCreated && !s.batch.holds(c) {
			return c, nil
		}
	}
	return nil, nil
}

// maySend reports whether a chunk may be sent for the first time: nobody has stopped the batch, no outcome is unknown and
// nobody has to decide (unless the others do not matter, and nothing else was found), not too many mass payments are unfinished at Dwolla, and not too
// many rows failed.
func (s *schedule) maySend() bool {
	states := s.index.States
	open := states[StateSending] + states[StateCreated]
	if s.batch.undecided() {
		open -= s.index.Deferred
	}
	unclear := states[StateUnknown] + states[StateHeld] + states[StateSending]
	for _, l := range s.leased {
		switch {
		case l.state == StateSending && !l.repeats: // its request is under way, and there is no other
			unclear--
		case l.state == StatePlanned && l.Worker == s.worker:
			open++
		}
	}
	return (s.others && s.index.Found == 0 || unclear == 0) && s.batch.sends() && (s.maxOpen == 0 || open < s.maxOpen) && !s.tooManyFailed()
}

// tooManyFailed reports whether so many rows failed that something is wrong with all of them.
func (s *schedule) tooManyFailed() bool { return s.maxFail >= 0 && s.index.Failed >= s.maxFail }

// stopped is why chunks are left that nobody sends any more, although no person has stopped them; nil where that is not so.
func (s *schedule) stopped() error {
	if s.index.States[StateHeld] == 0 && s.index.States[StatePlanned] > 0 && s.batch.sends() && s.tooManyFailed() {
		return &StoppedError{Batch: s.batch.ID, Err: ErrTooManyFailed}
	}
	return nil
}
