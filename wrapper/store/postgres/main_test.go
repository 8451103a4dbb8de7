package postgres_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dwolla-go/dwolla-go/internal/leak"
)

// The environment tells a worker process which worker it is, and where the database is.
const (
	workerVariable = "POSTGRES_TEST_WORKER"
	urlVariable    = "POSTGRES_TEST_URL"
)

// A worker process is the test binary, which runs one of these functions instead of the tests.
var workers = map[string]func(context.Context, *pgxpool.Pool) error{
	"webhooks": workOnWebhooks,
	"payouts":  workOnPayouts,
}

func TestMain(m *testing.M) {
	if name := os.Getenv(workerVariable); name != "" {
		if err := work(context.Background(), name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(leak.Run(m, stop))
}

func work(ctx context.Context, name string) error {
	worker := workers[name]
	if worker == nil {
		return fmt.Errorf("there is no worker %q", name)
	}
	pool, err := pgxpool.New(ctx, os.Getenv(urlVariable))
	if err != nil {
		return err
	}
	defer pool.Close()
	return worker(ctx, pool)
}

// startWorker runs a worker on the database of pool in a process of its own, and returns its output.
func startWorker(t *testing.T, name string, pool *pgxpool.Pool, env ...string) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(workerEnv(name, pool), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

func workerEnv(name string, pool *pgxpool.Pool) []string {
	return append(os.Environ(), workerVariable+"="+name, urlVariable+"="+pool.Config().ConnString())
}
