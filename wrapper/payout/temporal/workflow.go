// Package temporal runs payouts as Temporal workflows. Temporal keeps the timers, restarts what died and delivers a
// person's decisions; what was sent is on the payout's own record, so that no retry of an activity, no second worker
// and no reset of the workflow can pay twice:
//
//	w := worker.New(client, "payouts", worker.Options{})
//	w.RegisterWorkflow(temporal.Workflow)
//	w.RegisterActivity(&temporal.Activities{Store: store, Runner: runner})
//	run, err := client.ExecuteWorkflow(ctx, options, temporal.Workflow, batch.ID)
//
// The batch is prepared before, by payout.Prepare. Workers on several machines need a store that they share, such as
// the one of package store/postgres. It is a module of its own, so that nobody compiles Temporal who does not use it.
package temporal

import (
	"time"

	sdk "go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// The signals and the query of [Workflow].
const (
	// SignalApprove lets a deferred batch run. Its argument is the total that the person saw, a dwolla.Money.
	SignalApprove = "approve"
	// SignalCancel stops what can still be stopped. It has no argument.
	SignalCancel = "cancel"
	// SignalResolve decides about a chunk that is held. Its argument is a [Decision].
	SignalResolve = "resolve"
	// SignalWake has a mass payment polled now: send it from the webhooks' handler. Its argument is the id or URL.
	SignalWake = "wake"
	// QueryStatus answers with the [Status] that was reached last.
	QueryStatus = "status"
)

// A Decision is what a person decided about a chunk that is held.
type Decision struct {
	Chunk      int
	Resolution payout.Resolution
}

// A Status says how far a batch is.
type Status struct {
	Totals         payout.Totals
	AwaitsApproval bool
	Held           []payout.Chunk
	Done           bool
}

// Workflow runs a prepared batch to its end. It waits for signals where a person has to decide, for months if need be,
// and returns when every row has a result or was cancelled.
func Workflow(ctx workflow.Context, batch string) (Status, error) {
	w := &run{batch: batch, inbox: newInbox(ctx)}
	err := workflow.SetQueryHandler(ctx, QueryStatus, func() (Status, error) { return w.status, nil })
	if err != nil {
		return Status{}, err
	}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Hour,
		HeartbeatTimeout:    15 * time.Minute, // longer than a runner's lease: one step may take that long
		RetryPolicy:         &sdk.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 5 * time.Minute},
	})
	for {
		progress, err := w.advance(ctx)
		if err != nil || w.status.Done {
			return w.status, err
		}
		// Nothing is due for a while, or ever without a person.
		if err := w.inbox.wait(ctx, progress.Wait); err != nil {
			return w.status, err
		}
		if err := w.decide(ctx); err != nil {
			return w.status, err
		}
		// A long wait makes a long history; a new run of the workflow goes on from the record.
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() && w.inbox.empty() {
			return w.status, workflow.NewContinueAsNewError(ctx, Workflow, batch)
		}
	}
}

// A run is one execution of the workflow.
type run struct {
	batch  string
	inbox  *inbox
	status Status
}

func (w *run) advance(ctx workflow.Context) (Progress, error) {
	var p Progress
	err := workflow.ExecuteActivity(ctx, activities.Advance, w.batch, w.inbox.takeWoken()).Get(ctx, &p)
	if err == nil {
		w.status = p.Status
	}
	return p, err
}

// decide carries out the decisions that signals brought. One that is refused changes nothing: the status still shows
// what is open.
func (w *run) decide(ctx workflow.Context) error {
	for _, d := range w.inbox.takeDecisions() {
		err := workflow.ExecuteActivity(ctx, activities.Decide, w.batch, d).Get(ctx, nil)
		if err != nil {
			workflow.GetLogger(ctx).Warn("a decision was refused", "batch", w.batch, "error", err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// activities gives ExecuteActivity the names of the methods; the worker registers its own Activities.
var activities *Activities

// An Order is what one signal asks for, in the form in which it travels to the activity: one field is set.
type Order struct {
	Approve *dwolla.Money
	Cancel  bool
	Resolve *Decision
}
