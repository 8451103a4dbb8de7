package postgres_test

import (
	"context"
	"fmt"
	"os"
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
	pool := newPool(t)
	store := newPayoutStore(t, pool)
	bank := dwollatest.New(t, dwollatest.WithItemRate(0))
	rows := receivers(bank, sharedChunks*chunkRows)
	plan := payout.Plan{Source: bank.AccountBalance().Href, ChunkRows: chunkRows}
	if _, err := payout.Prepare(t.Context(), store, sharedBatch, input(rows), plan); err != nil {
		t.Fatal(err)
	}
	// Requests are slowed down, so that the kill interrupts one in progress.
	bank.Fault("createMassPayment", dwollatest.Fault{Delay: 20 * time.Millisecond, AfterCommit: true, Times: sharedChunks})

	env := []string{dwollaVariable + "=" + bank.Start(), keyVariable + "=" + bank.Key(), secretVariable + "=" + bank.Secret()}
	victim, _ := startWorker(t, "payouts", pool, env...)
	survivor, _ := startWorker(t, "payouts", pool, env...)
	for len(bank.Ledger()) < 20*chunkRows {
		time.Sleep(5 * time.Millisecond)
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait()
	if err := survivor.Wait(); err != nil {
		t.Fatal(err)
	}

	summary, err := payout.Summarize(t.Context(), store, sharedBatch)
	if err != nil || !summary.Done() || summary.Totals.Paid.Rows != len(rows) {
		t.Errorf("%+v, %v", summary.Totals, err)
	}
	ledger := bank.Ledger()
	for _, row := range rows {
		if paid := ledger.To(dwolla.LinkTo[dwolla.FundingSource](row.Destination).ID()); len(paid) != 1 {
			t.Errorf("line %d was paid %d times", row.Line, len(paid))
		}
	}
	t.Logf("%d chunks, 2 processes, 1 killed, %d requests that create: %d payments, each once",
		sharedChunks, len(bank.Calls("createMassPayment")), len(ledger))
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
