package dwolla

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The catalogue of faults has this many cases.
const catalogueCases = 162

var (
	faultFunc    = regexp.MustCompile(`^TestFault(\d{3})_(\w+)$`)
	faultSubtest = regexp.MustCompile(`^"Fault(\d{3})_(.+)"$`)
)

func TestEveryFaultOfTheCatalogueHasATest(t *testing.T) {
	cases := map[int][]string{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && len(entry.Name()) > 2) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		return collectCases(cases, path)
	})
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	missing := 0
	for n := 1; n <= catalogueCases; n++ {
		tests := cases[n]
		slices.Sort(tests)
		word := strings.Join(tests, ", ")
		if len(tests) == 0 {
			word = "MISSING"
			missing++
		}
		fmt.Fprintf(&table, "%03d  %s\n", n, word)
	}
	t.Logf("the catalogue: %d of %d cases have a test\n%s", len(cases), catalogueCases, &table)
	if missing > 0 {
		t.Errorf("%d cases are missing", missing)
	}
	if strange := slices.Collect(maps.Keys(cases)); slices.Max(append(strange, 0)) > catalogueCases {
		t.Errorf("a test has a number above %d", catalogueCases)
	}
}

// collectCases finds the tests of a file that carry a number. One that is empty, or that can skip itself, does not count.
func collectCases(cases map[int][]string, path string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	add := func(number, name string, body *ast.BlockStmt) {
		if body == nil || len(body.List) == 0 || skips(body) {
			return
		}
		n, _ := strconv.Atoi(number)
		cases[n] = append(cases[n], fmt.Sprintf("%s (%s)", strings.ReplaceAll(name, "_", " "), filepath.Base(path)))
	}
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Recv != nil {
			continue
		}
		if m := faultFunc.FindStringSubmatch(f.Name.Name); m != nil {
			add(m[1], m[2], f.Body)
		}
		ast.Inspect(f, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			number, name, body := subtest(call)
			if body != nil {
				add(number, name, body)
			}
			return true
		})
	}
	return nil
}

// subtest takes a call apart that has a name with a number and a function to run.
func subtest(call *ast.CallExpr) (number, name string, body *ast.BlockStmt) {
	for _, arg := range call.Args {
		switch arg := arg.(type) {
		case *ast.BasicLit:
			if m := faultSubtest.FindStringSubmatch(arg.Value); m != nil {
				number, name = m[1], m[2]
			}
		case *ast.FuncLit:
			body = arg.Body
		}
	}
	if number == "" {
		return "", "", nil
	}
	return number, name, body
}

func skips(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(node ast.Node) bool {
		if s, ok := node.(*ast.SelectorExpr); ok {
			found = found || slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, s.Sel.Name)
		}
		return !found
	})
	return found
}
