package payout

import (
	"context"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// follow polls a mass payment until Dwolla has finished it, also with a status that Dwolla may add one day.
func (s *step) follow(ctx context.Context) error {
	c := &s.chunk
	m, err := s.runner.gateway.Get(ctx, c.MassPayment)
	if err != nil {
		s.fail(err)
		return nil
	}
	if c.Status != m.Status {
		c.Status, c.Polls = m.Status, 0
	}
	switch {
	case m.Status.Final():
		return s.settle(ctx)
	case m.Status == dwolla.MassPaymentStatusDeferred:
		return s.carryOut(ctx)
	default:
		s.poll()
	}
	return nil
}

// poll sets the time of the next poll: later each time, since 5,000 items take an hour.
func (s *step) poll() {
	c, o := &s.chunk, &s.runner.opts
	wait := o.Poll
	for range min(c.Polls, 32) {
		wait = min(wait*3/2, o.MaxPoll)
	}
	c.Polls++
	s.wait(wait)
}

// carryOut tells Dwolla what a person has decided about the batch by now. Whether that worked is read from the mass
// payment itself, the next time: another process may have decided otherwise at the same moment.
func (s *step) carryOut(ctx context.Context) (err error) {
	if s.batch, err = load(ctx, s.runner.store, s.batch.ID); err != nil {
		return err
	}
	switch {
	case s.batch.holds(&s.chunk):
		return nil
	case s.batch.Decision == DecisionCancelled:
		err = s.runner.gateway.Update(ctx, s.chunk.MassPayment, dwolla.UpdateMassPaymentStatusCancelled)
	default:
		err = s.runner.gateway.Update(ctx, s.chunk.MassPayment, dwolla.UpdateMassPaymentStatusPending)
	}
	if err != nil {
		s.fail(err)
		return nil
	}
	s.poll()
	return nil
}

// deferred reports whether Dwolla holds the chunk until it is told to run or to cancel it.
func (c *Chunk) deferred() bool {
	return c.State == StateCreated && c.Status == dwolla.MassPaymentStatusDeferred
}
