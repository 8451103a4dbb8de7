package testkit

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// A Main is a *testing.M.
type Main interface{ Run() int }

// Run runs the tests of a package and fails it if a goroutine or a descriptor is left. It is for TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(testkit.Run(m)) }
func Run(m Main) int {
	before := Descriptors()
	code := m.Run()
	if code != 0 {
		return code
	}
	if left := Goroutines(5 * time.Second); len(left) > 0 {
		fmt.Fprintf(os.Stderr, "testkit: %d goroutines are left:\n\n%s\n", len(left), strings.Join(left, "\n\n"))
		return 1
	}
	if after := Descriptors(); after > before+descriptorSlack {
		fmt.Fprintf(os.Stderr, "testkit: %d descriptors were open before the tests, %d are now\n", before, after)
		return 1
	}
	return 0
}

// descriptorSlack is what the runtime opens once, on first use: the poller, and files of /etc for names.
const descriptorSlack = 6

// Descriptors is how many descriptors the process has open; 0 where the system does not tell.
func Descriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

// Goroutines gives the stacks of the goroutines that are still there after some patience, without this one and those
// of the runtime and of package testing.
func Goroutines(patience time.Duration) []string {
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		left := strays()
		if len(left) == 0 || time.Now().After(end) {
			return left
		}
		runtime.Gosched()
	}
}

func strays() []string {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	all := strings.Split(strings.TrimSpace(string(stacks)), "\n\n")
	return slices.DeleteFunc(all, func(stack string) bool {
		return slices.ContainsFunc(expected, func(frame string) bool { return strings.Contains(stack, frame) })
	})
}

var expected = []string{
	"testkit.strays", "testing.(*M).", "testing.(*T).Run", "testing.runFuzzing", "testing.runTests", "testing.tRunner.func",
	"os/signal.signal_recv", "os/signal.loop", "runtime.gc", "runtime.ensureSigM", "runtime/trace", "runtime/pprof",
	"internal/fuzz", "testing.runFuzzTests",
}
