package payout

import (
	"context"
	"slices"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// send takes a chunk of which Dwolla may or may not have something: it looks first, and sends only what is not there.
func (j *job) send(ctx context.Context) error {
	c := &j.chunk
	if c.State == StatePlanned && j.batch.Decision == DecisionCancelled {
		c.State, c.Totals = StateCancelled, Totals{Cancelled: c.Tally}
		return nil
	}
	if c.State == StateSending { // its worker died
		c.State = StateUnknown
	}
	settled, err := j.lookUp(ctx)
	if err != nil {
		j.fail(err)
		return nil
	}
	if settled {
		return nil
	}
	body, sum, err := j.body(ctx)
	if err != nil {
		return err
	}
	if c.State == StateUnknown && !j.mayRepeat(sum) {
		j.lookAgain()
		return nil
	}
	return j.post(ctx, body, sum)
}

// lookUp asks for the chunk's correlation id. What is there settles the chunk one way or the other.
func (j *job) lookUp(ctx context.Context) (settled bool, err error) {
	c := &j.chunk
	found, err := j.runner.gateway.Find(ctx, j.batch.Plan.Source, c.CorrelationID)
	if err != nil {
		return false, err
	}
	var candidates []string
	found = slices.DeleteFunc(found, func(m dwolla.MassPayment) bool { return slices.Contains(c.Strangers, m.Links.Self.Href) })
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
	case len(found) == 1 && c.isOurs(&j.batch, &found[0]) && candidates[0] != "":
		j.created(candidates[0])
		return true, nil
	default:
		j.hold(HoldAmbiguous, candidates)
		return true, nil
	}
}

// body is what is sent, and the hash of its bytes.
func (j *job) body(ctx context.Context) (*dwolla.CreateMassPayment, string, error) {
	rows, err := j.rows(ctx)
	if err != nil {
		return nil, "", err
	}
	body := massPayment(&j.batch, &j.chunk, rows)
	sum, err := bodySum(body)
	return body, sum, err
}

// mayRepeat reports whether a chunk that may have been sent can be sent again: with its key while that is good, and with
// the same bytes. A clock that was set back is no proof of youth.
func (j *job) mayRepeat(sum string) bool {
	c := &j.chunk
	age := time.Since(c.FirstSent)
	return j.batch.Decision != DecisionCancelled && c.Sends < j.runner.opts.Sends && c.BodySHA256 == sum &&
		age >= 0 && age < KeyLifetime
}

// lookAgain waits for the next look, or stops for a person when enough of them found nothing over enough time.
func (j *job) lookAgain() {
	c, o := &j.chunk, &j.runner.opts
	looking := time.Since(c.FirstLook)
	if c.EmptyLooks >= o.Looks && looking >= o.LookSpan {
		j.hold(HoldAbsent, nil)
		return
	}
	if looking < 0 { // the clock was set back
		c.FirstLook = time.Now()
	}
	c.Due = time.Now().Add(max(o.LookSpan/time.Duration(o.Looks), o.Backoff))
}

// post sends the chunk. That it will be is durable before the first byte leaves.
func (j *job) post(ctx context.Context, body *dwolla.CreateMassPayment, sum string) error {
	if err := j.runner.pace.wait(ctx); err != nil {
		j.fail(err)
		return nil
	}
	c, before := &j.chunk, j.chunk
	if c.State == StatePlanned {
		c.FirstSent, c.BodySHA256 = time.Now().UTC(), sum
	}
	c.State = StateSending
	c.Sends++
	c.EmptyLooks = 0
	if err := j.save(ctx); err != nil {
		return err
	}
	j.runner.progress(Event{Batch: j.batch.ID, Chunk: c.Number, Rows: c.Rows, Was: before.State, State: StateSending})
	href, err := j.runner.gateway.Create(ctx, c.Key, body)
	switch outcome := dwolla.OutcomeOf(err); {
	case err == nil && href != "":
		j.created(href)
	case err == nil:
		c.State = StateUnknown // created, but where is not said: the next look finds it
	case before.State == StatePlanned && outcome == dwolla.OutcomeRejected:
		j.rejected(err, body)
	case before.State == StatePlanned && nothingDone(outcome):
		c.State = StatePlanned
		j.fail(err)
	default:
		// Also a refusal of a repeated request: it may be refused for what has changed since the first.
		c.State = StateUnknown
		j.fail(err)
	}
	return nil
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

// created notes that Dwolla has the chunk.
func (j *job) created(href string) {
	c := &j.chunk
	c.State, c.MassPayment = StateCreated, href
	c.EmptyLooks, c.Polls = 0, 0
	c.Due = time.Now().Add(j.runner.opts.Poll)
}
