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
	"github.com/dwolla-go/dwolla-go/openapi/generate/write"
)

// root is the folder of the module.
var root string

func TestMain(m *testing.M) {
	var err error
	if root, err = moduleRoot(); err != nil {
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
	t := trial(root, spec)
	t.client.Folder = folder
	return t
}

func writeFile(t *testing.T, dir, name, text string) string {
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
	files, err := contract(root).print()
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

// TestFactsOfTheContractReachTheWrapper changes nothing but the contract.
func TestFactsOfTheContractReachTheWrapper(t *testing.T) {
	target := contract(root)
	text, err := os.ReadFile(target.spec)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer(
		"            BadRequest: ", "            FullMoon: not tonight\n            BadRequest: ",
		"        businessClassification:\n", "        motto: {type: string, description: The motto., x-personal: true}\n        businessClassification:\n",
		"maxItems: 5000", "maxItems: 6000",
	).Replace(string(text))
	target.spec = writeFile(t, t.TempDir(), "dwolla.yaml", changed)
	files, err := target.print()
	if err != nil {
		t.Fatal(err)
	}
	for path, wants := range map[string][]string{
		filepath.Join("gen", "facts.gen.go"): {
			"CodeFullMoon ", ` api.Code = "FullMoon" `, "// not tonight\n", "\t\t\"motto\",\n", "MaxMassPaymentItems = 6000\n",
		},
		filepath.Join("wrapper", "names.gen.go"): {"= gen.CodeFullMoon ", "MaxMassPaymentItems = gen.MaxMassPaymentItems\n"},
	} {
		for _, want := range wants {
			if !strings.Contains(string(files[filepath.Join(root, path)]), want) {
				t.Errorf("%s has no %q", path, want)
			}
		}
	}
}

func TestTwoRunsGiveTheSameBytes(t *testing.T) {
	spec := filepath.Join("testdata", "boats.yaml")
	first, err := trialIn("boats", spec).print()
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := trialIn("boats", spec).print()
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
	old := writeFile(t, dir, "old.gen.go", "package trial")
	kept := writeFile(t, dir, "hand.go", "package trial")
	if err := trialIn(dir, filepath.Join("testdata", "boats.yaml")).generate(); err != nil {
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
		"text that is not YAML":     writeFile(t, dir, "broken.yaml", "a: ["),
		"YAML that is no document":  writeFile(t, dir, "list.yaml", "- a\n- b\n"),
		"a reference to nothing":    writeFile(t, dir, "loose.yaml", oneDocument(`/a: {get: {responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/None'}}}}}}}`)),
		"a document without a path": writeFile(t, dir, "empty.yaml", "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"),
	}
	for name, spec := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := trialIn(dir, spec).print(); err == nil {
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
			if err := trialIn(folder, spec).generate(); err != nil {
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

func TestEqualNamesFailForTheContract(t *testing.T) {
	dir := t.TempDir()
	spec := filepath.Join("testdata", "future", "equal-method-names.yaml")
	contract := trialIn(dir, spec)
	contract.wrapper = dir
	_, err := contract.print()
	if err == nil || !strings.Contains(err.Error(), "/owners/{id}/things/parts") || !strings.Contains(err.Error(), "x-go-method") {
		t.Errorf("the error does not say what to do: %v", err)
	}
}

func TestEqualNamesGiveWayInOtherDocuments(t *testing.T) {
	files, err := trialIn("x", filepath.Join("testdata", "future", "equal-method-names.yaml")).print()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"A1", "A2", "A3"} { // their operationIds
		if services := string(files[filepath.Join("x", "services.gen.go")]); !strings.Contains(services, ") "+name+"(ctx") {
			t.Errorf("no method %s", name)
		}
	}
}

// TestTheOperationsOfAGeneratedClient generates a document, calls its operations and looks at what they send.
func TestTheOperationsOfAGeneratedClient(t *testing.T) {
	dir := trialFolder(t)
	if err := trialIn(dir, filepath.Join("testdata", "boats.yaml")).generate(); err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(filepath.Join("testdata", "wire", "main.go.txt"))
	if err != nil {
		t.Fatal(err)
	}
	folder, err := filepath.Rel(root, dir)
	if err != nil {
		t.Fatal(err)
	}
	main := filepath.Join(dir, "wire")
	if err := os.Mkdir(main, 0o750); err != nil {
		t.Fatal(err)
	}
	writeFile(t, main, "main.go", strings.Replace(string(program), "PACKAGE", filepath.ToSlash(folder), 1))
	const want = `Boats.Create: POST /boats {"masts":2,"name":"Ann"}
created b1
Boats.Create: POST /boats {"engine":{"maker":{"name":"Cee"},"power":1.50},"name":"Bob"}
Boats.Update: POST /boats/b1 {"name":"Dee"}
Boats.Update: POST /boats/b1 {"scrapped":true}
Boats.Start: POST /boats/b1/trips
Boats.Finish: POST /boats/b1/trips
Boats.Finish: POST /boats/b1/trips {"price":{"value":"10.00","currency":"USD"}}
Papers.CreateForBoat: POST /boats/b1/papers file=licence.pdf kind=licence pages=3
Boats.List: GET /boats?limit=1&afloat=false&kind=sail&kind=oar
b1 Ann 5.00 /boats/b1 /boats?offset=1 /boats?offset=1
{"_embedded":{"boats":[{"_links":{"self":{"href":"/boats/b1"}},"id":"b1","name":"Ann","price":{"value":"5.00","currency":"USD"},"color":"red"}]},"_links":{"next":{"href":"/boats?offset=1"}},"total":2}
`
	if got := goTool(t, main, "run", "."); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestTheHandWrittenServicesShowTheirMethods compares what their doc comments list with what the generator lists of others.
func TestTheHandWrittenServicesShowTheirMethods(t *testing.T) {
	source, err := os.ReadFile(filepath.Join(root, "wrapper", "services.go"))
	if err != nil {
		t.Fatal(err)
	}
	client, err := contract(root).model()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, s := range client.Services {
		if slices.Contains(byHand, s.Type) {
			found++
			if want := write.Listing(s); !strings.Contains(string(source), want) {
				t.Errorf("the comment of %s does not list its methods:\n%s", s.Type, want)
			}
		}
	}
	if found != len(byHand) {
		t.Errorf("%d of the services %v are there", found, byHand)
	}
}
