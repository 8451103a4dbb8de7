package dwolla

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What is compared: the smallest program that makes one call, with the client, with stripe-go, and with net/http alone.
const (
	weightOurs = `package main

import (
	"context"
	"fmt"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func main() {
	client, err := dwolla.NewClient(dwolla.Sandbox, "key", "secret")
	if err != nil {
		panic(err)
	}
	fmt.Println(client.Transfers.Get(context.Background(), "id"))
}
`
	weightStripe = `package main

import (
	"context"
	"fmt"

	"github.com/stripe/stripe-go/v83"
)

func main() {
	client := stripe.NewClient("key")
	fmt.Println(client.V1Customers.Retrieve(context.Background(), "id", nil))
}
`
	weightStripeModule = "module weight\n\ngo 1.26\n\nrequire github.com/stripe/stripe-go/v83 v83.2.1\n"
	weightHTTP         = `package main

import (
	"fmt"
	"io"
	"net/http"
)

func main() {
	resp, err := http.Get("https://api-sandbox.dwolla.com/transfers/id")
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	fmt.Println(io.ReadAll(resp.Body))
}
`
)

// maxBinary is how much larger than with net/http alone a stripped program may be, in bytes: a little above what it is, so
// that a change that adds much is noticed.
const maxBinary = 1_100_000

// TestImportWeight prints what importing the client costs a program: the processor time of its first build, with only
// the standard library built before, beside that of stripe-go, and the size of the stripped binary beside that of a
// program with net/http. DWOLLA_BENCH is the number of rounds; without it nothing is measured, as stripe-go has to be
// downloaded.
func TestImportWeight(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv("DWOLLA_BENCH"))
	if err != nil {
		t.Skip("DWOLLA_BENCH is not set to a number of rounds")
	}
	if job := os.Getenv("DWOLLA_BENCH_JOB"); job != "" && job != "weight" {
		t.Skip("another job is asked for")
	}
	w := newWeigher(t)
	var ours, stripe []time.Duration
	for range rounds {
		ours = append(ours, w.build("ours"))
		stripe = append(stripe, w.build("stripe"))
	}
	w.build("http")
	fmt.Printf("first build: ours %.2f s of CPU, stripe-go %.2f s, ratio %.2f, goal 0.50\n",
		median(ours).Seconds(), median(stripe).Seconds(), median(ours).Seconds()/median(stripe).Seconds())
	more := w.size("ours") - w.size("http")
	fmt.Printf("stripped binary: ours %d bytes, net/http alone %d, %+.2f MB, goal +0.70, stripe-go %d\n",
		w.size("ours"), w.size("http"), float64(more)/1e6, w.size("stripe"))
	if more > maxBinary {
		t.Errorf("the client makes a program %d bytes larger, want at most %d", more, maxBinary)
	}
}

// A weigher builds programs that are in this module for the go command alone, by an overlay; stripe-go has a module of its
// own.
type weigher struct {
	t   *testing.T
	dir string
	cpu time.Duration // of the last run and its compilers; unlike its wall time, it hardly depends on the load of the machine
}

func newWeigher(t *testing.T) *weigher {
	t.Helper()
	w := &weigher{t: t, dir: t.TempDir()}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	overlay := map[string]string{}
	put := func(name, text string) {
		path := filepath.Join(w.dir, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay[filepath.Join(root, "wrapper", "internal", "weight", name)] = path
	}
	put("ours/main.go", weightOurs)
	put("http/main.go", weightHTTP)
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(w.overlay(), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(w.stripe(), 0o750); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"go.mod": weightStripeModule, "main.go": weightStripe} {
		if err := os.WriteFile(filepath.Join(w.stripe(), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.run("", "-C", w.stripe(), "mod", "tidy")
	const standard = "{{if .Standard}}{{.ImportPath}}{{end}}"
	packages := w.run("", "list", "-overlay", w.overlay(), "-deps", "-f", standard, "./internal/weight/ours", "./internal/weight/http") +
		w.run("", "-C", w.stripe(), "list", "-deps", "-f", standard, ".")
	w.run(w.standard(), append([]string{"build"}, strings.Fields(packages)...)...)
	return w
}

func (w *weigher) overlay() string  { return filepath.Join(w.dir, "overlay.json") }
func (w *weigher) stripe() string   { return filepath.Join(w.dir, "stripe-go") }
func (w *weigher) standard() string { return filepath.Join(w.dir, "standard") } // a build cache of the standard library

// build builds a program for the first time and returns the processor time of that.
func (w *weigher) build(program string) time.Duration {
	w.t.Helper()
	cache := filepath.Join(w.dir, "cache")
	if err := os.CopyFS(cache, os.DirFS(w.standard())); err != nil {
		w.t.Fatal(err)
	}
	args := []string{"build", "-overlay", w.overlay(), "-ldflags", "-s -w", "-o", filepath.Join(w.dir, program), "./internal/weight/" + program}
	if program == "stripe" {
		args = []string{"-C", w.stripe(), "build", "-ldflags", "-s -w", "-o", filepath.Join(w.dir, program), "."}
	}
	w.run(cache, args...)
	if err := os.RemoveAll(cache); err != nil {
		w.t.Fatal(err)
	}
	return w.cpu
}

func (w *weigher) size(program string) int64 {
	w.t.Helper()
	info, err := os.Stat(filepath.Join(w.dir, program))
	if err != nil {
		w.t.Fatal(err)
	}
	return info.Size()
}

// run runs the go command, with a build cache of its own unless that is empty, and returns what it prints.
func (w *weigher) run(cache string, args ...string) string {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), "go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if cache != "" {
		cmd.Env = append(cmd.Env, "GOCACHE="+cache)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatalf("go %s: %v\n%s", args[0], err, &stderr)
	}
	w.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return string(out)
}
