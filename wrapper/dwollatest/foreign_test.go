package dwollatest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// TestForeignClients lets clients that nobody here wrote work against the server: npm dwolla-v2 and npm dwolla. It
// needs node, and the registry of npm unless its cache has them.
func TestForeignClients(t *testing.T) {
	if testing.Short() {
		t.Skip("installs packages of npm")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node: the clients of npm are not tried")
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("no npm: the clients of npm are not tried")
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/foreign")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	install := exec.CommandContext(ctx, npm, "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("the clients of npm cannot be installed: %v\n%s", err, out)
	}
	server := dwollatest.New(t, dwollatest.WithItemRate(50), dwollatest.WithInvalidRequests())
	run := exec.CommandContext(ctx, node, "clients.mjs", server.Start(), server.Key(), server.Secret())
	run.Dir = dir
	out, err := run.CombinedOutput()
	t.Logf("%s", out)
	if err != nil || !strings.Contains(string(out), " steps, ") {
		t.Errorf("the clients did not succeed: %v", err)
	}
}
