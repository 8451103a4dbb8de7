package payout

import (
	"context"
	"crypto/rand"
	"time"
)

// claim takes the lease of a chunk that is due. When there is none it says how long nothing will be, 0 for ever.
func (r *Runner) claim(ctx context.Context, batch string) (*job, time.Duration, error) {
	var j *job
	var wait time.Duration
	pick := func(tx Tx) error {
		rec := record{tx}
		b, err := rec.ready()
		if err != nil {
			return err
		}
		chunks, err := rec.chunks(&b)
		if err != nil {
			return err
		}
		leases, err := rec.leases()
		if err != nil {
			return err
		}
		now := tx.Now()
		s := schedule{batch: &b, chunks: chunks, leases: leases, now: now, maxOpen: r.opts.MaxOpen, sendFrom: r.pace.turn(), woken: r.wake.has}
		c, next := s.next()
		j, wait = nil, next
		if c != nil {
			j = &job{runner: r, batch: b, chunk: *c, was: c.State, lease: lease{
				Worker: r.opts.Worker, Token: rand.Text(), Until: now.Add(r.opts.Lease),
			}}
		}
		return nil
	}
	// Most looks find nothing to do; they do not cost a write.
	if err := r.store.View(ctx, batch, pick); err != nil || j == nil {
		return nil, wait, err
	}
	err := r.store.Update(ctx, batch, func(tx Tx) error {
		if err := pick(tx); err != nil || j == nil {
			return err
		}
		return record{tx}.put(numbered(prefixLease, j.chunk.Number), &j.lease)
	})
	if err != nil {
		return nil, 0, err
	}
	if j != nil {
		r.wake.done(j.chunk.MassPayment)
	}
	return j, wait, nil
}

// A schedule decides which chunk is worked on next.
type schedule struct {
	batch    *Batch
	chunks   []Chunk
	leases   map[int]lease
	now      time.Time
	maxOpen  int
	sendFrom time.Time // nothing is sent before
	woken    func(href string) bool
}

// idle bounds how long a worker waits: others may change the record meanwhile.
const idle = 30 * time.Second

// next is the first chunk that may take a step, or how long there will be none: 0 when only a person can change that.
func (s *schedule) next() (*Chunk, time.Duration) {
	open, blocked := s.survey()
	wait := time.Duration(0)
	for i := range s.chunks {
		c := &s.chunks[i]
		if c.State.final() || s.awaitsApproval(c) {
			continue
		}
		if c.State == StatePlanned && (blocked || s.maxOpen > 0 && open >= s.maxOpen) {
			continue
		}
		due := s.due(c)
		if !due.After(s.now) {
			return c, 0
		}
		left := min(due.Sub(s.now), idle)
		if wait == 0 || left < wait {
			wait = left
		}
	}
	return nil, wait
}

// survey counts the mass payments that are unfinished at Dwolla, and tells whether nothing more may be sent for now: an
// outcome is not known, or a person has to decide.
func (s *schedule) survey() (open int, blocked bool) {
	for i := range s.chunks {
		c := &s.chunks[i]
		switch c.State {
		case StateHeld, StateUnknown:
			blocked = true
		case StateSending:
			open++
			// Its worker is at it, or it died.
			blocked = blocked || !s.leased(c)
		case StateCreated:
			if !s.awaitsApproval(c) {
				open++
			}
		case StatePlanned, StateSettled, StateRejected, StateCancelled:
		}
	}
	return open, blocked
}

func (s *schedule) leased(c *Chunk) bool { return s.leases[c.Number].Until.After(s.now) }

// due is when the chunk can be worked on.
func (s *schedule) due(c *Chunk) time.Time {
	if s.leased(c) {
		return s.leases[c.Number].Until
	}
	if c.MassPayment != "" && s.woken(c.MassPayment) {
		return s.now
	}
	if (c.State == StatePlanned || c.State == StateUnknown) && s.sendFrom.After(c.Due) {
		return s.sendFrom
	}
	return c.Due
}

func (s *schedule) awaitsApproval(c *Chunk) bool {
	return s.batch.Decision == "" && c.awaitsApproval()
}

// leaseHeld returns ErrLeaseLost unless the lease is still the holder's. An expired one that nobody took is.
func (r record) leaseHeld(chunk int, token string) error {
	var l lease
	found, err := r.get(numbered(prefixLease, chunk), &l)
	if err == nil && (!found || l.Token != token) {
		err = ErrLeaseLost
	}
	return err
}
