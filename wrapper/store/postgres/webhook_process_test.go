package postgres_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dwolla-go/dwolla-go/wrapper/store/postgres"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

const (
	workerEvents = 100
	workerLease  = time.Second

	processVariable = "POSTGRES_TEST_PROCESS" // the name that a worker writes into its rows
)

// Two processes share 100 events, and one is killed halfway: each event is processed once.
func TestTwoProcessesRunEachEventOnceWhenOneIsKilled(t *testing.T) {
	pool := newPool(t)
	mustExec(t, pool, "CREATE TABLE work (event_id text, process text)")
	victim, begun := startWorker(t, "webhooks", pool, processVariable+"=victim")
	survivor, _ := startWorker(t, "webhooks", pool, processVariable+"=survivor")
	lines := bufio.NewScanner(begun)
	for range 20 {
		if !lines.Scan() {
			t.Fatal("the victim ended by itself")
		}
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait()
	if err := survivor.Wait(); err != nil {
		t.Fatal(err)
	}
	all := count(t, pool, "SELECT count(*) FROM work")
	distinct := count(t, pool, "SELECT count(DISTINCT event_id) FROM work")
	if all != workerEvents || distinct != workerEvents {
		t.Errorf("%d runs of %d events, want %d of each", all, distinct, workerEvents)
	}
	if n := count(t, pool, "SELECT count(*) FROM work WHERE process = 'victim'"); n < 15 || n == workerEvents {
		t.Errorf("the victim processed %d events", n)
	}
}

// workOnWebhooks processes the events until all are completed, and prints each that it begins.
func workOnWebhooks(ctx context.Context, pool *pgxpool.Pool) error {
	store, err := postgres.NewWebhookStore(pool, 0)
	if err != nil {
		return err
	}
	for left := workerEvents; left > 0; time.Sleep(10 * time.Millisecond) {
		left = 0
		for i := range workerEvents {
			claim, status, err := store.Claim(ctx, fmt.Sprintf("shared-%d", i), workerLease)
			switch {
			case err != nil:
				return err
			case status == webhook.InProgress:
				left++
			case status == webhook.Claimed:
				if err := workOn(ctx, pool, store, claim); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func workOn(ctx context.Context, pool *pgxpool.Pool, store *postgres.WebhookStore, claim webhook.Claim) error {
	fmt.Println(claim.EventID)
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO work VALUES ($1, $2)", claim.EventID, os.Getenv(processVariable)); err != nil {
			return err
		}
		time.Sleep(5 * time.Millisecond)
		return store.CompleteTx(ctx, tx, claim)
	})
	if errors.Is(err, webhook.ErrClaimLost) {
		return nil
	}
	return err
}
