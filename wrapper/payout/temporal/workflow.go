// Package temporal runs payouts as Temporal workflows. Temporal keeps the timers, restarts what died and delivers a
// person's decisions; what was sent is on the payout's own record, so that no retry of an activity, no second worker
// and no reset of the workflow can pay twice:
//
//	w := worker.New(client, "payouts", worker.Options{WorkerStopTimeout: time.Minute})
//	w.RegisterWorkflow(temporal.Workflow)
//	w.RegisterActivity(&temporal.Activities{Store: store, Runner: runner})
//	run, err := client.ExecuteWorkflow(ctx, options, temporal.Workflow, batch.ID)
//
// The batch is prepared before, by payout.Prepare. Workers on several machines need a store that they share, such as
// the one of package store/postgres. It is a module of its own, so that nobody compiles Temporal who does not use it.
//
// People decide by [SignalDecide]:
//
//	err := client.SignalWorkflow(ctx, id, "", temporal.SignalDecide, temporal.Decision{By: "Ann", Cancel: true})
//
// A worker that is stopped ends the request that is under way and no more, if WorkerStopTimeout lets it. One that dies is
// noticed after 30 seconds, and another goes on. By then the lease of the chunk whose request it had under way has ended, if
// payout.Options.Lease is not longer than its default, and the chunk is looked up.
package temporal

import (
	"errors"
	"time"

	sdk "go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// The signals and the query of [Workflow].
const (
	// SignalDecide carries out a [Decision], its argument. Decisions about the batch are carried out in the order of their
	// arrival, also while chunks are sent.
	SignalDecide = "decide"
	// SignalWake has a mass payment polled soon: send it from the webhooks' handler. Its argument is the id or URL.
	SignalWake = "wake"
	// QueryStatus answers with the [Status], which is at most about a minute old. It is an error until the first is read.
	QueryStatus = "status"
)

// A Decision is what a person decided. One field besides By and Why is set.
type Decision struct {
	// By names the person, and Why says the reason, for the record. By is required.
	By, Why string
	// Approve lets a deferred batch run: the total that the person saw. See [payout.Runner.Approve].
	Approve *dwolla.Money
	// Cancel stops for good what can still be stopped. See [payout.Runner.Cancel].
	Cancel bool
	// Pause stops a batch until Resume. See [payout.Runner.Pause].
	Pause, Resume bool
	// Resolve decides about a chunk that is held. See [payout.Runner.Resolve].
	Resolve *Resolve
}

// A Resolve is what is decided about a chunk that is held.
type Resolve struct {
	Chunk  int
	Action payout.Action
	// MassPayment is the URL of the mass payment that is the chunk, for [payout.Adopt].
	MassPayment string
}

// A Status says how far a batch is.
type Status struct {
	Totals         payout.Totals
	AwaitsApproval bool
	Paused         bool
	// Held are the chunks that wait for a person, at most the first hundred.
	Held []payout.Chunk
	// Stopped says why nothing can be sent at the moment, such as credentials that are not accepted; see
	// [payout.StoppedError]. It is tried again every 5 minutes and at every signal.
	Stopped string
	// Refused says which decision was refused last, and why.
	Refused string
	Done    bool
}

// Workflow runs a prepared batch to its end. It waits for signals where a person has to decide, for months if need be,
// and returns when every row has a result or was cancelled. To cancel the workflow stops it and not the batch, which
// another workflow can go on with; decisions that were signalled before are still carried out.
//
// Workflows of earlier releases are replayed with this code: what it does in another order, or besides, is asked of
// workflow.GetVersion. testdata has histories of each release.
func Workflow(ctx workflow.Context, batch string) (Status, error) {
	r := &run{
		batch:     batch,
		decisions: workflow.GetSignalChannel(ctx, SignalDecide),
		wakes:     workflow.GetSignalChannel(ctx, SignalWake),
	}
	if err := workflow.SetQueryHandler(ctx, QueryStatus, r.query); err != nil {
		return Status{}, err
	}
	persistent, _ := workflow.NewDisconnectedContext(ctx)
	workflow.Go(persistent, r.decide)
	err := r.work(ctx)
	if awaitErr := workflow.Await(persistent, r.decided); err == nil {
		err = awaitErr
	}
	return r.status, err
}

// A run is one execution of the workflow.
type run struct {
	batch            string
	decisions, wakes workflow.ReceiveChannel
	status           Status
	read             bool // the status
	deciding         int  // decisions that are being carried out
	changed          bool // by a decision, since the last Advance began
}

var errNotRead = errors.New("the status was not read yet")

func (r *run) query() (Status, error) {
	if !r.read {
		return Status{}, errNotRead
	}
	return r.status, nil
}

// work advances the batch until it is done.
func (r *run) work(ctx workflow.Context) error {
	if err := r.readStatus(ctx); err != nil {
		return err
	}
	for first := true; ; first = false {
		progress, err := r.advance(ctx)
		if err != nil {
			return err
		}
		if r.status.Done && r.decided() && !r.changed {
			return nil
		}
		// A long wait makes a long history; a new run of the workflow goes on from the record. A decision that is not
		// carried out would be lost with this run; a wake-up may be, since polling goes on.
		if !first && r.decided() && workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return workflow.NewContinueAsNewError(ctx, Workflow, r.batch)
		}
		if err := r.wait(ctx, progress.Wait); err != nil {
			return err
		}
	}
}

func (r *run) advance(ctx workflow.Context) (Progress, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Hour,
		HeartbeatTimeout:    heartbeatTimeout,
		RetryPolicy:         untilItWorks,
	})
	var woken []string
	for massPayment := ""; r.wakes.ReceiveAsync(&massPayment); massPayment = "" {
		woken = append(woken, massPayment)
	}
	r.changed = false
	var p Progress
	err := workflow.ExecuteActivity(ctx, activities.Advance, r.batch, woken).Get(ctx, &p)
	if err == nil {
		r.show(p.Status)
	}
	return p, err
}

// wait returns after d, or when a signal has something to do; 0 waits for a signal alone.
func (r *run) wait(ctx workflow.Context, d time.Duration) error {
	signalled := func() bool { return r.changed || r.wakes.Len() > 0 }
	if d == 0 {
		return workflow.Await(ctx, signalled)
	}
	_, err := workflow.AwaitWithTimeout(ctx, d, signalled)
	return err
}

// decide carries out the decisions, beside [run.work]: those about the batch one after the other, and those about a chunk,
// which may have to wait for Dwolla, beside them. A decision stays in its channel until it is begun, so that decided
// always sees it.
func (r *run) decide(ctx workflow.Context) {
	for workflow.Await(ctx, func() bool { return r.decisions.Len() > 0 }) == nil {
		var d Decision
		if !r.decisions.ReceiveAsync(&d) {
			continue
		}
		r.deciding++
		if d.Resolve != nil {
			workflow.Go(ctx, func(ctx workflow.Context) { r.carryOut(ctx, &d) })
		} else {
			r.carryOut(ctx, &d)
		}
	}
}

// carryOut carries out one decision. One that is refused changes nothing.
func (r *run) carryOut(ctx workflow.Context, d *Decision) {
	err := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, briefly), activities.Decide, r.batch, *d).Get(ctx, nil)
	if err != nil {
		workflow.GetLogger(ctx).Warn("a decision was refused", "batch", r.batch, "error", err)
		r.status.Refused = refusal(d, err)
	}
	if err := r.readStatus(ctx); err != nil {
		workflow.GetLogger(ctx).Warn("the status was not read", "batch", r.batch, "error", err)
	}
	r.deciding--
	r.changed = true
}

// decided reports whether every decision that was signalled is carried out or refused.
func (r *run) decided() bool { return r.deciding == 0 && r.decisions.Len() == 0 }

func (r *run) readStatus(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, briefly)
	var s Status
	err := workflow.ExecuteActivity(ctx, activities.Status, r.batch).Get(ctx, &s)
	if err == nil {
		r.show(s)
	}
	return err
}

// show replaces the status, which knows nothing of what was refused.
func (r *run) show(s Status) {
	s.Refused = r.status.Refused
	r.status, r.read = s, true
}

func refusal(d *Decision, err error) string {
	if cause, ok := errors.AsType[*sdk.ApplicationError](err); ok {
		err = cause
	}
	return "by " + d.By + ": " + err.Error()
}

// A passing error, such as of a database that is restarted, is retried for as long as it takes.
var (
	untilItWorks = &sdk.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 20 * time.Second}
	briefly      = workflow.ActivityOptions{StartToCloseTimeout: 30 * time.Second, RetryPolicy: untilItWorks}
)

// activities gives ExecuteActivity the names of the methods; the worker registers its own Activities.
var activities *Activities
