package temporal_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
	"github.com/dwolla-go/dwolla-go/wrapper/payout/temporal"
)

// A rig is a payroll in Temporal's test environment, where time is skipped.
type rig struct {
	*payroll
	env *testsuite.TestWorkflowEnvironment
}

func newRig(t *testing.T, rows int, plan payout.Plan) *rig {
	t.Helper()
	p := newPayroll(t, rows, plan, 500*time.Millisecond)
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.SetTestTimeout(time.Minute)
	env.RegisterWorkflow(temporal.Workflow)
	env.RegisterActivity(&temporal.Activities{Store: p.store, Runner: p.runner})
	return &rig{payroll: p, env: env}
}

func (r *rig) run(t *testing.T) temporal.Status {
	t.Helper()
	r.env.ExecuteWorkflow(temporal.Workflow, batch)
	if !r.env.IsWorkflowCompleted() {
		t.Fatal("the workflow did not end")
	}
	var status temporal.Status
	if err := errors.Join(r.env.GetWorkflowError(), r.env.GetWorkflowResult(&status)); err != nil {
		t.Fatal(err)
	}
	return status
}

func (r *rig) decide(d temporal.Decision) { r.env.SignalWorkflow(temporal.SignalDecide, d) }

func (r *rig) status() (status temporal.Status, err error) {
	answer, err := r.env.QueryWorkflow(temporal.QueryStatus)
	if err == nil {
		err = answer.Get(&status)
	}
	return status, err
}

func TestAWorkflowPaysEachRowOnce(t *testing.T) {
	r := newRig(t, 20, payout.Plan{})
	if status := r.run(t); !status.Done || status.Totals.Paid.Rows != 20 {
		t.Errorf("%+v", status)
	}
	r.paidOnce(t, 20)
}

func TestAnActivityThatDiesAnywhereIsRetriedAndPaysNothingTwice(t *testing.T) {
	for at := int64(1); at <= 12; at++ {
		r := newRig(t, 10, payout.Plan{})
		r.store.failAt.Store(r.store.updates.Load() + at)
		if status := r.run(t); status.Totals.Paid.Rows != 10 {
			t.Errorf("write %d: %+v", at, status)
		}
		r.paidOnce(t, 10)
	}
}

func TestADeferredBatchWaitsForTheSignal(t *testing.T) {
	r := newRig(t, 10, payout.Plan{Deferred: true})
	r.env.RegisterDelayedCallback(func() {
		status, err := r.status()
		if err != nil || !status.AwaitsApproval || len(r.server.Ledger()) != 0 {
			t.Errorf("%+v, %v, %d paid", status, err, len(r.server.Ledger()))
		}
		wrong, total := dwolla.USDCents(1), r.batch.Amount()
		r.decide(temporal.Decision{By: "Ann", Approve: &wrong})
		r.decide(temporal.Decision{Approve: &total})
	}, 24*time.Hour)
	r.env.RegisterDelayedCallback(func() {
		if len(r.server.Ledger()) != 0 {
			t.Error("another total was approved")
		}
		if status, err := r.status(); err != nil || !strings.Contains(status.Refused, "name") {
			t.Errorf("what was refused: %q, %v", status.Refused, err)
		}
		total := r.batch.Amount()
		r.decide(temporal.Decision{By: "Ann", Approve: &total})
	}, 48*time.Hour)
	if status := r.run(t); status.Totals.Paid.Rows != 10 {
		t.Errorf("%+v", status)
	}
	r.paidOnce(t, 10)
}

func TestACancelledBatchPaysNothing(t *testing.T) {
	r := newRig(t, 10, payout.Plan{Deferred: true})
	r.env.RegisterDelayedCallback(func() { r.decide(temporal.Decision{By: "Ann", Cancel: true}) }, time.Hour)
	if status := r.run(t); status.Totals.Cancelled.Rows != 10 {
		t.Errorf("%+v", status)
	}
	r.paidOnce(t, 0)
}

func TestAHeldChunkWaitsForAPerson(t *testing.T) {
	r := newRig(t, 10, payout.Plan{})
	r.server.Fault("createMassPayment", dwollatest.Fault{Status: 500, Lock: true, Times: 1})
	r.env.RegisterDelayedCallback(func() {
		status, err := r.status()
		if err != nil || len(status.Held) != 1 || status.Held[0].Hold.Reason != payout.HoldAbsent {
			t.Fatalf("%+v, %v", status, err)
		}
		r.decide(temporal.Decision{By: "Ann", Resolve: &temporal.Resolve{Chunk: status.Held[0].Number, Action: payout.SendAgain}})
	}, 24*time.Hour)
	if status := r.run(t); status.Totals.Paid.Rows != 10 {
		t.Errorf("%+v", status)
	}
	r.paidOnce(t, 10)
}

func TestAPausedBatchSendsNothingUntilItIsResumed(t *testing.T) {
	r := newRig(t, 10, payout.Plan{Deferred: true})
	r.env.RegisterDelayedCallback(func() {
		total := r.batch.Amount()
		r.decide(temporal.Decision{By: "Ann", Pause: true})
		r.decide(temporal.Decision{By: "Ben", Approve: &total})
	}, time.Hour)
	r.env.RegisterDelayedCallback(func() {
		if status, err := r.status(); err != nil || !status.Paused || len(r.server.Ledger()) != 0 {
			t.Errorf("%+v, %v, %d paid", status, err, len(r.server.Ledger()))
		}
		r.decide(temporal.Decision{By: "Ann", Why: "checked", Resume: true})
	}, 2*time.Hour)
	if status := r.run(t); status.Totals.Paid.Rows != 10 || status.Paused {
		t.Errorf("%+v", status)
	}
	r.paidOnce(t, 10)
	summary, err := payout.Summarize(t.Context(), r.store, batch)
	if err != nil {
		t.Fatal(err)
	}
	var who []string
	for _, d := range summary.Batch.History {
		who = append(who, d.By+" "+d.What+d.Why)
	}
	if want := []string{"Ann paused", "Ben approved", "Ann resumedchecked"}; !slices.Equal(who, want) {
		t.Errorf("the history is %q, want %q", who, want)
	}
}

// Of what cannot be sent for now, an operator can see why; it goes on by itself when the cause is mended.
func TestABatchThatIsStoppedSaysWhyAndGoesOn(t *testing.T) {
	r := newRig(t, 10, payout.Plan{})
	r.server.Fault("createMassPayment", dwollatest.Fault{Status: 401, Code: "InvalidAccessToken"})
	r.env.RegisterDelayedCallback(func() {
		if status, err := r.status(); err != nil || status.Stopped == "" || status.Totals.Pending.Rows+status.Totals.Unknown.Rows != 10 {
			t.Errorf("%+v, %v", status, err)
		}
		r.server.ClearFaults()
	}, time.Hour)
	if status := r.run(t); status.Totals.Paid.Rows != 10 || status.Stopped != "" {
		t.Errorf("%+v", status)
	}
	r.paidOnce(t, 10)
}

// To adopt a mass payment it is read first, which may take until Dwolla is back. Nobody can wait for that to cancel.
func TestADecisionThatWaitsForDwollaDoesNotKeepACancelWaiting(t *testing.T) {
	r := newRig(t, 10, payout.Plan{})
	r.server.Fault("createMassPayment", dwollatest.Fault{Status: 500, Lock: true, Times: 1})
	r.env.RegisterDelayedCallback(func() {
		status, err := r.status()
		if err != nil || len(status.Held) != 1 {
			t.Fatalf("%+v, %v", status, err)
		}
		r.server.Fault("getMassPayment", dwollatest.Fault{Status: 503})
		r.decide(temporal.Decision{By: "Ann", Resolve: &temporal.Resolve{
			Chunk: status.Held[0].Number, Action: payout.Adopt, MassPayment: strings.Replace(r.batch.Plan.Source, "funding-sources", "mass-payments", 1),
		}})
		r.decide(temporal.Decision{By: "Ben", Cancel: true})
	}, time.Hour)
	r.env.RegisterDelayedCallback(func() {
		if status, err := r.status(); err != nil || status.Totals.Cancelled.Rows != 5 || status.Refused != "" {
			t.Errorf("%+v, %v", status, err)
		}
		r.server.ClearFaults()
	}, time.Hour+time.Minute)
	r.env.RegisterDelayedCallback(func() {
		status, err := r.status()
		if err != nil || !strings.Contains(status.Refused, "by Ann: ") {
			t.Errorf("%+v, %v", status, err)
		}
		r.decide(temporal.Decision{By: "Ann", Resolve: &temporal.Resolve{Chunk: status.Held[0].Number, Action: payout.SendAgain}})
	}, 3*time.Hour)
	if status := r.run(t); status.Totals.Cancelled.Rows != 10 {
		t.Errorf("%+v", status)
	}
	r.paidOnce(t, 0)
}
