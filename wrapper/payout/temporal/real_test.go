package temporal_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
	"github.com/dwolla-go/dwolla-go/wrapper/payout/temporal"
)

// The tests in this file run against a real server. `make test-temporal` runs them alone.

// realLease is longer than a request of the slow bank takes.
const realLease = time.Minute

// An execution is the workflow of a payroll on a server.
type execution struct {
	*payroll
	client client.Client
	run    client.WorkflowRun
}

// execute starts the workflow. It has no worker yet.
func (p *payroll) execute(t *testing.T, s *temporalServer) *execution {
	t.Helper()
	c := s.client(t)
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: t.Name(), TaskQueue: t.Name()}, temporal.Workflow, batch)
	if err != nil {
		t.Fatal(err)
	}
	return &execution{payroll: p, client: c, run: run}
}

// work gives the workflow a worker in this process.
func (e *execution) work(t *testing.T) {
	t.Helper()
	w := newWorker(e.client, t.Name(), e.store, e.runner)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
}

func (e *execution) result(t *testing.T, limit time.Duration) temporal.Status {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var status temporal.Status
	if err := e.run.Get(ctx, &status); err != nil {
		t.Fatal(err)
	}
	return status
}

// lastResult is that of the last of the workflow's runs.
func (e *execution) lastResult(t *testing.T, limit time.Duration) temporal.Status {
	t.Helper()
	e.run = e.client.GetWorkflow(t.Context(), e.run.GetID(), "")
	return e.result(t, limit)
}

func (e *execution) status(t *testing.T) (status temporal.Status, err error) {
	t.Helper()
	answer, err := e.client.QueryWorkflow(t.Context(), e.run.GetID(), "", temporal.QueryStatus)
	if err == nil {
		err = answer.Get(&status)
	}
	return status, err
}

func (e *execution) awaitsApproval(t *testing.T) func() bool {
	return func() bool {
		status, err := e.status(t)
		return err == nil && status.AwaitsApproval
	}
}

func (e *execution) approve(t *testing.T, total dwolla.Money) {
	t.Helper()
	e.decide(t, temporal.Decision{By: "Ann", Approve: &total})
}

func (e *execution) cancel(t *testing.T) {
	t.Helper()
	e.decide(t, temporal.Decision{By: "Ann", Cancel: true})
}

func (e *execution) decide(t *testing.T, d temporal.Decision) {
	t.Helper()
	if err := e.client.SignalWorkflow(t.Context(), e.run.GetID(), "", temporal.SignalDecide, d); err != nil {
		t.Fatal(err)
	}
}

// paid is the number of rows in the bank's ledger.
func (p *payroll) paid() int { return len(p.server.Ledger()) }

func TestAPayrollOnARealServerPaysEachRowOnce(t *testing.T) {
	e := newPayroll(t, 100, payout.Plan{}, realLease).execute(t, sharedServer(t))
	e.work(t)
	if status := e.result(t, time.Minute); !status.Done || status.Totals.Paid.Rows != 100 {
		t.Errorf("%+v", status)
	}
	e.paidOnce(t, 100)
}

func TestFault351_ADecisionOutlivesAnOutageOfTheDatabase(t *testing.T) {
	e := newPayroll(t, 20, payout.Plan{Deferred: true}, realLease).execute(t, sharedServer(t))
	e.work(t)
	await(t, time.Minute, "the batch awaits approval", e.awaitsApproval(t))
	e.store.away.Store(true)
	e.cancel(t)
	time.Sleep(4 * time.Second)
	e.store.away.Store(false)
	if status := e.result(t, time.Minute); status.Totals.Cancelled.Rows != 20 {
		t.Errorf("%+v", status)
	}
	e.paidOnce(t, 0)
}

// suggesting is a server that wants each history of ten events continued as new.
func suggesting(t *testing.T) *temporalServer {
	t.Helper()
	return newServer(t, "--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=10")
}

// lastRun is the id of the workflow's run.
func (e *execution) lastRun(t *testing.T) string {
	t.Helper()
	last, err := e.client.DescribeWorkflowExecution(t.Context(), e.run.GetID(), "")
	if err != nil {
		t.Fatal(err)
	}
	return last.WorkflowExecutionInfo.Execution.RunId
}

func TestFault352_ADecisionDuringAnotherOutlivesContinueAsNew(t *testing.T) {
	e := newPayroll(t, 20, payout.Plan{Deferred: true}, realLease).execute(t, suggesting(t))
	e.work(t)
	await(t, time.Minute, "the batch awaits approval", e.awaitsApproval(t))
	reached, release := make(chan struct{}), make(chan struct{})
	once := sync.OnceFunc(func() { close(reached); <-release })
	e.store.gate.Store(&once)
	e.approve(t, dwolla.USDCents(1)) // not the total: it is refused
	<-reached
	e.cancel(t)
	time.Sleep(time.Second)
	close(release)
	if status := e.lastResult(t, time.Minute); status.Totals.Cancelled.Rows != 20 {
		t.Errorf("%+v", status)
	}
	e.paidOnce(t, 0)
}

func TestFault352_EveryDecisionIsCarriedOutInItsOrderAcrossManyRuns(t *testing.T) {
	e := newPayroll(t, 20, payout.Plan{Deferred: true}, realLease).execute(t, suggesting(t))
	e.work(t)
	var want []string
	decide := func(what string, d temporal.Decision) {
		d.By = fmt.Sprint(len(want))
		want = append(want, d.By+" "+what)
		e.decide(t, d)
	}
	runs := map[string]bool{e.lastRun(t): true}
	for i := range 20 {
		decide("paused", temporal.Decision{Pause: true})
		if err := e.client.SignalWorkflow(t.Context(), e.run.GetID(), "", temporal.SignalWake, "a mass payment"); err != nil {
			t.Fatal(err)
		}
		decide("resumed", temporal.Decision{Resume: true})
		if i%5 == 4 { // no other decision is on its way
			await(t, time.Minute, "another run", func() bool {
				runs[e.lastRun(t)] = true
				return len(runs) > i/5+1
			})
		}
	}
	decide("cancelled", temporal.Decision{Cancel: true})
	if status := e.lastResult(t, time.Minute); status.Totals.Cancelled.Rows != 20 {
		t.Errorf("%+v", status)
	}
	summary, err := payout.Summarize(t.Context(), e.store, batch)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range summary.Batch.History {
		got = append(got, d.By+" "+d.What)
	}
	if !slices.Equal(got, want) {
		t.Errorf("decisions on record: %q, want %q", got, want)
	}
	t.Logf("%d decisions over %d runs", len(got), len(runs))
}

func TestFault353_ACancelIsObeyedWhileChunksAreSent(t *testing.T) {
	const chunks = 40
	p := newPayroll(t, 5*chunks, payout.Plan{}, realLease)
	p.slow(200 * time.Millisecond)
	e := p.execute(t, sharedServer(t))
	e.work(t)
	await(t, time.Minute, "four chunks are sent", func() bool { return e.paid() >= 4*5 })
	e.cancel(t)
	paid := e.paid()
	status := e.result(t, time.Minute)
	if more := e.paid() - paid; more > 10*5 {
		t.Errorf("%d rows were paid before the cancel and %d after it", paid, more)
	}
	e.paidOnce(t, status.Totals.Paid.Rows)
	if status.Totals.Paid.Rows+status.Totals.Cancelled.Rows != 5*chunks {
		t.Errorf("%+v", status)
	}
	t.Logf("%d rows were paid before the cancel, %d after it", paid, e.paid()-paid)
}

func TestFault354_TheStatusIsNeverEmpty(t *testing.T) {
	p := newPayroll(t, 10, payout.Plan{}, realLease)
	p.slow(5 * time.Second)
	e := p.execute(t, sharedServer(t))
	e.work(t)
	full := false
	for e.paid() < 10 {
		status, err := e.status(t)
		if err != nil { // nothing is known yet
			continue
		}
		rows := 0
		for _, tally := range []payout.Tally{status.Totals.Paid, status.Totals.Pending, status.Totals.Unknown} {
			rows += tally.Rows
		}
		if rows != 10 {
			t.Fatalf("a status without its rows: %+v", status)
		}
		full = true
		time.Sleep(50 * time.Millisecond)
	}
	if !full {
		t.Error("no status while the batch ran")
	}
	e.result(t, time.Minute)
}

func TestFault355_AWorkerThatIsKilledDelaysThePayrollByLessThanAMinute(t *testing.T) {
	t.Parallel()
	delayOfANewWorker(t, os.Kill)
}

func TestFault356_AWorkerThatIsStoppedDelaysThePayrollByLessThanAMinute(t *testing.T) {
	t.Parallel()
	delayOfANewWorker(t, os.Interrupt)
}

// delayOfANewWorker ends a worker in the middle of a request, and checks when another sends the next chunk.
func delayOfANewWorker(t *testing.T, signal os.Signal) {
	t.Helper()
	const rows = 150
	p := newPayroll(t, rows, payout.Plan{}, realLease)
	if err := p.store.Close(); err != nil {
		t.Fatal(err)
	}
	p.slow(500 * time.Millisecond)
	s := sharedServer(t)
	e := p.execute(t, s)
	old := startWorker(t, s, p, t.Name())
	await(t, time.Minute, "ten chunks are sent", func() bool { return e.paid() >= 10*5 })
	if err := old.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	ended := time.Now()
	_ = old.Wait()
	t.Logf("the process ended %s after the %s", time.Since(ended).Round(time.Millisecond), signal)
	paid := e.paid()
	next := startWorker(t, s, p, t.Name())
	await(t, time.Minute, "the next chunk", func() bool { return e.paid() > paid })
	t.Logf("the next chunk was sent %s after the %s", time.Since(ended).Round(time.Millisecond), signal)
	if status := e.result(t, 2*time.Minute); status.Totals.Paid.Rows != rows {
		t.Errorf("%+v", status)
	}
	e.paidOnce(t, rows)
	_ = next.Process.Signal(os.Interrupt)
}

func TestARequestThatOutlastsTheHeartbeatTimeoutIsNotTakenForADeadWorker(t *testing.T) {
	t.Parallel()
	p := newPayroll(t, 5, payout.Plan{}, realLease)
	p.slow(40 * time.Second)
	e := p.execute(t, sharedServer(t))
	e.work(t)
	if status := e.result(t, 2*time.Minute); status.Totals.Paid.Rows != 5 {
		t.Errorf("%+v", status)
	}
	for _, event := range e.history(t).GetEvents() {
		if started := event.GetActivityTaskStartedEventAttributes(); started != nil && started.GetAttempt() != 1 {
			t.Errorf("attempt %d of an activity: %v", started.GetAttempt(), started.GetLastFailure())
		}
	}
	if requests := len(p.server.Calls("createMassPayment")); requests != 1 {
		t.Errorf("%d requests", requests)
	}
}

func TestFault357_ATemporalServerThatIsKilledLosesNothing(t *testing.T) {
	const rows = 150
	p := newPayroll(t, rows, payout.Plan{}, realLease)
	p.slow(200 * time.Millisecond)
	s := newServer(t, "--db-filename", filepath.Join(t.TempDir(), "temporal.db"))
	e := p.execute(t, s)
	e.work(t)
	await(t, time.Minute, "five chunks are sent", func() bool { return e.paid() >= 5*5 })
	s.kill()
	time.Sleep(2 * time.Second)
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	if status := e.result(t, 2*time.Minute); status.Totals.Paid.Rows != rows {
		t.Errorf("%+v", status)
	}
	e.paidOnce(t, rows)
}
