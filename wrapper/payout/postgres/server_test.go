package postgres_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// startServer runs a PostgreSQL of the test's own, made by the machine's binaries, on a socket in a temporary directory.
// Where there are none the test is skipped.
func startServer(t *testing.T) (url string) {
	t.Helper()
	initdb, postgres := binary("initdb"), binary("postgres")
	if initdb == "" || postgres == "" {
		t.Skip("this machine has no PostgreSQL server (initdb and postgres): apt-get install postgresql")
	}

	dir, err := os.MkdirTemp("/tmp", "payout-pg-") //nolint:usetesting // the name of a socket has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	as := ordinaryUser(t, dir)
	data := filepath.Join(dir, "data")
	makeCluster := exec.CommandContext(t.Context(), initdb, "-D", data, "-U", "payout", "-A", "trust", "-E", "UTF8", "--no-sync")
	makeCluster.SysProcAttr, makeCluster.Dir = as, dir
	if out, err := makeCluster.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	var log bytes.Buffer
	server := exec.Command(postgres, "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "max_connections=50")
	server.SysProcAttr, server.Dir, server.Stderr = as, dir, &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT)
		_ = server.Wait()
	})
	url = "postgres://payout@/postgres?host=" + dir
	for range 100 {
		pool, err := pgxpool.New(t.Context(), url)
		if err == nil {
			err = pool.Ping(t.Context())
			pool.Close()
		}
		if err == nil {
			return url
		}
		time.Sleep(100 * time.Millisecond)
	}
	_ = server.Process.Kill()
	t.Fatalf("the server does not come up:\n%s", log.String())
	return ""
}

// binary finds a program of PostgreSQL, which distributions keep out of the path.
func binary(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return real
		}
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/", "/usr/pgsql-*/bin/", "/opt/homebrew/opt/postgresql*/bin/"} {
		if found, _ := filepath.Glob(pattern + name); len(found) > 0 {
			return found[len(found)-1]
		}
	}
	return ""
}

// ordinaryUser is who the server runs as: PostgreSQL refuses root.
func ordinaryUser(t *testing.T, dir string) *syscall.SysProcAttr {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.ParseUint(u.Uid, 10, 32)
		gid, _ := strconv.ParseUint(u.Gid, 10, 32)
		if err := os.Chown(dir, int(uid), int(gid)); err != nil {
			t.Fatal(err)
		}
		return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	t.Skip("PostgreSQL does not run as root, and there is no other user")
	return nil
}

func connect(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}
