package temporal_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
	"github.com/dwolla-go/dwolla-go/wrapper/payout/temporal"
)

const batch = "payroll"

// A rig is a workflow environment over a server in memory and a record in a file.
type rig struct {
	env    *testsuite.TestWorkflowEnvironment
	server *dwollatest.Server
	store  *flakyStore
	batch  payout.Batch
}

func newRig(t *testing.T, rows int, plan payout.Plan) *rig {
	t.Helper()
	server := dwollatest.New(t, dwollatest.WithItemRate(0))
	file, err := payout.OpenFile(filepath.Join(t.TempDir(), "record.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	store := &flakyStore{Store: file}
	plan.Source, plan.ChunkRows = server.AccountBalance().Href, 5
	b, err := payout.Prepare(t.Context(), store, batch, func(yield func(payout.Row, error) bool) {
		for i := range rows {
			_, bank := server.AddReceiver(fmt.Sprintf("Receiver %d", i))
			if !yield(payout.Row{Line: i + 1, Destination: bank.Href, Amount: dwolla.USDCents(int64(100 + i))}, nil) {
				return
			}
		}
	}, plan)
	if err != nil {
		t.Fatal(err)
	}
	runner, err := payout.NewRunner(store, payout.Dwolla(server.Dwolla(dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}))), payout.Options{
		Poll: time.Millisecond, MaxPoll: 10 * time.Millisecond, Backoff: time.Millisecond, MaxBackoff: 10 * time.Millisecond,
		Lease: 500 * time.Millisecond, Looks: 1, LookSpan: time.Millisecond, Sends: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.SetTestTimeout(time.Minute)
	env.RegisterWorkflow(temporal.Workflow)
	env.RegisterActivity(&temporal.Activities{Store: store, Runner: runner})
	return &rig{env: env, server: server, store: store, batch: b}
}

// flakyStore loses writes when it is told to, as a database does whose connection breaks.
type flakyStore struct {
	payout.Store
	updates, failAt atomic.Int64
}

func (s *flakyStore) Update(ctx context.Context, batch string, fn func(payout.Tx) error) error {
	if n := s.updates.Add(1); n == s.failAt.Load() {
		return errors.New("the database is away")
	}
	return s.Store.Update(ctx, batch, fn)
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

func (r *rig) paidOnce(t *testing.T, rows int) {
	t.Helper()
	seen := map[string]int{}
	for _, p := range r.server.Ledger() {
		seen[p.Destination]++
	}
	for destination, times := range seen {
		if times != 1 {
			t.Errorf("%s was paid %d times", destination, times)
		}
	}
	if len(seen) != rows {
		t.Errorf("%d of %d rows were paid", len(seen), rows)
	}
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
		answer, err := r.env.QueryWorkflow(temporal.QueryStatus)
		var status temporal.Status
		if err == nil {
			err = answer.Get(&status)
		}
		if err != nil || !status.AwaitsApproval || len(r.server.Ledger()) != 0 {
			t.Errorf("%+v, %v, %d paid", status, err, len(r.server.Ledger()))
		}
		r.env.SignalWorkflow(temporal.SignalApprove, dwolla.USDCents(1)) // not what it is: refused
	}, 24*time.Hour)
	r.env.RegisterDelayedCallback(func() {
		if len(r.server.Ledger()) != 0 {
			t.Error("another total was approved")
		}
		r.env.SignalWorkflow(temporal.SignalApprove, r.batch.Amount())
	}, 48*time.Hour)
	if status := r.run(t); status.Totals.Paid.Rows != 10 {
		t.Errorf("%+v", status)
	}
	r.paidOnce(t, 10)
}

func TestACancelledBatchPaysNothing(t *testing.T) {
	r := newRig(t, 10, payout.Plan{Deferred: true})
	r.env.RegisterDelayedCallback(func() { r.env.SignalWorkflow(temporal.SignalCancel, nil) }, time.Hour)
	if status := r.run(t); status.Totals.Cancelled.Rows != 10 {
		t.Errorf("%+v", status)
	}
	r.paidOnce(t, 0)
}

func TestAHeldChunkWaitsForAPerson(t *testing.T) {
	r := newRig(t, 10, payout.Plan{})
	r.server.Fault("createMassPayment", dwollatest.Fault{Status: 500, Lock: true, Times: 1})
	r.env.RegisterDelayedCallback(func() {
		answer, err := r.env.QueryWorkflow(temporal.QueryStatus)
		var status temporal.Status
		if err == nil {
			err = answer.Get(&status)
		}
		if err != nil || len(status.Held) != 1 || status.Held[0].Hold.Reason != payout.HoldAbsent {
			t.Fatalf("%+v, %v", status, err)
		}
		r.env.SignalWorkflow(temporal.SignalResolve, temporal.Decision{
			Chunk: status.Held[0].Number, Resolution: payout.Resolution{By: "an operator", Action: payout.SendAgain},
		})
	}, 24*time.Hour)
	if status := r.run(t); status.Totals.Paid.Rows != 10 {
		t.Errorf("%+v", status)
	}
	r.paidOnce(t, 10)
}
