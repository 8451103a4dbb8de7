package temporal

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	sdk "go.temporal.io/sdk/temporal"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// Activities are the activities of the workflow: all reading and sending.
type Activities struct {
	Store  payout.Store
	Runner *payout.Runner
}

// Progress is what one call of [Activities.Advance] reached.
type Progress struct {
	Status Status
	// Wait is how long nothing is due; 0 when nothing will be without a person.
	Wait time.Duration
}

// advanceFor is the longest time of one activity, so that signals are handled in between.
const advanceFor = 5 * time.Minute

// Advance takes steps with a batch until none is due. woken are mass payments of which a webhook told.
func (a *Activities) Advance(ctx context.Context, batch string, woken []string) (Progress, error) {
	for _, massPayment := range woken {
		a.Runner.Wake(massPayment)
	}
	for started := time.Now(); ; {
		step, err := a.Runner.Step(ctx, batch)
		if err != nil {
			return Progress{}, permanent(err)
		}
		activity.RecordHeartbeat(ctx, step.Chunk)
		if step.Chunk != 0 && time.Since(started) < advanceFor {
			continue
		}
		summary, err := payout.Summarize(ctx, a.Store, batch)
		if err != nil {
			return Progress{}, permanent(err)
		}
		wait := step.Wait
		if step.Chunk != 0 {
			wait = time.Second // there is more to do at once
		}
		return Progress{Wait: wait, Status: Status{
			Totals: summary.Totals, AwaitsApproval: summary.AwaitsApproval, Held: summary.Held, Done: summary.Done(),
		}}, nil
	}
}

// bySignal stands for the person, whom the signals do not name.
var bySignal = payout.Decider{By: "signal"}

// Decide carries out what a person decided. A decision that is refused is not tried again.
func (a *Activities) Decide(ctx context.Context, batch string, o Order) error {
	var err error
	switch {
	case o.Approve != nil:
		err = a.Runner.Approve(ctx, batch, *o.Approve, bySignal)
	case o.Cancel:
		err = a.Runner.Cancel(ctx, batch, bySignal)
	case o.Resolve != nil:
		err = a.Runner.Resolve(ctx, batch, o.Resolve.Chunk, o.Resolve.Resolution)
	}
	if err != nil {
		return sdk.NewNonRetryableApplicationError(err.Error(), "Refused", err)
	}
	return nil
}

// permanent marks the errors that a retry cannot mend. Temporal retries the others, such as a network or a database
// that is down, for as long as it takes.
func permanent(err error) error {
	_, corrupt := errors.AsType[*payout.CorruptError](err)
	if corrupt || errors.Is(err, payout.ErrNotFound) || errors.Is(err, payout.ErrNotReady) {
		return sdk.NewNonRetryableApplicationError(err.Error(), "Permanent", err)
	}
	return err
}
