package webhook

import (
	"context"
	"errors"
	"time"
)

// A Store remembers which events were processed, by the id of the event and nothing else: two events about one
// resource are two events.
//
// It works in two phases, so that an event is neither lost nor run twice: an event is claimed before its handlers run
// and completed after. A claim is a lease. Whoever holds one renews it for as long as the handlers run; when a process
// dies, its claims lapse and the next delivery runs the handlers again. Completed events must be remembered for longer
// than Dwolla repeats them: 72 hours for deliveries, 30 days where [Handler.Replay] is used.
//
// Every method is safe for concurrent use. An error of a Store means that nothing is known: the delivery is refused,
// and Dwolla sends it again.
type Store interface {
	// Claim gives the event to the caller for the time of the lease, unless it is completed, or claimed by a lease
	// that has not lapsed. The returned Claim counts only with the status [Claimed].
	Claim(ctx context.Context, eventID string, lease time.Duration) (Claim, Status, error)
	// Renew lets the lease begin anew. It is ErrClaimLost if the claim is not the caller's any more.
	Renew(ctx context.Context, claim Claim, lease time.Duration) error
	// Complete records that the event was processed. It succeeds if that is on record already, and is ErrClaimLost if
	// somebody else has the claim now.
	Complete(ctx context.Context, claim Claim) error
	// Release gives the event back unprocessed. It does nothing if the claim is not the caller's any more.
	Release(ctx context.Context, claim Claim) error
}

// A Claim is the right to process an event, until its lease lapses.
type Claim struct {
	EventID string
	// Token tells this claim from an earlier or later one of the same event.
	Token string
}

// Status is what [Store.Claim] found.
type Status int

// The statuses of an event.
const (
	// InProgress: somebody else has a claim that has not lapsed.
	InProgress Status = iota
	// Claimed: it is the caller's now.
	Claimed
	// Completed: it was processed before.
	Completed
)

// ErrClaimLost says that a claim lapsed and that somebody else may have the event now.
var ErrClaimLost = errors.New("webhook: the claim on the event is lost")

type claimKey struct{}

// ClaimFromContext is the claim under which a handler runs. A handler that writes to the database in which the Store
// keeps its records can complete the claim in its own transaction: then the work and the record of it are committed
// together, and not even a crash in between runs the event twice. Let that be the last thing that it does.
func ClaimFromContext(ctx context.Context) (Claim, bool) {
	c, ok := ctx.Value(claimKey{}).(Claim)
	return c, ok
}
