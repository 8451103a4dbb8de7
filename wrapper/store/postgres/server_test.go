package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dwolla-go/dwolla-go/wrapper/store/postgres"
)

// urlVariable tells a child process of a test where the database is.
const urlVariable = "POSTGRES_TEST_URL"

func TestMain(m *testing.M) {
	if os.Getenv(workerVariable) != "" {
		os.Exit(worker())
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

var (
	start  = sync.OnceValues(startServer)
	server *exec.Cmd
	dir    string
)

// newPool connects to a server of this machine's own binaries, which all tests share. Where there are none, the test
// is skipped.
func newPool(t *testing.T) *pgxpool.Pool {
	t.Helper()
	url, err := start()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skipf("no PostgreSQL on this machine: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := postgres.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	return pool
}

// startServer makes a database in a directory of its own and listens on a socket there, and on no port.
func startServer() (url string, err error) {
	initdb, err := find("initdb")
	if err != nil {
		return "", err
	}
	program, err := find("postgres")
	if err != nil {
		return "", err
	}
	if dir, err = os.MkdirTemp("", "pg"); err != nil {
		return "", err
	}
	who, err := owner(dir)
	if err != nil {
		return "", err
	}
	data := filepath.Join(dir, "data")
	setup := exec.Command(initdb, "-D", data, "-U", "test", "-A", "trust", "--no-sync")
	setup.SysProcAttr, setup.Dir = who, dir
	if out, err := setup.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w: %s", err, out)
	}
	server = exec.Command(program, "-D", data, "-k", dir, "-c", "listen_addresses=", "-F")
	server.SysProcAttr, server.Dir = who, dir
	if err := server.Start(); err != nil {
		return "", err
	}
	url = fmt.Sprintf("host=%s user=test dbname=postgres", dir)
	return url, await(url)
}

func await(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	pool, err := pgxpool.New(ctx, url)
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
	return nil
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

// find looks in PATH and where Debian keeps the binaries, the newest version first.
func find(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	paths, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(paths) == 0 {
		return "", fmt.Errorf("%s: %w", name, exec.ErrNotFound)
	}
	return slices.Max(paths), nil
}

// owner gives the directory to an ordinary user where this is root, whom PostgreSQL refuses.
func owner(dir string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	who := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return who, os.Chown(dir, int(uid), int(gid))
}
