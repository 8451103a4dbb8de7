package temporal_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	sdk "go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
	"github.com/dwolla-go/dwolla-go/wrapper/payout/temporal"
)

// newActivities are the activities of a payroll, in Temporal's test environment.
func newActivities(t *testing.T, p *payroll) (*temporal.Activities, *testsuite.TestActivityEnvironment) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	a := &temporal.Activities{Store: p.store, Runner: p.runner}
	env.RegisterActivity(a)
	return a, env
}

func lasting(err error) bool {
	e, ok := errors.AsType[*sdk.ApplicationError](err)
	return ok && e.NonRetryable()
}

func TestADecisionThatDoesNotFitIsRefusedForGood(t *testing.T) {
	p := newPayroll(t, 5, payout.Plan{Deferred: true}, time.Minute)
	a, env := newActivities(t, p)
	wrong, total := dwolla.USDCents(1), p.batch.Amount()
	for what, d := range map[string]temporal.Decision{
		"nothing":               {By: "Ann"},
		"two things":            {By: "Ann", Cancel: true, Pause: true},
		"nobody":                {Cancel: true},
		"another total":         {By: "Ann", Approve: &wrong},
		"a chunk that runs":     {By: "Ann", Resolve: &temporal.Resolve{Chunk: 1, Action: payout.LookAgain}},
		"a chunk that is none":  {By: "Ann", Resolve: &temporal.Resolve{Chunk: 7, Action: payout.LookAgain}},
		"nobody about a chunk":  {Resolve: &temporal.Resolve{Chunk: 1, Action: payout.LookAgain}},
		"nobody about the rest": {Approve: &total},
	} {
		if _, err := env.ExecuteActivity(a.Decide, batch, d); !lasting(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := env.ExecuteActivity(a.Decide, "another batch", temporal.Decision{By: "Ann", Cancel: true}); !lasting(err) {
		t.Errorf("another batch: %v", err)
	}
	if _, err := env.ExecuteActivity(a.Decide, batch, temporal.Decision{By: "Ann", Cancel: true}); err != nil {
		t.Errorf("a cancel: %v", err)
	}
	if _, err := env.ExecuteActivity(a.Decide, batch, temporal.Decision{By: "Ann", Approve: &total}); !lasting(err) {
		t.Errorf("an approval of what is cancelled: %v", err)
	}
}

// What is adopted is read first: an answer that says no is for good, and none is not.
func TestAnAdoptionIsRefusedForGoodOnlyByAnAnswer(t *testing.T) {
	p := newPayroll(t, 5, payout.Plan{}, time.Second)
	p.server.Fault("createMassPayment", dwollatest.Fault{Status: 500, Lock: true, Times: 1})
	a, env := newActivities(t, p)
	await(t, 10*time.Second, "the chunk is held", func() bool {
		result, err := env.ExecuteActivity(a.Advance, batch, []string{})
		var progress temporal.Progress
		return err == nil && result.Get(&progress) == nil && len(progress.Status.Held) == 1
	})
	adopt := func(href string) error {
		_, err := env.ExecuteActivity(a.Decide, batch, temporal.Decision{
			By: "Ann", Resolve: &temporal.Resolve{Chunk: 1, Action: payout.Adopt, MassPayment: href},
		})
		return err
	}
	absent := strings.Replace(p.batch.Plan.Source, "funding-sources", "mass-payments", 1)
	for what, href := range map[string]string{
		"one that is not there": absent, "another's": "https://example.com/mass-payments/1", "no mass payment": p.batch.Plan.Source,
	} {
		if err := adopt(href); !lasting(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	p.server.Fault("getMassPayment", dwollatest.Fault{Status: 503})
	if err := adopt(absent); err == nil || lasting(err) {
		t.Errorf("while Dwolla is away: %v", err)
	}
}

func TestAnErrorOfTheStoreIsTriedAgain(t *testing.T) {
	p := newPayroll(t, 5, payout.Plan{}, time.Minute)
	a, env := newActivities(t, p)
	p.store.away.Store(true)
	_, decideErr := env.ExecuteActivity(a.Decide, batch, temporal.Decision{By: "Ann", Cancel: true})
	_, statusErr := env.ExecuteActivity(a.Status, batch)
	_, advanceErr := env.ExecuteActivity(a.Advance, batch, []string{})
	for what, err := range map[string]error{"Decide": decideErr, "Status": statusErr, "Advance": advanceErr} {
		if err == nil || lasting(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAWorkerThatIsStoppedTakesNoFurtherStep(t *testing.T) {
	p := newPayroll(t, 50, payout.Plan{}, time.Minute)
	a, env := newActivities(t, p)
	stop := make(chan struct{})
	close(stop)
	env.SetWorkerOptions(worker.Options{WorkerStopTimeout: time.Minute})
	env.SetWorkerStopChannel(stop)
	result, err := env.ExecuteActivity(a.Advance, batch, []string{})
	if err != nil {
		t.Fatal(err)
	}
	var progress temporal.Progress
	if err := result.Get(&progress); err != nil {
		t.Fatal(err)
	}
	if p.paid() > 5 || progress.Wait == 0 || progress.Wait > time.Second {
		t.Errorf("%d rows were paid, the next step is due after %s", p.paid(), progress.Wait)
	}
}
