package webhook

import (
	"context"
	"errors"
	"time"
)

// A Store remembers which events were processed, by the id of the event: two events about one resource are two events.
//
// It works in two phases, so that an event is neither lost nor processed twice: an event is claimed before its handlers
// run and completed afterwards. A claim has a lease, which is renewed while the handlers run. When a process dies, its
// leases expire, and the next delivery runs the handlers again. Completed events must be remembered for longer than
// Dwolla repeats them: 72 hours for deliveries, 30 days if [Handler.Replay] is used.
//
// Every method must be safe for concurrent use. After an error of the Store the delivery is refused, and Dwolla sends it
// again. Package storetest tests implementations.
type Store interface {
	// Claim gives the event to the caller for the duration of the lease, unless the event is completed or somebody
	// has a claim whose lease has not expired. The returned Claim is valid only with the status [Claimed].
	Claim(ctx context.Context, eventID string, lease time.Duration) (Claim, Status, error)
	// Renew starts the lease again from now. It returns ErrClaimLost if the claim is not the caller's any more.
	Renew(ctx context.Context, claim Claim, lease time.Duration) error
	// Complete records that the event was processed. It succeeds if that is already recorded, and returns ErrClaimLost
	// if somebody else has the claim now.
	Complete(ctx context.Context, claim Claim) error
	// Release gives the event back unprocessed. It does nothing if the claim is not the caller's any more.
	Release(ctx context.Context, claim Claim) error
}

// A Claim is the right to process an event until its lease expires.
type Claim struct {
	EventID string
	// Token is unique to this claim, so that an earlier claim on the same event cannot settle it.
	Token string
}

// Status is the result of [Store.Claim].
type Status int

// The statuses of an event.
const (
	// InProgress means that somebody else has a claim whose lease has not expired.
	InProgress Status = iota
	// Claimed means that the caller has the claim.
	Claimed
	// Completed means that the event was processed before.
	Completed
)

// ErrClaimLost is the error for a claim that expired, so that somebody else may have the event now.
var ErrClaimLost = errors.New("webhook: the claim on the event is lost")

type claimKey struct{}

// ClaimFromContext returns the claim under which a handler runs. A handler that writes to the same database as the Store
// can complete the claim in its own transaction, as the last statement: then its work and the record of it are committed
// together, and no crash can make the event run twice.
func ClaimFromContext(ctx context.Context) (Claim, bool) {
	c, ok := ctx.Value(claimKey{}).(Claim)
	return c, ok
}
