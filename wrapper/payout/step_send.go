package payout

import (
	"context"
	"slices"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// send looks a chunk up of which Dwolla may or may not have something, and sends it if it is not there.
func (s *step) send(ctx context.Context) error {
	c := &s.chunk
	if c.State == StatePlanned && s.batch.Decision == DecisionCancelled {
		return c.cancel()
	}
	if c.State == StateSending { // its worker died
		if err := c.lose(); err != nil {
			return err
		}
	}
	if over, err := s.lookUp(ctx); over || err != nil {
		return err
	}
	body, sum, err := s.body(ctx)
	if err != nil {
		return err
	}
	if c.State == StateUnknown && !s.mayRepeat(sum) {
		return s.awaitLookUp()
	}
	return s.post(ctx, body, sum)
}

// lookUp asks for the mass payments with the chunk's correlation id. The step is over unless there are none.
func (s *step) lookUp(ctx context.Context) (over bool, err error) {
	c := &s.chunk
	found, err := s.runner.gateway.Find(ctx, s.batch.Plan.Source, c.CorrelationID)
	if err != nil {
		s.fail(err)
		return true, nil
	}
	found = slices.DeleteFunc(found, func(m dwolla.MassPayment) bool { return slices.Contains(c.Excluded, m.Links.Self.Href) })
	var candidates []string
	for i := range found {
		candidates = append(candidates, found[i].Links.Self.Href)
	}
	switch {
	case len(found) == 0:
		c.EmptyLooks++
		if c.EmptyLooks == 1 {
			c.FirstLook = time.Now()
		}
		return false, nil
	case len(found) == 1 && c.isOurs(&s.batch, &found[0]) && candidates[0] != "":
		c.Due = time.Now().Add(s.runner.opts.Poll)
		return true, c.create(candidates[0])
	default:
		return true, c.hold(HoldAmbiguous, candidates)
	}
}

// body is what is sent, and the hash of its bytes.
func (s *step) body(ctx context.Context) (*dwolla.CreateMassPayment, string, error) {
	rows, err := s.rows(ctx)
	if err != nil {
		return nil, "", err
	}
	body := massPayment(&s.batch, &s.chunk, rows)
	sum, err := bodySum(body)
	return body, sum, err
}

// mayRepeat reports whether a chunk that may have been sent can be sent again: with its key while Dwolla remembers
// that, and with the same bytes. A first request in the future is a clock that was set back, which says nothing of the
// key.
func (s *step) mayRepeat(sum string) bool {
	c := &s.chunk
	age := time.Since(c.FirstSent)
	return s.batch.Decision != DecisionCancelled && c.Sends < s.runner.opts.Sends && c.BodySHA256 == sum &&
		age >= 0 && age < KeyLifetime
}

// awaitLookUp sets the time of the next look-up, or holds the chunk when enough of them found nothing for long enough.
func (s *step) awaitLookUp() error {
	c, o := &s.chunk, &s.runner.opts
	looking := time.Since(c.FirstLook)
	if c.EmptyLooks >= o.Looks && looking >= o.LookSpan {
		return c.hold(HoldAbsent, nil)
	}
	if looking < 0 { // the clock was set back
		c.FirstLook = time.Now()
	}
	c.Due = time.Now().Add(max(o.LookSpan/time.Duration(o.Looks), o.Backoff))
	return nil
}

// post sends the chunk. That it is being sent is durable before the first byte leaves.
func (s *step) post(ctx context.Context, body *dwolla.CreateMassPayment, sum string) error {
	if err := s.runner.pace.wait(ctx); err != nil {
		s.fail(err)
		return nil
	}
	c, was := &s.chunk, s.chunk.State
	first := was == StatePlanned
	if err := c.send(sum); err != nil {
		return err
	}
	if err := s.save(ctx); err != nil {
		return err
	}
	s.runner.progress(Event{Batch: s.batch.ID, Chunk: c.Number, Rows: c.Rows, Was: was, State: c.State})
	href, err := s.runner.gateway.Create(ctx, c.Key, body)
	switch outcome := dwolla.OutcomeOf(err); {
	case err == nil && href != "":
		c.Due = time.Now().Add(s.runner.opts.Poll)
		return c.create(href)
	case err == nil:
		return c.lose() // created, but its URL is not known: the next look-up finds it
	case first && outcome == dwolla.OutcomeRejected:
		return s.reject(err, body)
	case first && nothingDone(outcome):
		s.fail(err)
		return c.notSent()
	default:
		// Also a refusal of a repeated request, which may be refused for what has changed since the first.
		s.fail(err)
		return c.lose()
	}
}

// nothingDone reports whether Dwolla did nothing and may be asked again.
func nothingDone(o dwolla.Outcome) bool {
	switch o {
	case dwolla.OutcomeNotSent, dwolla.OutcomeRateLimited, dwolla.OutcomeAuthFailed, dwolla.OutcomeCanceled:
		return true
	default:
		return false
	}
}
