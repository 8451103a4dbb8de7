package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

func nothing(payout.Tx) error { return nil }

// A worker that was stopped in the middle of a transaction, as by SIGSTOP or a frozen machine, keeps the lock.
func TestFault348_AWorkerThatIsFrozenInATransactionDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	store := newPayoutStore(t, newPool(t))
	frozen, thaw := make(chan struct{}), make(chan struct{})
	result := make(chan error)
	go func() {
		result <- store.Update(t.Context(), "b", func(tx payout.Tx) error {
			err := tx.Put("k", []byte("of the frozen worker"))
			close(frozen)
			<-thaw
			return err
		})
	}()
	<-frozen
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	started := time.Now()
	err := store.Update(ctx, "b", func(tx payout.Tx) error { return tx.Put("k", []byte("of another")) })
	if err != nil {
		t.Error(err)
	}
	t.Logf("the other worker waited for %s", time.Since(started).Round(time.Millisecond))
	close(thaw)
	if err := <-result; !errors.Is(err, payout.ErrStoreUnavailable) {
		t.Errorf("the frozen worker's transaction: %v", err)
	}
	err = store.View(t.Context(), "b", func(tx payout.Tx) error {
		value, err := tx.Get("k")
		if string(value) != "of another" {
			t.Errorf("the value is %q", value)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestFault349_AnUpdateDoesNotWaitForTheLockForEver(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	store := newPayoutStore(t, pool)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := tx.Exec(t.Context(), "SELECT pg_advisory_xact_lock(hashtextextended('dwolla_payout_records:b', 0))"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	started := time.Now()
	err = store.Update(ctx, "b", nothing)
	if waited := time.Since(started); !errors.Is(err, payout.ErrStoreUnavailable) || ctx.Err() != nil {
		t.Errorf("after %s: %v", waited.Round(time.Millisecond), err)
	}
}

func TestAnErrorThatMayPassIsToldFromOneThatWillNot(t *testing.T) {
	pool := newPool(t)
	store := newPayoutStore(t, pool)
	canceled, cancel := context.WithCancel(t.Context())
	terminated := func() error {
		return store.Update(t.Context(), "b", func(tx payout.Tx) error {
			mustExec(t, connect(t, "postgres"), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+
				pool.Config().ConnConfig.Database+"'")
			return tx.Put("k", nil)
		})
	}
	noServer, err := pgxpool.New(t.Context(), "host="+t.TempDir()+" user=test dbname=test")
	if err != nil {
		t.Fatal(err)
	}
	defer noServer.Close()
	closed := connect(t, pool.Config().ConnConfig.Database)
	closed.Close()
	own := errors.New("of the caller")

	for _, test := range []struct {
		what  string
		err   error
		pass  bool
		cause error
	}{
		{what: "no server", err: newPayoutStore(t, noServer).Update(t.Context(), "b", nothing), pass: true},
		{what: "no server, view", err: newPayoutStore(t, noServer).View(t.Context(), "b", nothing), pass: true},
		{what: "the server ends the connection", err: terminated(), pass: true},
		{what: "no such database", err: newPayoutStore(t, connect(t, "nowhere")).Update(t.Context(), "b", nothing)},
		{what: "no tables", err: newPayoutStore(t, connect(t, newDatabase(t))).View(t.Context(), "b", func(tx payout.Tx) error {
			_, err := tx.Get("k")
			return err
		})},
		{what: "a closed pool", err: newPayoutStore(t, closed).Update(t.Context(), "b", nothing)},
		{what: "the caller's error", err: store.Update(t.Context(), "b", func(payout.Tx) error { return own }), cause: own},
		{what: "an ended context", err: store.Update(canceled, "b", func(tx payout.Tx) error {
			cancel()
			return tx.Put("k", nil)
		}), cause: context.Canceled},
	} {
		if test.err == nil || errors.Is(test.err, payout.ErrStoreUnavailable) != test.pass {
			t.Errorf("%s: %v", test.what, test.err)
		}
		if test.cause != nil && !errors.Is(test.err, test.cause) {
			t.Errorf("%s: %v does not wrap its cause", test.what, test.err)
		}
	}
	if err := store.Update(t.Context(), "b", nothing); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// The settings end with the transaction: the connection is the caller's.
func TestATransactionLeavesNoSettingsBehind(t *testing.T) {
	pool := newPool(t)
	store := newPayoutStore(t, pool)
	if err := errors.Join(store.Update(t.Context(), "b", nothing), store.View(t.Context(), "b", nothing)); err != nil {
		t.Fatal(err)
	}
	for _, conn := range pool.AcquireAllIdle(t.Context()) {
		var lock, idle string
		err := conn.QueryRow(t.Context(), "SELECT current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')",
			pgx.QueryExecModeSimpleProtocol).Scan(&lock, &idle)
		if err != nil || lock != "0" || idle != "0" {
			t.Errorf("lock_timeout %s, idle_in_transaction_session_timeout %s, %v", lock, idle, err)
		}
		conn.Release()
	}
}
