package temporal

import (
	"context"
	"errors"
	"fmt"
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

const (
	// advanceFor is about the longest time of one Advance: the status is as old.
	advanceFor = time.Minute
	// A worker that died is noticed after the timeout.
	heartbeatTimeout = 30 * time.Second
	heartbeatEvery   = 10 * time.Second
	// stoppedWait is when a batch is tried again that was stopped.
	stoppedWait = 5 * time.Minute
	// maxHeld bounds the size of a Status.
	maxHeld = 100
)

// Advance takes steps with a batch until none is due, or the worker is being stopped. woken are mass payments of which a
// webhook told.
func (a *Activities) Advance(ctx context.Context, batch string, woken []string) (Progress, error) {
	defer heartbeat(ctx)()
	for _, massPayment := range woken {
		a.Runner.Wake(massPayment)
	}
	wait, stopped, err := a.steps(ctx, batch)
	if err != nil {
		return Progress{}, permanent(err)
	}
	status, err := a.Status(ctx, batch)
	if stopped != nil {
		status.Stopped = stopped.Error()
	}
	return Progress{Wait: wait, Status: status}, err
}

// steps takes steps, and gives the time until the next one is due. A batch that is stopped is told from an error of the
// record.
func (a *Activities) steps(ctx context.Context, batch string) (wait time.Duration, stopped, err error) {
	for end := time.Now().Add(advanceFor); ; {
		step, err := a.Runner.Step(ctx, batch)
		if stopped, ok := errors.AsType[*payout.StoppedError](err); ok {
			return stoppedWait, stopped, nil
		}
		if err != nil || step.Chunk == 0 {
			return step.Wait, nil, err
		}
		select {
		case <-activity.GetWorkerStopChannel(ctx):
			return time.Second, nil, nil // another worker goes on at once
		default:
		}
		if time.Now().After(end) {
			return time.Second, nil, nil
		}
	}
}

// heartbeat tells the server that the worker lives, until the function that it returns is called.
func heartbeat(ctx context.Context) func() {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(heartbeatEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// Status reads how far a batch is.
func (a *Activities) Status(ctx context.Context, batch string) (Status, error) {
	s, err := payout.Summarize(ctx, a.Store, batch)
	if err != nil {
		return Status{}, permanent(err)
	}
	return Status{
		Totals: s.Totals, AwaitsApproval: s.AwaitsApproval, Paused: s.Batch.Paused, Held: s.Held[:min(len(s.Held), maxHeld)], Done: s.Ended(),
	}, nil
}

// Decide carries out what a person decided. A decision that is refused is not tried again.
func (a *Activities) Decide(ctx context.Context, batch string, d Decision) error {
	who := payout.Decider{By: d.By, Why: d.Why}
	switch {
	case d.fields() != 1:
		return permanent(fmt.Errorf("%w: %d fields of the decision are set besides By and Why, not one", payout.ErrInvalidDecision, d.fields()))
	case d.Approve != nil:
		return permanent(a.Runner.Approve(ctx, batch, *d.Approve, who))
	case d.Cancel:
		return permanent(a.Runner.Cancel(ctx, batch, who))
	case d.Pause:
		return permanent(a.Runner.Pause(ctx, batch, who))
	case d.Resume:
		return permanent(a.Runner.Resume(ctx, batch, who))
	default:
		return permanent(a.Runner.Resolve(ctx, batch, d.Resolve.Chunk, payout.Resolution{
			By: d.By, Why: d.Why, Action: d.Resolve.Action, MassPayment: d.Resolve.MassPayment,
		}))
	}
}

// fields counts what is decided.
func (d *Decision) fields() int {
	n := 0
	for _, set := range []bool{d.Approve != nil, d.Cancel, d.Pause, d.Resume, d.Resolve != nil} {
		if set {
			n++
		}
	}
	return n
}

// permanent marks the errors that a retry cannot mend. Temporal retries all others, such as those of a network or of a
// database that is down.
func permanent(err error) error {
	if err == nil {
		return nil
	}
	_, corrupt := errors.AsType[*payout.CorruptError](err)
	_, retried := errors.AsType[*payout.RetriedError](err)
	lasting := corrupt || retried
	for _, target := range []error{payout.ErrNotFound, payout.ErrNotReady, payout.ErrDecided, payout.ErrInvalidDecision} {
		lasting = lasting || errors.Is(err, target)
	}
	if lasting {
		return sdk.NewNonRetryableApplicationError(err.Error(), "Permanent", err)
	}
	return err
}
