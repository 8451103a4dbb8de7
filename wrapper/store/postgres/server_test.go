package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dwolla-go/dwolla-go/internal/realserver"
	"github.com/dwolla-go/dwolla-go/wrapper/store/postgres"
)

// All tests share one server, which the first of them starts.
var (
	start     = sync.OnceValue(startServer)
	run       func() error // starts the server on what it left
	server    *exec.Cmd
	dir       string
	databases atomic.Int64

	serverVersion string
)

// newPool connects to a new database, with the tables, on a server from this machine's PostgreSQL installation. Without
// one, the test is skipped.
func newPool(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool := connect(t, newDatabase(t))
	if err := postgres.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	return pool
}

// newDatabase makes an empty database and gives its name.
func newDatabase(t testing.TB) string {
	t.Helper()
	err := start()
	if errors.Is(err, exec.ErrNotFound) {
		realserver.Missing(t, "PostgreSQL", "make servers", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	realserver.Used(t, "PostgreSQL "+serverVersion)
	name := fmt.Sprintf("test%d", databases.Add(1))
	mustExec(t, connect(t, "postgres"), "CREATE DATABASE "+name)
	return name
}

func connect(t testing.TB, database string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), address(database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func address(database string) string {
	return fmt.Sprintf("host=%s user=test dbname=%s", dir, database)
}

// startServer creates a cluster in a temporary directory and listens on a socket there, and on no port.
func startServer() error {
	bin, err := binaries()
	if err != nil {
		return err
	}
	if dir, err = os.MkdirTemp("", "pg"); err != nil {
		return err
	}
	who, err := owner(dir)
	if err != nil {
		return err
	}
	data := filepath.Join(dir, "data")
	setup := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--no-sync")
	setup.SysProcAttr, setup.Dir = who, dir
	if out, err := setup.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	run = func() error {
		server = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-F")
		server.SysProcAttr, server.Dir = who, dir
		if err := server.Start(); err != nil {
			return err
		}
		return await()
	}
	return run()
}

// restartServer has the server die without a checkpoint, and recover.
func restartServer(t *testing.T) {
	t.Helper()
	if err := server.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	_ = server.Wait()
	if err := run(); err != nil {
		t.Fatal(err)
	}
}

func await() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	pool, err := pgxpool.New(ctx, address("postgres"))
	if err != nil {
		return err
	}
	defer pool.Close()
	for pool.Ping(ctx) != nil {
		if ctx.Err() != nil {
			return errors.New("the server did not start")
		}
		time.Sleep(20 * time.Millisecond)
	}
	return pool.QueryRow(ctx, "SHOW server_version").Scan(&serverVersion)
}

func stop() {
	if server != nil && server.Process != nil {
		_ = server.Process.Signal(syscall.SIGINT) // a fast shutdown
		_ = server.Wait()
	}
	if dir != "" {
		_ = os.RemoveAll(dir)
	}
}

// binaries returns the directory of the server's programs, which distributions do not put on PATH.
func binaries() (string, error) {
	programs, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.Sort(programs)
	if path, err := exec.LookPath("initdb"); err == nil {
		programs = append(programs, path)
	}
	for _, initdb := range slices.Backward(programs) {
		path, err := filepath.EvalSymlinks(initdb)
		if err != nil {
			continue
		}
		bin := filepath.Dir(path)
		if _, err := exec.LookPath(filepath.Join(bin, "postgres")); err == nil {
			return bin, nil
		}
	}
	return "", fmt.Errorf("initdb and postgres: %w", exec.ErrNotFound)
}

func mustExec(t testing.TB, pool *pgxpool.Pool, sql string) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
