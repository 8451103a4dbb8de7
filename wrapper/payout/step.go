package payout

import (
	"context"
	"errors"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A step takes one chunk further, for the holder of its lease: at most one request that creates something, between two
// writes to the record.
type step struct {
	runner  *Runner
	batch   Batch
	chunk   Chunk
	lease   lease
	was     State // before the step
	now     clock
	results []Result // to be written with the chunk
	failure error    // of the call to Dwolla; the step is written down nevertheless
	stopped bool     // by the failure: the run ends
	// untouched says that nothing of the batch was sent when the step began.
	untouched bool
}

// saveTimeout is how long a step may take to write down its result after the caller's context has ended.
const saveTimeout = 10 * time.Second

// run takes the step and writes it down, which also ends the lease. Its error is the record's.
func (s *step) run(ctx context.Context, started time.Time) error {
	held, release := s.hold(ctx, started)
	err := s.take(held)
	ended := held.Err() != nil && ctx.Err() == nil
	release()
	if err != nil && ended {
		return errors.Join(ErrLeaseLost, err)
	}
	if err != nil {
		return err
	}
	if s.failure == nil {
		s.chunk.Failures, s.chunk.LastError = 0, ""
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer cancel()
	err = s.finish(ctx)
	if err != nil && ctx.Err() != nil {
		return errors.Join(ErrStoreUnavailable, err)
	}
	return err
}

func (s *step) take(ctx context.Context) error {
	if s.chunk.State == StateCreated {
		return s.follow(ctx)
	}
	return s.send(ctx)
}

// finish writes the chunk down with its results, if there are any, and ends the lease.
func (s *step) finish(ctx context.Context) error {
	return s.runner.store.Update(ctx, s.batch.ID, func(tx Tx) error {
		r := record{tx}
		if err := r.leaseHeld(s.chunk.Number, s.lease.Token); err != nil {
			return err
		}
		if s.results != nil {
			if err := r.put(numbered(prefixResults, s.chunk.Number), s.results); err != nil {
				return err
			}
		}
		return errors.Join(r.putChunk(&s.chunk), tx.Delete(numbered(prefixLease, s.chunk.Number)))
	})
}

// rows reads the chunk's rows that are sent.
func (s *step) rows(ctx context.Context) (rows []Row, err error) {
	err = s.runner.store.View(ctx, s.batch.ID, func(tx Tx) error {
		rows, err = record{tx}.rest(&s.chunk)
		return err
	})
	return rows, err
}

// fail notes what went wrong and when to try again: twice as late each time, and not before Dwolla asked for.
func (s *step) fail(err error) {
	c := &s.chunk
	s.failure = err
	c.Failures++
	c.LastError = err.Error()
	wait := s.runner.opts.MaxBackoff
	if doublings := c.Failures - 1; doublings < 16 {
		wait = min(wait, s.runner.opts.Backoff<<doublings)
	}
	if e, ok := errors.AsType[*dwolla.Error](err); ok {
		wait = max(wait, e.RetryAfter)
		if e.Outcome == dwolla.OutcomeRateLimited {
			s.runner.pace.pause(wait)
		}
	}
	s.wait(wait)
}

// wait sets the time of the chunk's next step.
func (s *step) wait(d time.Duration) { s.chunk.wait(s.now.time(), d) }

// A clock is that of the store: a reading, and when it was read.
type clock struct{ store, here time.Time }

func (c clock) time() time.Time { return c.store.Add(time.Since(c.here)) }

func (s *step) event() Event {
	return Event{
		Batch: s.batch.ID, Chunk: s.chunk.Number, Rows: s.chunk.Rows, Was: s.was, State: s.chunk.State,
		MassPayment: s.chunk.MassPayment, Err: s.failure,
	}
}
