package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/dwolla-go/dwolla-go/internal/leak"
)

// root is the folder of the module.
var root string

func TestMain(m *testing.M) {
	var err error
	if root, err = moduleRoot(); err == nil {
		err = prime(contractTarget(root)) // oapi-codegen names things by its configuration
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(leak.Run(m))
}

// trialFolder is a new folder within the module, where the go command finds the module's internal packages.
func trialFolder(t *testing.T) string {
	t.Helper()
	gen := filepath.Join(root, "gen")
	if err := os.MkdirAll(gen, 0o750); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(gen, "trial-test-") //nolint:usetesting // t.TempDir lies outside the module
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// trialIn is the target of a document in a folder of its own.
func trialIn(folder, spec string) target {
	t := trialTarget(root, spec)
	t.models.folder, t.services.folder = folder, folder
	return t
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// goTool runs the go command in a folder and returns what it prints.
func goTool(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return string(out)
}

func TestContractIsFresh(t *testing.T) {
	files, err := produce(contractTarget(root))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		onDisk, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		} else if string(onDisk) != string(files[path]) {
			t.Errorf("%s is not what the contract gives: go generate ./...", path)
		}
	}
}

func TestTwoRunsGiveTheSameBytes(t *testing.T) {
	spec := filepath.Join("testdata", "boats.yaml")
	first, err := produce(trialIn("boats", spec))
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := produce(trialIn("boats", spec))
		if err != nil {
			t.Fatal(err)
		}
		for path := range first {
			if string(again[path]) != string(first[path]) {
				t.Fatalf("%s differs from run to run", path)
			}
		}
	}
}

func TestOldFilesGo(t *testing.T) {
	dir := t.TempDir()
	old := write(t, dir, "old.gen.go", "package trial")
	kept := write(t, dir, "hand.go", "package trial")
	if err := generate(trialIn(dir, filepath.Join("testdata", "boats.yaml"))); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", old, err)
	}
	if _, err := os.Stat(kept); err != nil {
		t.Error(err)
	}
}

func TestUnreadableDocuments(t *testing.T) {
	dir := t.TempDir()
	tests := map[string]string{
		"a file that is not there":  filepath.Join(dir, "none.yaml"),
		"a host that is not there":  "http://127.0.0.1:1/openapi.yml",
		"text that is not YAML":     write(t, dir, "broken.yaml", "a: ["),
		"YAML that is no document":  write(t, dir, "list.yaml", "- a\n- b\n"),
		"a reference to nothing":    write(t, dir, "loose.yaml", oneDocument(`/a: {get: {responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/None'}}}}}}}`)),
		"a document without a path": write(t, dir, "empty.yaml", "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"),
	}
	for name, spec := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := produce(trialIn(dir, spec)); err == nil {
				t.Error("no error")
			}
		})
	}
}

// oneDocument is an OpenAPI document with one path item.
func oneDocument(path string) string {
	return "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  " + path + "\n"
}

// TestFutureDocuments builds what Dwolla has not published so far, and may.
func TestFutureDocuments(t *testing.T) {
	specs, err := filepath.Glob(filepath.Join("testdata", "future", "*.yaml"))
	if err != nil || len(specs) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	buildAll(t, specs)
}

// TestPublishedDocuments builds the documents in the folder that DWOLLA_SPECS names.
func TestPublishedDocuments(t *testing.T) {
	folder := os.Getenv("DWOLLA_SPECS")
	if folder == "" {
		t.Skip("DWOLLA_SPECS names no folder with published documents")
	}
	specs, err := filepath.Glob(filepath.Join(folder, "*.y*ml"))
	if err != nil || len(specs) == 0 {
		t.Fatalf("no documents in %s: %v", folder, err)
	}
	buildAll(t, specs)
}

// buildAll generates every document into a package of its own, checks that each has all its operations, and builds them.
func buildAll(t *testing.T, specs []string) {
	t.Helper()
	dir := trialFolder(t)
	for _, spec := range specs {
		t.Run(filepath.Base(spec), func(t *testing.T) {
			folder := filepath.Join(dir, strings.TrimSuffix(filepath.Base(spec), filepath.Ext(spec)))
			if err := generate(trialIn(folder, spec)); err != nil {
				t.Fatal(err)
			}
			services, err := os.ReadFile(filepath.Join(folder, "services.gen.go"))
			if err != nil {
				t.Fatal(err)
			}
			want := operationsOf(t, spec)
			if got := strings.Count(string(services), " = call.Op{"); got != want {
				t.Errorf("%d methods for %d operations", got, want)
			}
		})
	}
	if !t.Failed() {
		goTool(t, dir, "vet", "./...")
	}
}

func operationsOf(t *testing.T, spec string) int {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile(spec)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, item := range doc.Paths.Map() {
		n += len(item.Operations())
	}
	return n
}
