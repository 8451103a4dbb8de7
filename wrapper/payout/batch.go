package payout

import (
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// MaxChunkRows is how many payments one mass payment can hold.
const MaxChunkRows = dwolla.MaxMassPaymentItems

// KeyLifetime is how long a chunk's idempotency key is used from its first request: 23 hours, less than Dwolla
// remembers it, for clocks that disagree and for requests that are under way.
const KeyLifetime = dwolla.IdempotencyKeyLifetime - time.Hour

// A Batch is one input and how it is paid.
type Batch struct {
	ID       string     `json:"id"`
	Plan     Plan       `json:"plan"`
	State    BatchState `json:"state"`
	Created  time.Time  `json:"created"`
	Tally               // all its rows
	Chunks   int        `json:"chunks"`
	Digest   string     `json:"digest"`   // SHA-256 of the rows, in hex
	Decision Decision   `json:"decision"` // empty until there is one
	// Paused says that nothing is sent until [Runner.Resume].
	Paused bool `json:"paused,omitempty"`
	// History has every decision of a person, about the batch and about its chunks.
	History []Decided `json:"history,omitempty"`
	// Preparation is the token of the one preparation that may write the batch down.
	Preparation string `json:"preparation"`
	// RetryOf is the batch of which this one pays rows again, and Retries are those that pay rows of this one.
	RetryOf string   `json:"retryOf,omitempty"`
	Retries []string `json:"retries,omitempty"`
}

// decide reports whether the decision is a new one.
func (b *Batch) decide(d Decision) bool {
	changed := b.Decision != d
	b.Decision = d
	return changed
}

func (b *Batch) pause(paused bool) bool {
	changed := b.Paused != paused
	b.Paused = paused
	return changed
}

// sends reports whether requests that move money may be sent.
func (b *Batch) sends() bool { return !b.Paused && b.Decision != DecisionCancelled }

// holds reports whether Dwolla has the chunk, and waits for what a person decides about the batch.
func (b *Batch) holds(c *Chunk) bool { return c.deferred() && b.undecided() }

// undecided reports whether deferred mass payments are neither triggered nor cancelled.
func (b *Batch) undecided() bool {
	return b.Decision != DecisionCancelled && (b.Paused || b.Decision != DecisionApproved)
}

// A Decided is a decision of a person, for the record.
type Decided struct {
	What  string    `json:"what"`            // "approved", "cancelled", "paused", "resumed", or an [Action]
	Chunk int       `json:"chunk,omitempty"` // the chunk that it is about; 0 is the batch
	By    string    `json:"by"`
	Why   string    `json:"why,omitempty"`
	At    time.Time `json:"at"`
}

// A Decision is what a person decided about a whole batch.
type Decision string

// The decisions about a batch.
const (
	DecisionApproved  Decision = "approved"
	DecisionCancelled Decision = "cancelled"
)

// A Chunk is one mass payment of a batch.
type Chunk struct {
	Number        int    `json:"number"` // from 1
	Tally                // its rows
	Digest        string `json:"digest"` // SHA-256 of its rows, in hex; travels as metadata
	CorrelationID string `json:"correlationId"`
	// Cut is there once Dwolla has refused some of the rows by name: the others are sent without them.
	Cut *Cut `json:"cut,omitempty"`
	// Key is the idempotency key: a hash of what is paid and of Generation, which a person's [SendAgain] and a Cut raise.
	Key        string `json:"key"`
	Generation int    `json:"generation,omitempty"`
	State      State  `json:"state"`
	// Due is the time of the next step.
	Due time.Time `json:"due,omitzero"`

	// FirstSent is when the first request with Key was about to be sent, Sends how many were, and BodySHA256 the hash
	// of their bytes.
	FirstSent  time.Time `json:"firstSent,omitzero"`
	Sends      int       `json:"sends,omitempty"`
	BodySHA256 string    `json:"bodySha256,omitempty"`
	// EmptyLooks counts the look-ups since the last request that found nothing; FirstLook is the time of the first.
	EmptyLooks int       `json:"emptyLooks,omitempty"`
	FirstLook  time.Time `json:"firstLook,omitzero"`

	// Excluded are the URLs of mass payments under the chunk's correlation id of which a person said that they are not
	// the chunk.
	Excluded []string `json:"excluded,omitempty"`

	// MassPayment is the URL of what Dwolla created, Status its last known status and Polls how often it was read
	// since that changed.
	MassPayment string                   `json:"massPayment,omitempty"`
	Status      dwolla.MassPaymentStatus `json:"status,omitempty"`
	Polls       int                      `json:"polls,omitempty"`
	// Adopted says that a person chose MassPayment; Candidates are those of the hold that this ended.
	Adopted    bool     `json:"adopted,omitempty"`
	Candidates []string `json:"candidates,omitempty"`
	// Finished is when Dwolla was first seen to have finished it, since it was created or rechecked.
	Finished time.Time `json:"finished,omitzero"`

	// Totals are the results of its rows, as far as there are any.
	Totals Totals `json:"totals,omitzero"`
	// Hold says why a person has to decide.
	Hold *Hold `json:"hold,omitempty"`
	// Superseded are the keys that a person gave up.
	Superseded []Superseded `json:"superseded,omitempty"`
	// LastError is the last error, without data of the rows.
	LastError string `json:"lastError,omitempty"`
	// Failures counts the errors since the last success.
	Failures int `json:"failures,omitempty"`
}

// A Hold is what a person needs to know to decide.
type Hold struct {
	Reason HoldReason `json:"reason"`
	Since  time.Time  `json:"since"`
	// Candidates are the URLs of the mass payments that were found under the chunk's correlation id.
	Candidates []string `json:"candidates,omitempty"`
}

// HoldReason says why a chunk waits for a person.
type HoldReason string

// The reasons.
const (
	// HoldAbsent is a chunk that may have been sent and that repeated look-ups did not find.
	HoldAbsent HoldReason = "absent"
	// HoldAmbiguous is a chunk under whose correlation id Dwolla has something else, or more than one mass payment.
	HoldAmbiguous HoldReason = "ambiguous"
	// HoldReopened is a chunk of which a person took the adoption of a mass payment back.
	HoldReopened HoldReason = "reopened"
)

// A Superseded key is one that a person gave up, having made sure that its request was not carried out.
type Superseded struct {
	Key       string    `json:"key"`
	FirstSent time.Time `json:"firstSent"`
	Sends     int       `json:"sends"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
}
