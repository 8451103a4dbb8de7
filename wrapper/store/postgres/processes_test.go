package postgres_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dwolla-go/dwolla-go/wrapper/store/postgres"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

const (
	workerVariable = "POSTGRES_TEST_WORKER"
	workerEvents   = 100
	workerLease    = time.Second
)

// Two processes share 100 events, and one is killed in the midst of them: each event is processed once.
func TestAKilledProcessLosesNothingAndRunsNothingTwice(t *testing.T) {
	pool := newPool(t)
	mustExec(t, pool, "CREATE TABLE work (event_id text, process text)")
	url, _ := start()
	process := func(name string) (*exec.Cmd, *bufio.Scanner) {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), workerVariable+"="+name, urlVariable+"="+url)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd, bufio.NewScanner(out)
	}
	victim, lines := process("victim")
	survivor, _ := process("survivor")
	for range 20 { // events that the victim has begun
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

// worker processes the events until all are completed, and prints each that it begins.
func worker() int {
	ctx := context.Background()
	if err := work(ctx, os.Getenv(workerVariable)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func work(ctx context.Context, name string) error {
	pool, err := pgxpool.New(ctx, os.Getenv(urlVariable))
	if err != nil {
		return err
	}
	defer pool.Close()
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
				if err := workOn(ctx, pool, store, claim, name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func workOn(ctx context.Context, pool *pgxpool.Pool, store *postgres.WebhookStore, claim webhook.Claim, name string) error {
	fmt.Println(claim.EventID)
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO work VALUES ($1, $2)", claim.EventID, name); err != nil {
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
