package postgres_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dwolla-go/dwolla-go/internal/realserver"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
	payouttest "github.com/dwolla-go/dwolla-go/wrapper/payout/storetest"
	"github.com/dwolla-go/dwolla-go/wrapper/store/postgres"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
	webhooktest "github.com/dwolla-go/dwolla-go/wrapper/webhook/storetest"
)

const bouncerConfig = `
[databases]
* = host=%[1]s user=test

[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = %[1]s
auth_type = any
pool_mode = transaction
default_pool_size = 3
logfile = %[1]s/pgbouncer.log
`

// newBouncer connects to a new database, with the tables, through a pgbouncer in transaction mode: the transactions of
// a client take whichever of three connections is free, and prepared statements are not followed.
func newBouncer(t *testing.T) *pgxpool.Pool {
	t.Helper()
	database := newDatabase(t)
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/pgbouncer")
	}
	if err != nil {
		realserver.Missing(t, "pgbouncer", "make servers", err)
	}
	out, err := exec.CommandContext(t.Context(), program, "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	version, _, _ := strings.Cut(string(out), "\n")
	realserver.Used(t, version)
	config := filepath.Join(dir, "pgbouncer.ini")
	if err := os.WriteFile(config, fmt.Appendf(nil, bouncerConfig, dir), 0o644); err != nil {
		t.Fatal(err)
	}
	who, err := owner(dir)
	if err != nil {
		t.Fatal(err)
	}
	bouncer := exec.CommandContext(t.Context(), program, config)
	bouncer.SysProcAttr, bouncer.Dir = who, dir
	if err := bouncer.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = bouncer.Process.Signal(syscall.SIGINT)
		_ = bouncer.Wait()
	})
	pool, err := pgxpool.New(t.Context(), address(database)+" port=6432")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for pool.Ping(ctx) != nil {
		if ctx.Err() != nil {
			t.Fatal("pgbouncer did not start")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := postgres.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	return pool
}

func TestTheStoresWorkBehindPgbouncerInTransactionMode(t *testing.T) {
	pool := newBouncer(t)
	payouttest.Test(t, func(t testing.TB) payout.Store { return newPayoutStore(t, pool) })
	webhooktest.Test(t, func(testing.TB) webhook.Store { return newWebhookStore(t, pool) }, time.Second)
	if _, err := newWebhookStore(t, pool).Prune(t.Context()); err != nil {
		t.Error(err)
	}
}

// The same without a pgbouncer: what it does not follow must not be there.
func TestNoStatementIsLeftPreparedOnAConnection(t *testing.T) {
	pool := newPool(t)
	payouttest.Test(t, func(t testing.TB) payout.Store { return newPayoutStore(t, pool) })
	webhooktest.Test(t, func(testing.TB) webhook.Store { return newWebhookStore(t, pool) }, time.Second)
	for _, conn := range pool.AcquireAllIdle(t.Context()) {
		var statements int
		results, err := conn.Conn().PgConn().Exec(t.Context(), "SELECT statement FROM pg_prepared_statements").ReadAll()
		if err == nil {
			statements = len(results[0].Rows)
		}
		if err != nil || statements != 0 {
			t.Errorf("%d prepared statements, %v", statements, err)
		}
		conn.Release()
	}
}
