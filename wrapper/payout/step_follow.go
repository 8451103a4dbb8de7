package payout

import (
	"context"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// follow reads a mass payment until Dwolla has finished it. An unknown status is waited on: Dwolla may add some.
func (j *job) follow(ctx context.Context) error {
	c := &j.chunk
	m, err := j.runner.gateway.Get(ctx, c.MassPayment)
	if err != nil {
		j.fail(err)
		return nil
	}
	if c.Status != m.Status {
		c.Status, c.Polls = m.Status, 0
	}
	switch m.Status {
	case dwolla.MassPaymentStatusComplete, dwolla.MassPaymentStatusCancelled:
		return j.collect(ctx)
	case dwolla.MassPaymentStatusDeferred:
		j.decide(ctx)
	default:
		j.poll()
	}
	return nil
}

// poll sets the next reading: later each time, since 5,000 items take an hour.
func (j *job) poll() {
	c, o := &j.chunk, &j.runner.opts
	wait := o.Poll
	for range min(c.Polls, 32) {
		wait = min(wait*3/2, o.MaxPoll)
	}
	c.Polls++
	c.Due = time.Now().Add(wait)
}

// decide carries a person's decision out. Whether that worked is read from the mass payment itself, the next time:
// another process may have decided otherwise at the same moment.
func (j *job) decide(ctx context.Context) {
	var err error
	switch j.batch.Decision {
	case DecisionApproved:
		err = j.runner.gateway.Update(ctx, j.chunk.MassPayment, dwolla.UpdateMassPaymentStatusPending)
	case DecisionCancelled:
		err = j.runner.gateway.Update(ctx, j.chunk.MassPayment, dwolla.UpdateMassPaymentStatusCancelled)
	default:
		return // waits for approval
	}
	if err != nil {
		j.fail(err)
		return
	}
	j.chunk.Due = time.Time{}
	j.poll()
}

// awaitsApproval reports whether Dwolla holds the chunk until somebody decides.
func (c *Chunk) awaitsApproval() bool {
	return c.State == StateCreated && c.Status == dwolla.MassPaymentStatusDeferred
}
