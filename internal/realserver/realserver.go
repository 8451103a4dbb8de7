// Package realserver keeps account of the tests that need a real server, such as PostgreSQL: which had one, and which
// were skipped because the machine has none.
package realserver

import (
	"fmt"
	"os"
	"testing"
)

// The environment of a run of tests.
const (
	// LogVariable has the path of a file to which each such test adds a line: "used" or "missing", the server and the
	// name of the test, with tabs between them. Without it nothing is written.
	LogVariable = "DWOLLA_SERVERS_LOG"
	// RequiredVariable, if it is not empty, makes a missing server a failure, as CI wants it.
	RequiredVariable = "DWOLLA_SERVERS_REQUIRED"
)

// Used notes that the test runs against a server, which is given with its version.
func Used(t testing.TB, server string) {
	t.Helper()
	note(t, "used", server)
}

// Missing skips the test, or fails it where servers are required. The hint says how to get the server.
func Missing(t testing.TB, server, hint string, err error) {
	t.Helper()
	note(t, "missing", server+" ("+hint+")")
	if os.Getenv(RequiredVariable) != "" {
		t.Fatalf("%s is missing on this machine (%s): %v", server, hint, err)
	}
	t.Skipf("%s is missing on this machine (%s): %v", server, hint, err)
}

func note(t testing.TB, what, server string) {
	t.Helper()
	path := os.Getenv(LogVariable)
	if path == "" {
		return
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the path is the caller's
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(file, "%s\t%s\t%s\n", what, server, t.Name())
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		t.Fatal(err)
	}
}
