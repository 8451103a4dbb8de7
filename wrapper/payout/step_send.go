package payout

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/paging"
	"github.com/dwolla-go/dwolla-go/internal/reference"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// send looks a chunk up of which Dwolla may or may not have something, and sends it if it is not there.
func (s *step) send(ctx context.Context) error {
	c := &s.chunk
	if over, err := s.lookUp(ctx); over || err != nil {
		return err
	}
	if c.State == StatePlanned && s.batch.Decision == DecisionCancelled {
		return c.cancel()
	}
	if !s.funds(ctx) {
		return nil
	}
	body, sum, err := s.body(ctx)
	if err != nil {
		return err
	}
	if c.State == StateUnknown && !s.mayRepeat(sum) {
		return s.awaitLookUp(HoldAbsent)
	}
	return s.post(ctx, body, sum)
}

// lookUp asks for the mass payments with the chunk's correlation id. The step is over unless there are none.
func (s *step) lookUp(ctx context.Context) (over bool, err error) {
	c := &s.chunk
	found, err := s.runner.gateway.Find(ctx, s.batch.Plan.Source, c.CorrelationID)
	found = c.candidates(&s.batch, found)
	if err != nil && (len(found) == 0 || !isPartial(err)) {
		s.fail(err)
		return true, nil
	}
	switch {
	case len(found) == 0:
		s.look()
		return false, nil
	case len(found) == 1 && found[0].Links.Self.Href != "":
		return true, s.recognize(ctx, &found[0])
	default:
		return true, c.hold(HoldAmbiguous, hrefs(found), s.now.time())
	}
}

// isPartial reports whether a look-up failed only because the list lacks something: its total may count what the filter leaves
// out, and one that cannot be read may be another. What was found beside that counts.
func isPartial(err error) bool {
	return isEntry(err) || errors.Is(err, dwolla.ErrIncompleteList) && !errors.Is(err, paging.ErrNoList)
}

// candidates are those mass payments that a person has not excluded, and without those that name no correlation id and
// are something else.
func (c *Chunk) candidates(b *Batch, found []dwolla.MassPayment) []dwolla.MassPayment {
	return slices.DeleteFunc(found, func(m dwolla.MassPayment) bool {
		excluded := func(href string) bool { return reference.Same(href, m.Links.Self.Href) }
		return slices.ContainsFunc(c.Excluded, excluded) || m.CorrelationID == "" && c.compare(b, &m) == different
	})
}

func hrefs(found []dwolla.MassPayment) []string {
	var all []string
	for i := range found {
		all = append(all, found[i].Links.Self.Href)
	}
	return all
}

// look counts a look-up that found nothing.
func (s *step) look() {
	c := &s.chunk
	c.EmptyLooks++
	if c.EmptyLooks == 1 {
		c.FirstLook = s.now.time()
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
	age := s.now.time().Sub(c.FirstSent)
	return s.batch.sends() && c.Sends < s.runner.opts.Sends && c.BodySHA256 == sum && age >= 0 && age < KeyLifetime
}

// awaitLookUp sets the time of the next look-up, or holds the chunk for the reason when enough of them found nothing for
// long enough.
func (s *step) awaitLookUp(reason HoldReason, candidates ...string) error {
	c, o := &s.chunk, &s.runner.opts
	now := s.now.time()
	looking := now.Sub(c.FirstLook)
	if c.EmptyLooks >= o.Looks && looking >= o.LookSpan {
		return c.hold(reason, candidates, now)
	}
	if looking < 0 { // the clock was set back
		c.FirstLook = now
	}
	s.wait(max(o.LookSpan/time.Duration(o.Looks), o.Backoff))
	return nil
}

// post sends the chunk, unless it may not be sent any more. That it is being sent is durable before the first byte leaves.
func (s *step) post(ctx context.Context, body *dwolla.CreateMassPayment, sum string) error {
	if err := s.runner.pace.wait(ctx); err != nil {
		s.fail(err)
		return nil
	}
	c, was := &s.chunk, s.chunk.State
	first := was == StatePlanned
	started := time.Now()
	switch may, err := s.begin(ctx, sum); {
	case err != nil:
		return err
	case !may && first:
		return nil // it stays planned, for whoever may send it
	case !may:
		return s.awaitLookUp(HoldAbsent)
	}
	// The key's age is told by the store's clock, and counted from then on by that of this machine.
	key := KeyUse{Key: c.Key, First: started.Add(c.FirstSent.Sub(s.now.store)).Round(0)}
	s.runner.progress(Event{Batch: s.batch.ID, Chunk: c.Number, Rows: c.Rows, Was: was, State: c.State})
	href, err := s.runner.gateway.Create(ctx, key, body)
	switch outcome := dwolla.OutcomeOf(err); {
	case err == nil && href != "":
		s.wait(s.runner.opts.Poll)
		if s.runner.wake.has(href) {
			s.wait(0)
		}
		return c.create(href)
	case err == nil:
		return c.lose() // created, but its URL is not known: the next look-up finds it
	case first && outcome == dwolla.OutcomeRejected:
		return s.refused(ctx, err, body)
	case first && nothingDone(outcome):
		s.fail(err)
		return c.notSent()
	default:
		// Also a refusal of a repeated request, which may be refused for what has changed since the first.
		s.fail(err)
		return c.lose()
	}
}

// begin writes down that the chunk is being sent. In the same transaction it looks at the batch as it is now, since a
// person may have decided something or another worker may have sent something after the chunk was chosen.
func (s *step) begin(ctx context.Context, sum string) (may bool, err error) {
	var sending Chunk
	err = s.runner.store.Update(ctx, s.batch.ID, func(tx Tx) error {
		r := record{tx}
		if err := r.leaseHeld(s.chunk.Number, s.lease.Token); err != nil {
			return err
		}
		now, err := s.runner.schedule(r)
		if err != nil {
			return err
		}
		s.batch, s.now, sending = *now.batch, clock{now.now, time.Now()}, s.chunk
		if may = s.mayRepeat(sum); s.chunk.State == StatePlanned {
			may = now.maySend()
		}
		if !may {
			return nil
		}
		return errors.Join(sending.send(sum, now.now), r.putChunk(&sending))
	})
	if may && err == nil {
		s.chunk = sending
	}
	return may, err
}

// refused believes a refusal of the first request when nothing is found: it may have been said by something between here
// and Dwolla.
func (s *step) refused(ctx context.Context, refusal error, body *dwolla.CreateMassPayment) error {
	over, err := s.lookUp(ctx)
	switch {
	case err != nil || over && s.failure == nil:
		return err
	case over: // nobody could be asked: it is looked up again before it is sent again, with the same key and bytes
		return s.chunk.notSent()
	default:
		return s.refuse(ctx, refusal, len(body.Items))
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
