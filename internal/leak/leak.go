// Package leak fails the tests of a package that leave a goroutine or a descriptor behind.
package leak

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// A Main is a *testing.M.
type Main interface{ Run() int }

// Run runs the tests of a package, and then what ends things that all of them share; it fails the package if a
// goroutine or a descriptor is left. It is for TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(leak.Run(m)) }
func Run(m Main, end ...func()) int { return run(m, end, os.Stderr, patience) }

// patience is how long things are given to end that nobody waits for.
const patience = 5 * time.Second

func run(m Main, end []func(), out io.Writer, patience time.Duration) int {
	before := open()
	code := m.Run()
	for _, f := range end {
		f()
	}
	if code != 0 {
		return code
	}
	if left := until(patience, strays); len(left) > 0 {
		_, _ = fmt.Fprintf(out, "leak: %d goroutines are left:\n\n%s\n", len(left), strings.Join(left, "\n\n"))
		code = 1
	}
	if left := until(patience, func() []string { return without(open(), before) }); len(left) > 0 {
		_, _ = fmt.Fprintf(out, "leak: %d descriptors are left: %s\n", len(left), strings.Join(left, ", "))
		code = 1
	}
	return code
}

// until looks until there is nothing left, or for as long as patience lasts.
func until(patience time.Duration, look func() []string) []string {
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		left := look()
		if len(left) == 0 || time.Now().After(end) {
			return left
		}
	}
}

// Descriptors is how many descriptors the process has open; 0 where the system does not tell.
func Descriptors() int { return len(open()) }

// open names the descriptors of the process, without those that the runtime opens once for itself.
func open() []string {
	const dir = "/proc/self/fd"
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		name, err := os.Readlink(filepath.Join(dir, e.Name()))
		if err != nil || slices.Contains(ofTheRuntime, name) {
			continue // closed meanwhile, as the one that the folder was read with
		}
		names = append(names, e.Name()+" "+name)
	}
	return names
}

var ofTheRuntime = []string{"anon_inode:[eventpoll]", "anon_inode:[eventfd]", "anon_inode:[pidfd]"}

func without(all, some []string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return slices.Contains(some, s) })
}

// strays are the stacks of the goroutines of neither the runtime nor package testing, nor of this one.
func strays() []string {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	all := strings.Split(strings.TrimSpace(string(stacks)), "\n\n")
	return slices.DeleteFunc(all, func(stack string) bool {
		return slices.ContainsFunc(expected, func(frame string) bool { return strings.Contains(stack, frame) })
	})
}

var expected = []string{
	"leak.strays", "testing.(*M).", "testing.(*T).Run", "testing.runFuzzing", "testing.runTests", "testing.tRunner.func",
	"os/signal.signal_recv", "os/signal.loop", "runtime.gc", "runtime.ensureSigM", "runtime/trace", "runtime/pprof",
	"internal/fuzz", "testing.runFuzzTests",
}
