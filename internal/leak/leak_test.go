package leak

import (
	"bytes"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) { os.Exit(Run(m)) }

// tests is a [Main] in place of the tests of a package.
type tests func() int

func (f tests) Run() int { return f() }

func TestLeaksAreReported(t *testing.T) {
	stop, ended := make(chan struct{}), make(chan struct{})
	var (
		file     *os.File
		listener net.Listener
	)
	for name, c := range map[string]struct {
		tests  tests
		end    func()
		code   int
		report string
		system bool // needs a system that lists descriptors
	}{
		"nothing": {tests: func() int { return 0 }},
		"a failure keeps its code": {
			tests: func() int { return 3 }, code: 3,
		},
		"a goroutine": {
			tests: func() int {
				go func() { defer close(ended); lingering(stop) }()
				return 0
			},
			end: func() { close(stop); <-ended }, code: 1, report: "leak.lingering",
		},
		"a file": {
			tests: func() int { file = mustOpen(t); return 0 },
			end:   func() { _ = file.Close() }, code: 1, report: "leak_test.go", system: true,
		},
		"a socket": {
			tests: func() int { listener = mustListen(t); return 0 },
			end:   func() { _ = listener.Close() }, code: 1, report: "socket:[", system: true,
		},
		"what ends by itself": {
			tests: func() int {
				f := mustOpen(t)
				time.AfterFunc(5*time.Millisecond, func() { _ = f.Close() })
				go time.Sleep(20 * time.Millisecond)
				return 0
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if c.system && Descriptors() == 0 {
				t.Skip("this system does not list its descriptors")
			}
			var out bytes.Buffer
			code := run(c.tests, nil, &out, 200*time.Millisecond)
			if c.end != nil {
				c.end()
			}
			if code != c.code || !strings.Contains(out.String(), c.report) || c.report == "" && out.Len() > 0 {
				t.Errorf("code %d, want %d: %s", code, c.code, &out)
			}
		})
	}
}

func TestSharedResourcesAreReleasedBeforeTheCheck(t *testing.T) {
	var out bytes.Buffer
	var file *os.File
	code := run(tests(func() int { file = mustOpen(t); return 0 }), []func(){func() { _ = file.Close() }}, &out, 0)
	if code != 0 {
		t.Errorf("code %d: %s", code, &out)
	}
}

func lingering(stop <-chan struct{}) { <-stop }

func mustOpen(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Open("leak_test.go")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func mustListen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}
