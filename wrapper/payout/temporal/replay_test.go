package temporal_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
	"github.com/dwolla-go/dwolla-go/wrapper/payout/temporal"
)

// Workflows that began with an earlier release go on with this one, which must do the same again at each event of their
// histories. testdata/histories has those of each release, recorded on a real server:
//
//	TEMPORAL_RECORD=v0.2.0 make test-temporal
//
// Record anew before a release, and never change or delete what an earlier one recorded.
const recordVariable = "TEMPORAL_RECORD"

const histories = "testdata/histories"

func TestFault358_TheHistoriesOfEachReleaseAreReplayed(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(histories, "*", "*.json"))
	if err != nil || len(files) < 4 {
		t.Fatalf("%d histories, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.ToSlash(file), func(t *testing.T) {
			replayer := worker.NewWorkflowReplayer()
			replayer.RegisterWorkflow(temporal.Workflow)
			if err := replayer.ReplayWorkflowHistoryFromJSONFile(quiet, file); err != nil {
				t.Error(err)
			}
			// A workflow that does something else is found out.
			other := worker.NewWorkflowReplayer()
			other.RegisterWorkflowWithOptions(sleeper, workflow.RegisterOptions{Name: "Workflow"})
			if other.ReplayWorkflowHistoryFromJSONFile(quiet, file) == nil {
				t.Error("another workflow passes")
			}
		})
	}
}

func sleeper(ctx workflow.Context, _ string) error { return workflow.Sleep(ctx, time.Hour) }

// The recorded histories have what a workflow can meet.
func TestHistoriesAreRecorded(t *testing.T) {
	s := sharedServer(t)
	for name, test := range map[string]func(t *testing.T) *execution{
		"paid": func(t *testing.T) *execution {
			t.Helper()
			e := newPayroll(t, 20, payout.Plan{}, realLease).execute(t, s)
			e.work(t)
			return e
		},
		"cancelled-while-chunks-are-sent": func(t *testing.T) *execution {
			t.Helper()
			p := newPayroll(t, 50, payout.Plan{}, realLease)
			p.slow(200 * time.Millisecond)
			e := p.execute(t, s)
			e.work(t)
			await(t, time.Minute, "a chunk is sent", func() bool { return e.paid() > 0 })
			e.cancel(t)
			return e
		},
		"decided-before-the-first-worker": func(t *testing.T) *execution {
			t.Helper()
			e := newPayroll(t, 20, payout.Plan{Deferred: true}, realLease).execute(t, s)
			e.decide(t, temporal.Decision{By: "Ann", Pause: true})
			e.decide(t, temporal.Decision{By: "Ann", Approve: nil}) // refused
			e.decide(t, temporal.Decision{By: "Ann", Resume: true})
			e.approve(t, e.batch.Amount())
			e.work(t)
			return e
		},
		"held-and-resolved": func(t *testing.T) *execution {
			t.Helper()
			p := newPayroll(t, 20, payout.Plan{}, realLease)
			p.server.Fault("createMassPayment", dwollatest.Fault{Status: 500, Lock: true, Times: 1})
			e := p.execute(t, s)
			e.work(t)
			var status temporal.Status
			await(t, time.Minute, "a chunk is held", func() bool {
				status, _ = e.status(t)
				return len(status.Held) > 0
			})
			if err := e.client.SignalWorkflow(t.Context(), e.run.GetID(), "", temporal.SignalWake, "a mass payment"); err != nil {
				t.Fatal(err)
			}
			e.decide(t, temporal.Decision{By: "Ann", Resolve: &temporal.Resolve{Chunk: status.Held[0].Number, Action: payout.SendAgain}})
			return e
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := test(t)
			e.result(t, time.Minute)
			e.record(t, name)
		})
	}
	t.Run("continued-as-new", func(t *testing.T) {
		e := newPayroll(t, 20, payout.Plan{Deferred: true}, realLease).execute(t, suggesting(t))
		e.work(t)
		await(t, time.Minute, "the batch awaits approval", e.awaitsApproval(t))
		first := e.lastRun(t)
		await(t, time.Minute, "another run", func() bool {
			e.decide(t, temporal.Decision{By: "Ann", Pause: true})
			time.Sleep(200 * time.Millisecond)
			return e.lastRun(t) != first
		})
		e.run = e.client.GetWorkflow(t.Context(), e.run.GetID(), first)
		e.record(t, "continued-as-new")
		e.cancel(t)
		e.lastResult(t, time.Minute)
	})
}

// history reads all events of a run.
func (e *execution) history(t *testing.T) *history.History {
	t.Helper()
	events := e.client.GetWorkflowHistory(t.Context(), e.run.GetID(), e.run.GetRunID(), false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	var h history.History
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		h.Events = append(h.Events, event)
	}
	return &h
}

// record replays the history, and writes it down if that was asked for.
func (e *execution) record(t *testing.T, name string) {
	t.Helper()
	h := e.history(t)
	replayer := worker.NewWorkflowReplayer()
	replayer.RegisterWorkflow(temporal.Workflow)
	if err := replayer.ReplayWorkflowHistory(quiet, h); err != nil {
		t.Error(err)
	}
	release := os.Getenv(recordVariable)
	if release == "" {
		return
	}
	data, err := protojson.MarshalOptions{Indent: " "}.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	if host, err := os.Hostname(); err == nil && host != "" { // the worker's own queue is named after it
		text = strings.ReplaceAll(text, host+":", "host:")
	}
	dir := filepath.Join(histories, release)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
