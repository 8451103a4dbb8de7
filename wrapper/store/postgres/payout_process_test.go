package postgres_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
	"github.com/dwolla-go/dwolla-go/wrapper/store/postgres"
)

const (
	sharedBatch  = "two-workers"
	sharedChunks = 100
	chunkRows    = 3

	dwollaVariable = "POSTGRES_TEST_DWOLLA"
	keyVariable    = "POSTGRES_TEST_KEY"
	secretVariable = "POSTGRES_TEST_SECRET"
)

// Two processes run one batch, and one is killed halfway: each row is paid once.
func TestTwoProcessesSendEachChunkOnceWhenOneIsKilled(t *testing.T) {
	s := newShared(t)
	victim, _ := startWorker(t, "payouts", s.pool, s.env...)
	survivor, _ := startWorker(t, "payouts", s.pool, s.env...)
	s.awaitChunks(t, 20)
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait()
	if err := survivor.Wait(); err != nil {
		t.Fatal(err)
	}
	s.paidOnce(t)
}

// Four processes run one batch, each started again when it ends with an error. One is killed, and the server is.
func TestFault359_FourProcessesPayEachRowOnceAcrossARestartOfTheServer(t *testing.T) {
	s := newShared(t)
	var all sync.WaitGroup
	var starts atomic.Int64
	first := make(chan *os.Process, 4)
	for range 4 {
		all.Go(func() {
			for t.Context().Err() == nil {
				cmd := exec.CommandContext(t.Context(), os.Args[0])
				cmd.Env = append(workerEnv("payouts", s.pool), s.env...)
				if err := cmd.Start(); err != nil {
					t.Error(err)
					return
				}
				if starts.Add(1) <= 4 {
					first <- cmd.Process
				}
				if cmd.Wait() == nil {
					return
				}
				time.Sleep(100 * time.Millisecond)
			}
		})
	}
	s.awaitChunks(t, 20)
	if err := (<-first).Kill(); err != nil {
		t.Error(err)
	}
	s.awaitChunks(t, 50)
	restartServer(t)
	all.Wait()
	s.paidOnce(t)
	t.Logf("%d processes, of which 4 ended by themselves", starts.Load())
}

// A shared batch is prepared for several processes.
type shared struct {
	pool *pgxpool.Pool
	bank *dwollatest.Server
	rows []payout.Row
	env  []string // of the workers
}

func newShared(t *testing.T) *shared {
	t.Helper()
	pool := newPool(t)
	bank := dwollatest.New(t, dwollatest.WithItemRate(0))
	rows := receivers(bank, sharedChunks*chunkRows)
	plan := payout.Plan{Source: bank.AccountBalance().Href, ChunkRows: chunkRows}
	if _, err := payout.Prepare(t.Context(), newPayoutStore(t, pool), sharedBatch, input(rows), plan); err != nil {
		t.Fatal(err)
	}
	// Requests are slowed down, so that the kill interrupts one in progress.
	bank.Fault("createMassPayment", dwollatest.Fault{Delay: 20 * time.Millisecond, AfterCommit: true, Times: sharedChunks})
	env := []string{dwollaVariable + "=" + bank.Start(), keyVariable + "=" + bank.Key(), secretVariable + "=" + bank.Secret()}
	return &shared{pool: pool, bank: bank, rows: rows, env: env}
}

func (s *shared) awaitChunks(t *testing.T, n int) {
	t.Helper()
	for end := time.Now().Add(time.Minute); len(s.bank.Ledger()) < n*chunkRows; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d of %d chunks were sent", len(s.bank.Ledger())/chunkRows, n)
		}
	}
}

// paidOnce compares the record with the bank's ledger.
func (s *shared) paidOnce(t *testing.T) {
	t.Helper()
	s.pool.Reset()
	summary, err := payout.Summarize(t.Context(), newPayoutStore(t, s.pool), sharedBatch)
	if err != nil || !summary.Done() || summary.Totals.Paid.Rows != len(s.rows) {
		t.Errorf("%+v, %v", summary.Totals, err)
	}
	ledger := s.bank.Ledger()
	for _, row := range s.rows {
		if paid := ledger.To(dwolla.LinkTo[dwolla.FundingSource](row.Destination).ID()); len(paid) != 1 {
			t.Errorf("line %d was paid %d times", row.Line, len(paid))
		}
	}
	t.Logf("%d chunks, %d requests that create: %d payments", sharedChunks, len(s.bank.Calls("createMassPayment")), len(ledger))
}

func receivers(bank *dwollatest.Server, n int) []payout.Row {
	rows := make([]payout.Row, n)
	for i := range rows {
		_, account := bank.AddReceiver(fmt.Sprintf("Receiver %d", i))
		rows[i] = payout.Row{Line: i + 1, Destination: account.Href, Amount: dwolla.USDCents(int64(100 + i))}
	}
	return rows
}

func input(rows []payout.Row) func(func(payout.Row, error) bool) {
	return func(yield func(payout.Row, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// workOnPayouts runs the prepared batch.
func workOnPayouts(ctx context.Context, pool *pgxpool.Pool) error {
	store, err := postgres.NewPayoutStore(pool)
	if err != nil {
		return err
	}
	client, err := dwolla.NewClient(dwolla.Sandbox, os.Getenv(keyVariable), os.Getenv(secretVariable),
		dwolla.WithBaseURL(os.Getenv(dwollaVariable)))
	if err != nil {
		return err
	}
	runner, err := payout.NewRunner(store, payout.Dwolla(client), payout.Options{
		Poll: 20 * time.Millisecond, MaxPoll: 100 * time.Millisecond, Lease: 3 * time.Second,
	})
	if err != nil {
		return err
	}
	_, err = runner.Run(ctx, sharedBatch)
	return err
}
