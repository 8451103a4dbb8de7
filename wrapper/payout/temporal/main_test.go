package temporal_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/dwolla-go/dwolla-go/internal/leak"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
	"github.com/dwolla-go/dwolla-go/wrapper/payout/temporal"
)

// The environment of a worker process: the test binary, started again as a program that an operator would run.
const (
	workerRecord  = "TEMPORAL_TEST_RECORD"
	workerAddress = "TEMPORAL_TEST_ADDRESS"
	workerQueue   = "TEMPORAL_TEST_QUEUE"
	workerDwolla  = "TEMPORAL_TEST_DWOLLA"
	workerKey     = "TEMPORAL_TEST_KEY"
	workerSecret  = "TEMPORAL_TEST_SECRET"
)

func TestMain(m *testing.M) {
	if os.Getenv(workerRecord) == "" {
		os.Exit(leak.Run(m, stopSharedServer))
	}
	if err := work(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// work is a worker until it is interrupted.
func work(ctx context.Context) error {
	store, err := payout.OpenFile(os.Getenv(workerRecord))
	if err != nil {
		return err
	}
	defer store.Close()
	c, err := dwolla.NewClient(dwolla.Sandbox, os.Getenv(workerKey), os.Getenv(workerSecret), dwolla.WithBaseURL(os.Getenv(workerDwolla)))
	if err != nil {
		return err
	}
	runner, err := payout.NewRunner(store, payout.Dwolla(c), fast(realLease))
	if err != nil {
		return err
	}
	server := temporalServer{address: os.Getenv(workerAddress)}
	t, err := client.DialContext(ctx, server.options())
	if err != nil {
		return err
	}
	defer t.Close()
	return newWorker(t, os.Getenv(workerQueue), store, runner).Run(worker.InterruptCh())
}

// newWorker is a worker as the documentation of the package says.
func newWorker(c client.Client, queue string, store payout.Store, runner *payout.Runner) worker.Worker {
	w := worker.New(c, queue, worker.Options{WorkerStopTimeout: 30 * time.Second})
	w.RegisterWorkflow(temporal.Workflow)
	w.RegisterActivity(&temporal.Activities{Store: store, Runner: runner})
	return w
}

// startWorker starts a worker process.
func startWorker(t *testing.T, s *temporalServer, p *payroll, queue string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), workerRecord+"="+p.path, workerAddress+"="+s.address, workerQueue+"="+queue,
		workerDwolla+"="+p.server.Start(), workerKey+"="+p.server.Key(), workerSecret+"="+p.server.Secret())
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() })
	return cmd
}
