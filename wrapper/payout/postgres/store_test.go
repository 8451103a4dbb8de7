package postgres_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
	"github.com/dwolla-go/dwolla-go/wrapper/payout/postgres"
	"github.com/dwolla-go/dwolla-go/wrapper/payout/storetest"
)

func TestStoreKeepsWhatARunReliesOn(t *testing.T) {
	url := startServer(t)
	storetest.Test(t, func(t testing.TB) payout.Store {
		store := postgres.New(connect(t, url))
		if err := store.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		return store
	})
}

const (
	batch  = "two-workers"
	chunks = 100
	perOne = 3

	envURL    = "PAYOUT_WORKER_DATABASE"
	envDwolla = "PAYOUT_WORKER_DWOLLA"
	envKey    = "PAYOUT_WORKER_KEY"
	envSecret = "PAYOUT_WORKER_SECRET"
)

func TestMain(m *testing.M) {
	if os.Getenv(envURL) == "" {
		os.Exit(m.Run())
	}
	if err := worker(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// worker is one of the two processes: it runs the batch that is on record.
func worker(ctx context.Context) error {
	pool, err := pgxpool.New(ctx, os.Getenv(envURL))
	if err != nil {
		return err
	}
	defer pool.Close()
	client, err := dwolla.NewClient(dwolla.Sandbox, os.Getenv(envKey), os.Getenv(envSecret), dwolla.WithBaseURL(os.Getenv(envDwolla)))
	if err != nil {
		return err
	}
	runner, err := payout.NewRunner(postgres.New(pool), payout.Dwolla(client), payout.Options{
		Poll: 20 * time.Millisecond, MaxPoll: 100 * time.Millisecond, Lease: 3 * time.Second,
		Progress: func(e payout.Event) {
			if e.State == payout.StateSending {
				fmt.Println("sending", e.Chunk)
			}
		},
	})
	if err != nil {
		return err
	}
	_, err = runner.Run(ctx, batch)
	return err
}

func TestTwoProcessesSendEachChunkOnceAndOneTakesOverFromTheDead(t *testing.T) {
	url := startServer(t)
	store := postgres.New(connect(t, url))
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := dwollatest.New(t, dwollatest.WithItemRate(0))
	env := append(os.Environ(), envURL+"="+url, envDwolla+"="+server.Start(), envKey+"="+server.Key(), envSecret+"="+server.Secret())
	rows := make([]payout.Row, chunks*perOne)
	for i := range rows {
		_, bank := server.AddReceiver(fmt.Sprintf("Receiver %d", i))
		rows[i] = payout.Row{Line: i + 1, Destination: bank.Href, Amount: dwolla.USDCents(int64(100 + i))}
	}
	input := func(yield func(payout.Row, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
	plan := payout.Plan{Source: server.AccountBalance().Href, ChunkRows: perOne}
	if _, err := payout.Prepare(t.Context(), store, batch, input, plan); err != nil {
		t.Fatal(err)
	}
	// Requests take a while, so that the kill hits one that is under way.
	server.Fault("createMassPayment", dwollatest.Fault{Delay: 20 * time.Millisecond, AfterCommit: true, Times: chunks})

	first, second := start(t, env), start(t, env)
	for len(server.Ledger()) < 20*perOne {
		time.Sleep(5 * time.Millisecond)
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	if err := second.Wait(); err != nil {
		t.Fatalf("the other process: %v", err)
	}

	summary, err := payout.Summarize(t.Context(), store, batch)
	if err != nil || !summary.Done() || summary.Totals.Paid.Rows != len(rows) {
		t.Errorf("%+v, %v", summary.Totals, err)
	}
	ledger := server.Ledger()
	for _, row := range rows {
		if paid := ledger.To(dwolla.LinkTo[dwolla.FundingSource](row.Destination).ID()); len(paid) != 1 {
			t.Errorf("line %d was paid %d times", row.Line, len(paid))
		}
	}
	t.Logf("%d chunks, 2 processes, 1 killed, %d requests that create: %d payments, each once",
		chunks, len(server.Calls("createMassPayment")), len(ledger))
}

func start(t *testing.T, env []string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env, cmd.Stderr = env, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}
