package payout

import (
	"fmt"
	"slices"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/reference"
)

// This file has the states of a batch, of its chunks and of their rows. A state is assigned here and nowhere else: a
// chunk's by one function for each arrow of the diagram in doc.go.

// BatchState says how far a batch is on record.
type BatchState string

// The states of a batch.
const (
	// BatchPreparing is a batch whose rows are being written down. It does not run. A preparation that died leaves its
	// batch in this state, and the next one starts over.
	BatchPreparing BatchState = "preparing"
	// BatchReady is a batch that is on record with all its rows. It may run, and its rows and plan do not change any
	// more.
	BatchReady BatchState = "ready"
)

// prepare marks the batch as being written down by the preparation that has the token.
func (b *Batch) prepare(token string, now time.Time) {
	b.State, b.Created, b.Preparation = BatchPreparing, now.UTC(), token
}

// complete marks the batch as written down.
func (b *Batch) complete(rows Tally, digest string) {
	b.State, b.Tally, b.Digest = BatchReady, rows, digest
}

// A State is how far a chunk is. The package's documentation has the diagram.
type State string

// The states of a chunk.
const (
	// StatePlanned is a chunk of which nothing was sent, or only requests that Dwolla certainly did not carry out. It
	// is looked up before it is sent for the first time, because an earlier record of the batch may have been lost.
	StatePlanned State = "planned"
	// StateSending is a chunk with a request under way. The state is on record before the first byte leaves. A chunk
	// that is found in it without a lease was left by a worker that died, and the outcome of its request is unknown.
	StateSending State = "sending"
	// StateUnknown is a chunk of which a request was or may have been sent, and nothing says what became of it. It is
	// looked up, and sent again with the same key and bytes while Dwolla remembers the key. Until the outcome is known,
	// no other chunk of the batch is sent for the first time.
	StateUnknown State = "unknown"
	// StateCreated is a chunk that Dwolla has as a mass payment and has not finished. It is polled. A deferred one
	// stays in this state until [Runner.Approve] or [Runner.Cancel], and as long as the batch is paused.
	StateCreated State = "created"
	// StateSettled is a chunk that Dwolla has finished. Every row has a result; [Runner.Recheck] has the items listed again
	// if some are not final.
	StateSettled State = "settled"
	// StateRejected is a chunk whose first request Dwolla refused, and that a look-up afterwards did not find. No row was
	// paid, and every row has the reason as its result.
	StateRejected State = "rejected"
	// StateCancelled is a chunk that was cancelled before it was sent. No row was paid.
	StateCancelled State = "cancelled"
	// StateHeld is a chunk that waits for a person's decision by [Runner.Resolve]; [Chunk.Hold] says why. Until then, no
	// other chunk of the batch is sent for the first time.
	StateHeld State = "held"
)

// done reports whether every row of the chunk has a result or was cancelled.
func (s State) done() bool {
	return s == StateSettled || s == StateRejected || s == StateCancelled
}

// runs reports whether a run still has something to do with the chunk.
func (s State) runs() bool { return !s.done() && s != StateHeld }

// sends reports whether the next step may send the chunk.
func (s State) sends() bool { return s == StatePlanned || s == StateUnknown }

// rowStatus is what the state says of a row without a result.
func (s State) rowStatus() Status {
	switch s {
	case StatePlanned, StateCreated:
		return Pending
	case StateCancelled:
		return Cancelled
	default:
		return Unknown
	}
}

// newChunk makes a planned chunk. All that identifies it at Dwolla is decided here, long before it is sent.
func newChunk(b *Batch, number int, rows Tally, digest string) *Chunk {
	return &Chunk{
		Number: number, Tally: rows, Digest: digest, CorrelationID: fmt.Sprintf("%s-%05d", b.ID, number),
		Key: chunkKey(b.ID, b.Plan.Source, number, digest, 0), State: StatePlanned,
	}
}

// move takes the chunk along an arrow. That the chunk is in another state than the arrow's is a bug; the step ends and
// nothing is written down.
func (c *Chunk) move(to State, from ...State) error {
	if !slices.Contains(from, c.State) {
		return fmt.Errorf("payout: chunk %d cannot become %s: it is %s", c.Number, to, c.State)
	}
	c.State = to
	return nil
}

// wait sets the time of the next step.
func (c *Chunk) wait(now time.Time, d time.Duration) { c.Due = now.Add(d).UTC() }

// send is planned → sending and unknown → sending: a request is about to leave.
func (c *Chunk) send(bodySHA256 string, now time.Time) error {
	if c.State == StatePlanned {
		c.FirstSent, c.BodySHA256 = now.UTC(), bodySHA256
	}
	c.Sends++
	c.EmptyLooks = 0
	return c.move(StateSending, StatePlanned, StateUnknown)
}

// notSent is sending → planned: Dwolla did nothing at the first request and may be asked again.
func (c *Chunk) notSent() error { return c.move(StatePlanned, StateSending) }

// shorten is sending → planned: Dwolla refused rows by name, and the others are sent without them, with a new key.
func (c *Chunk) shorten(b *Batch, cut *Cut) error {
	c.Cut, c.Due = cut, time.Time{}
	c.renew(b)
	return c.move(StatePlanned, StateSending)
}

// renew gives a chunk of which nothing was paid a new key.
func (c *Chunk) renew(b *Batch) {
	_, digest := c.rest()
	c.Generation++
	c.Key = chunkKey(b.ID, b.Plan.Source, c.Number, digest, c.Generation)
	c.FirstSent, c.Sends, c.BodySHA256 = time.Time{}, 0, ""
}

// lose is sending → unknown: nothing says what became of the request.
func (c *Chunk) lose() error { return c.move(StateUnknown, StateSending) }

// doubt is planned → unknown, sending → unknown and rejected → unknown: what was found may be the chunk.
func (c *Chunk) doubt() error {
	c.Totals = Totals{}
	return c.move(StateUnknown, StatePlanned, StateSending, StateRejected)
}

// reject is sending → rejected: Dwolla refused the first request.
func (c *Chunk) reject(err error) error {
	c.LastError, c.Totals = err.Error(), Totals{Failed: c.Tally}
	return c.move(StateRejected, StateSending)
}

// create is planned → created, sending → created and unknown → created: Dwolla has the mass payment. It was found, or the
// request was answered.
func (c *Chunk) create(massPayment string) error {
	c.MassPayment, c.EmptyLooks, c.Polls = massPayment, 0, 0
	return c.move(StateCreated, StatePlanned, StateSending, StateUnknown)
}

// hold is planned → held, sending → held and unknown → held: a person has to decide.
func (c *Chunk) hold(reason HoldReason, candidates []string, now time.Time) error {
	c.Hold = &Hold{Reason: reason, Since: now.UTC(), Candidates: candidates}
	return c.move(StateHeld, StatePlanned, StateSending, StateUnknown)
}

// cancel is planned → cancelled: the batch was cancelled before the chunk was sent.
func (c *Chunk) cancel() error {
	rest, _ := c.rest()
	c.Totals = Totals{Cancelled: rest, Failed: c.refused()}
	return c.move(StateCancelled, StatePlanned)
}

// settle is created → settled: Dwolla has finished the mass payment and every row has a result.
func (c *Chunk) settle(totals Totals) error {
	c.Totals, c.Due = totals, time.Time{}
	return c.move(StateSettled, StateCreated)
}

// recheck is settled → created: the items are listed again.
func (c *Chunk) recheck() error {
	c.Finished, c.Polls, c.Due = time.Time{}, 0, time.Time{}
	return c.move(StateCreated, StateSettled)
}

// lookAgain is held → unknown: a person has it looked up again.
func (c *Chunk) lookAgain() error { return c.release(StateUnknown) }

// sendAnew is held → planned: a person made sure that the chunk was not paid. It gets a new key.
func (c *Chunk) sendAnew(b *Batch, by string, now time.Time) error {
	c.Superseded = append(c.Superseded, Superseded{Key: c.Key, FirstSent: c.FirstSent, Sends: c.Sends, By: by, At: now.UTC()})
	c.Excluded = append(c.Excluded, c.Hold.Candidates...)
	c.renew(b)
	return c.release(StatePlanned)
}

// adopt is held → created: a person found the mass payment.
func (c *Chunk) adopt(massPayment string) error {
	c.MassPayment, c.Polls, c.Adopted, c.Candidates = massPayment, 0, true, c.Hold.Candidates
	return c.release(StateCreated)
}

// reopen is created → held and settled → held: a person takes an adoption back.
func (c *Chunk) reopen(now time.Time) error {
	same := func(href string) bool { return reference.Same(href, c.MassPayment) }
	if !slices.ContainsFunc(c.Candidates, same) {
		c.Candidates = append(c.Candidates, c.MassPayment)
	}
	c.Hold = &Hold{Reason: HoldReopened, Since: now.UTC(), Candidates: c.Candidates}
	c.MassPayment, c.Status, c.Polls, c.Finished, c.Adopted, c.Candidates, c.Totals = "", "", 0, time.Time{}, false, nil, Totals{}
	return c.move(StateHeld, StateCreated, StateSettled)
}

func (c *Chunk) release(to State) error {
	c.Hold, c.Due, c.EmptyLooks, c.FirstLook, c.Failures = nil, time.Time{}, 0, time.Time{}, 0
	return c.move(to, StateHeld)
}

// A Status is what became of a row.
type Status string

// The statuses of a row.
const (
	// Paid says that Dwolla created a transfer. An ACH transfer can still fail days later.
	Paid Status = "paid"
	// Returned says that the row was paid and that the payment came back, see [Runner.FollowUp].
	Returned Status = "returned"
	// Failed says that Dwolla refused the row for good.
	Failed Status = "failed"
	// Cancelled says that the row was cancelled before it ran.
	Cancelled Status = "cancelled"
	// Pending says that the row was not sent yet or that Dwolla has not decided.
	Pending Status = "pending"
	// Unknown says that the row may have been paid.
	Unknown Status = "unknown"
)

// final reports whether the status does not change without something happening to the payment.
func (s Status) final() bool { return s == Paid || s.unpaid() }

// unpaid reports whether the row certainly does not hold money, so that it can be paid again.
func (s Status) unpaid() bool { return s == Failed || s == Returned || s == Cancelled }
