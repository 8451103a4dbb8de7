package webhook

import (
	"context"
	"errors"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/reference"
)

const (
	// lease is how long a claim holds without a renewal, and so how long the event of a dead process stays claimed.
	lease = time.Minute
	// deliveryWait is how long a delivery waits for another delivery of the same event. It is less than the ten
	// seconds that Dwolla waits for an answer.
	deliveryWait = 8 * time.Second
)

// claim takes the event for this process. While another process or delivery has it, claim waits for the result, for at
// most maxWait: an event in progress may still fail, so its second delivery must not be acknowledged yet. Ids
// are compared in one case, since Dwolla writes them in several.
func (h *Handler) claim(ctx context.Context, event *Event, maxWait time.Duration) (*job, Status, error) {
	id := reference.ID(event.ID)
	deadline := time.Now().Add(maxWait)
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		if h.queue.holds(id) {
			return nil, Completed, nil // already acknowledged, and the queue will process it
		}
		begun := time.Now()
		claim, status, err := h.store.Claim(ctx, id, lease)
		switch {
		case err != nil:
			return nil, InProgress, err
		case status == Completed:
			return nil, Completed, nil
		case status == Claimed:
			return h.newJob(ctx, event, claim, begun), Claimed, nil
		case time.Now().Add(wait).After(deadline):
			return nil, InProgress, nil
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, InProgress, err
		}
	}
}

// renew extends the lease. It cancels the handlers when the claim is lost, and when the store has not answered until
// the lease ended, since somebody else may have the event then.
func (j *job) renew() {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(j.ctx, lease/6)
	defer cancel()
	err := j.handler.store.Renew(ctx, j.claim, lease)

	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.stopped:
		return
	case err == nil:
		j.leaseEnd = begun.Add(lease)
	case errors.Is(err, ErrClaimLost) || !time.Now().Before(j.leaseEnd):
		j.cancel(ErrClaimLost)
		return
	}
	j.renewal.Reset(lease / 3)
}
