package payout

import (
	"context"
	"errors"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A job is one step of one chunk, by the holder of its lease.
type job struct {
	runner  *Runner
	batch   Batch
	chunk   Chunk
	lease   lease
	was     State
	results []Result // to be written with the chunk
	failure error    // what went wrong at Dwolla; the step is written down all the same
}

// saveTimeout is how long a step that the caller interrupted may take to write down what it knows.
const saveTimeout = 10 * time.Second

// run takes the step and writes it down, which also ends the lease. Its error is the record's: nothing may go on.
func (j *job) run(ctx context.Context) error {
	if err := j.step(ctx); err != nil {
		return err
	}
	if j.failure == nil {
		j.chunk.Failures, j.chunk.LastError = 0, ""
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer cancel()
	return j.finish(ctx)
}

func (j *job) step(ctx context.Context) error {
	if j.chunk.State == StateCreated {
		return j.follow(ctx)
	}
	return j.send(ctx)
}

// save writes the chunk down in the middle of a step.
func (j *job) save(ctx context.Context) error {
	return j.runner.store.Update(ctx, j.batch.ID, func(tx Tx) error {
		r := record{tx}
		return errors.Join(r.leaseHeld(j.chunk.Number, j.lease.Token), r.putChunk(&j.chunk))
	})
}

// finish writes the chunk down with its results, if there are any, and ends the lease.
func (j *job) finish(ctx context.Context) error {
	return j.runner.store.Update(ctx, j.batch.ID, func(tx Tx) error {
		r := record{tx}
		if err := r.leaseHeld(j.chunk.Number, j.lease.Token); err != nil {
			return err
		}
		if j.results != nil {
			if err := r.put(numbered(prefixResults, j.chunk.Number), j.results); err != nil {
				return err
			}
		}
		return errors.Join(r.putChunk(&j.chunk), tx.Delete(numbered(prefixLease, j.chunk.Number)))
	})
}

// rows reads the chunk's rows.
func (j *job) rows(ctx context.Context) (rows []Row, err error) {
	err = j.runner.store.View(ctx, j.batch.ID, func(tx Tx) error {
		rows, err = record{tx}.rows(&j.chunk)
		return err
	})
	return rows, err
}

// fail notes what went wrong and when to try again: later each time, and not before Dwolla asked for.
func (j *job) fail(err error) {
	c := &j.chunk
	j.failure = err
	c.Failures++
	c.LastError = err.Error()
	wait := j.runner.opts.MaxBackoff
	if doublings := c.Failures - 1; doublings < 16 {
		wait = min(wait, j.runner.opts.Backoff<<doublings)
	}
	if e, ok := errors.AsType[*dwolla.Error](err); ok {
		wait = max(wait, e.RetryAfter)
		if e.Outcome == dwolla.OutcomeRateLimited {
			j.runner.pace.pause(wait)
		}
	}
	c.Due = time.Now().Add(wait)
}

// hold stops the chunk for a person.
func (j *job) hold(reason HoldReason, candidates []string) {
	j.chunk.State = StateHeld
	j.chunk.Hold = &Hold{Reason: reason, Since: time.Now().UTC(), Candidates: candidates}
}

func (j *job) event() Event {
	return Event{
		Batch: j.batch.ID, Chunk: j.chunk.Number, Rows: j.chunk.Rows, Was: j.was, State: j.chunk.State,
		MassPayment: j.chunk.MassPayment, Err: j.failure,
	}
}
