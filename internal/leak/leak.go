// Package leak fails a package's tests if they leave a goroutine or a file descriptor open.
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

// Main is implemented by *testing.M.
type Main interface{ Run() int }

// Run runs the tests of a package and then the end functions, which release what the tests share. It returns the exit
// code, which is not zero if a goroutine or a descriptor is left. Call it in TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(leak.Run(m)) }
func Run(m Main, end ...func()) int { return run(m, end, os.Stderr, maxWait) }

// maxWait is how long Run waits for goroutines and descriptors to end by themselves.
const maxWait = 5 * time.Second

func run(m Main, end []func(), out io.Writer, maxWait time.Duration) int {
	before := descriptors()
	code := m.Run()
	for _, f := range end {
		f()
	}
	if code != 0 {
		return code
	}
	if left := waitForNone(maxWait, leakedGoroutines); len(left) > 0 {
		_, _ = fmt.Fprintf(out, "leak: %d goroutines are left:\n\n%s\n", len(left), strings.Join(left, "\n\n"))
		code = 1
	}
	if left := waitForNone(maxWait, func() []string { return without(descriptors(), before) }); len(left) > 0 {
		_, _ = fmt.Fprintf(out, "leak: %d descriptors are left: %s\n", len(left), strings.Join(left, ", "))
		code = 1
	}
	return code
}

// waitForNone calls list until it returns nothing, for at most maxWait, and returns what is left.
func waitForNone(maxWait time.Duration, list func() []string) []string {
	for end := time.Now().Add(maxWait); ; time.Sleep(10 * time.Millisecond) {
		left := list()
		if len(left) == 0 || time.Now().After(end) {
			return left
		}
	}
}

// Descriptors returns the number of open file descriptors of the process, or 0 on systems without /proc.
func Descriptors() int { return len(descriptors()) }

// descriptors lists the open descriptors of the process, without those of the runtime.
func descriptors() []string {
	const dir = "/proc/self/fd"
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		name, err := os.Readlink(filepath.Join(dir, e.Name()))
		if err != nil || slices.Contains(runtimeDescriptors, name) {
			continue // closed meanwhile, as the descriptor of ReadDir itself is
		}
		names = append(names, e.Name()+" "+name)
	}
	return names
}

var runtimeDescriptors = []string{"anon_inode:[eventpoll]", "anon_inode:[eventfd]", "anon_inode:[pidfd]"}

func without(all, some []string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return slices.Contains(some, s) })
}

// leakedGoroutines returns the stacks of all goroutines, except those of the runtime, of package testing and its own.
func leakedGoroutines() []string {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	all := strings.Split(strings.TrimSpace(string(stacks)), "\n\n")
	return slices.DeleteFunc(all, func(stack string) bool {
		return slices.ContainsFunc(ignoredFrames, func(frame string) bool { return strings.Contains(stack, frame) })
	})
}

var ignoredFrames = []string{
	"leak.leakedGoroutines", "testing.(*M).", "testing.(*T).Run", "testing.runFuzzing", "testing.runTests", "testing.tRunner.func",
	"os/signal.signal_recv", "os/signal.loop", "runtime.gc", "runtime.ensureSigM", "runtime/trace", "runtime/pprof",
	"internal/fuzz", "testing.runFuzzTests",
}
