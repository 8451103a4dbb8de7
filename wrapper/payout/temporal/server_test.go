package temporal_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/dwolla-go/dwolla-go/internal/realserver"
)

// A temporalServer is a development server of Temporal's command-line tool, in a process of its own.
type temporalServer struct {
	program string
	args    []string
	address string
	cmd     *exec.Cmd
}

// shared is the server of the tests that need nothing special of it.
var shared struct {
	once   sync.Once
	server *temporalServer
	err    error
}

// sharedServer starts the shared server with the first test that needs it.
func sharedServer(t *testing.T) *temporalServer {
	t.Helper()
	program := temporalProgram(t)
	shared.once.Do(func() {
		shared.server = &temporalServer{program: program}
		shared.err = shared.server.start()
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server
}

func stopSharedServer() {
	if shared.server != nil {
		shared.server.kill()
	}
}

// newServer starts a server for one test.
func newServer(t *testing.T, args ...string) *temporalServer {
	t.Helper()
	s := &temporalServer{program: temporalProgram(t), args: args}
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	return s
}

// version is that of the command-line tool that .ci/servers builds.
const version = "1.5.1"

// temporalProgram finds Temporal's command-line tool. Without it the test is skipped.
func temporalProgram(t *testing.T) string {
	t.Helper()
	cache, _ := os.UserCacheDir()
	for _, path := range []string{os.Getenv("TEMPORAL_CLI"), filepath.Join(cache, "dwolla-go", "temporal-"+version), "temporal"} {
		program, err := exec.LookPath(path)
		if err != nil {
			continue
		}
		out, err := exec.CommandContext(t.Context(), program, "--version").Output()
		if err != nil {
			t.Fatalf("%s: %v", program, err)
		}
		realserver.Used(t, strings.TrimSpace(string(out)))
		return program
	}
	realserver.Missing(t, "Temporal", "make servers", exec.ErrNotFound)
	return ""
}

// start starts the server, or starts it again at the same address, and waits until it answers.
func (s *temporalServer) start() error {
	if s.address == "" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		s.address = l.Addr().String()
		if err := l.Close(); err != nil {
			return err
		}
	}
	_, port, err := net.SplitHostPort(s.address)
	if err != nil {
		return err
	}
	args := append([]string{"server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", port, "--log-level", "error"}, s.args...)
	s.cmd = exec.Command(s.program, args...)
	if err := s.cmd.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := client.NewLazyClient(s.options())
	if err != nil {
		return err
	}
	defer c.Close()
	for {
		_, err := c.CheckHealth(ctx, &client.CheckHealthRequest{})
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			s.kill()
			return fmt.Errorf("the server did not start: %w", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// kill ends the server without a warning.
func (s *temporalServer) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

func (s *temporalServer) options() client.Options {
	return client.Options{HostPort: s.address, Identity: "a test", Logger: quiet}
}

func (s *temporalServer) client(t *testing.T) client.Client {
	t.Helper()
	c, err := client.DialContext(t.Context(), s.options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// await polls until done, which is not reached in time in a test that fails.
func await(t *testing.T, limit time.Duration, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", limit, what)
		}
	}
}

var quiet = log.NewStructuredLogger(slog.New(slog.DiscardHandler))

var errAway = errors.New("the database is away")
