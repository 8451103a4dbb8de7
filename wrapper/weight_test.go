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

// What is compared: the smallest program that makes one call, with the client, with what oapi-codegen makes of the same
// contract, and with net/http alone.
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
	weightPlain = `package main

import (
	"context"
	"fmt"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/weight/client"
)

func main() {
	c, err := client.NewClientWithResponses("https://api-sandbox.dwolla.com")
	if err != nil {
		panic(err)
	}
	fmt.Println(c.GetTransferWithResponse(context.Background(), "id"))
}
`
	weightHTTP = `package main

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
	weightConfig = `package: client
generate: {models: true, client: true}
output-options: {skip-prune: true, resolve-type-name-collisions: true}
`
)

// maxBinary is how much larger than with net/http alone a stripped program may be, in bytes. The goal is 0.7 MB; this is
// what has been reached, so that it does not grow unseen.
const maxBinary = 1_000_000

// TestImportWeight prints what importing the client costs a program: the time of its first build, with only the standard
// library built before, beside that of the plain oapi-codegen client, and the size of the stripped binary beside that
// of a program with net/http. DWOLLA_BENCH is the number of rounds; without it nothing is measured.
func TestImportWeight(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv("DWOLLA_BENCH"))
	if err != nil {
		t.Skip("DWOLLA_BENCH is not set to a number of rounds")
	}
	if job := os.Getenv("DWOLLA_BENCH_JOB"); job != "" && job != "weight" {
		t.Skip("another job is asked for")
	}
	w := newWeigher(t)
	var ours, plain side
	for range rounds {
		ours.wall = append(ours.wall, w.build("ours"))
		plain.wall = append(plain.wall, w.build("plain"))
	}
	w.build("http")
	fmt.Printf("first build: ours %.2f s, plain oapi-codegen %.2f s, ratio %.2f, goal 1.10\n",
		median(ours.wall).Seconds(), median(plain.wall).Seconds(), median(ours.wall).Seconds()/median(plain.wall).Seconds())
	more := w.size("ours") - w.size("http")
	fmt.Printf("stripped binary: ours %d bytes, net/http alone %d, %+.2f MB, goal +0.70, plain oapi-codegen %d\n",
		w.size("ours"), w.size("http"), float64(more)/1e6, w.size("plain"))
	if more > maxBinary {
		t.Errorf("the client makes a program %d bytes larger, want at most %d", more, maxBinary)
	}
}

// A weigher builds programs that are in this module for the go command alone, by an overlay.
type weigher struct {
	t   *testing.T
	dir string
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
	put("plain/main.go", weightPlain)
	put("http/main.go", weightHTTP)
	put("client/config.yaml", weightConfig)
	generated := w.run("", "run", "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen",
		"-config", filepath.Join(w.dir, "client_config.yaml"), filepath.Join(root, "openapi", "dwolla.yaml"))
	put("client/client.go", generated)
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(w.overlay(), text, 0o600); err != nil {
		t.Fatal(err)
	}
	packages := w.run("", "list", "-overlay", w.overlay(), "-deps", "-f", "{{if .Standard}}{{.ImportPath}}{{end}}",
		"./internal/weight/ours", "./internal/weight/plain", "./internal/weight/http")
	w.run(w.standard(), append([]string{"build"}, strings.Fields(packages)...)...)
	return w
}

func (w *weigher) overlay() string  { return filepath.Join(w.dir, "overlay.json") }
func (w *weigher) standard() string { return filepath.Join(w.dir, "standard") } // a build cache of the standard library

// build builds a program for the first time and returns how long that takes.
func (w *weigher) build(program string) time.Duration {
	w.t.Helper()
	cache := filepath.Join(w.dir, "cache")
	if err := os.CopyFS(cache, os.DirFS(w.standard())); err != nil {
		w.t.Fatal(err)
	}
	start := time.Now()
	w.run(cache, "build", "-overlay", w.overlay(), "-ldflags", "-s -w", "-o", filepath.Join(w.dir, program), "./internal/weight/"+program)
	took := time.Since(start)
	if err := os.RemoveAll(cache); err != nil {
		w.t.Fatal(err)
	}
	return took
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
	return string(out)
}
