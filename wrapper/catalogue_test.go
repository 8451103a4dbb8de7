package dwolla

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestEveryFaultOfTheCatalogueHasATest(t *testing.T) {
	faults := numbered(t, "testdata/faults.md", 3)
	tests := testsByNumber(t, regexp.MustCompile(`^TestFault(\d{3})_\w+$`))
	var table strings.Builder
	for i := range faults {
		if len(tests[i+1]) == 0 {
			t.Errorf("fault %03d has no test", i+1)
		}
		fmt.Fprintf(&table, "%03d  %s\n", i+1, strings.Join(tests[i+1], ", "))
	}
	t.Logf("the catalogue: %d faults\n%s", len(faults), &table)
	for n, names := range tests {
		if n < 1 || n > len(faults) {
			t.Errorf("not in the catalogue: %s", names)
		}
	}
}

func TestEveryGoalIsShown(t *testing.T) {
	goals := numbered(t, "testdata/goals.md", 2)
	tests := testsByNumber(t, regexp.MustCompile(`^TestGoal(\d{2})_\w+$`))
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for i, goal := range goals {
		target := regexp.MustCompile("`make ([a-z-]+)`").FindStringSubmatch(goal)
		if target == nil && len(tests[i+1]) == 0 {
			t.Errorf("nothing shows goal %02d", i+1)
		}
		if target != nil && !strings.Contains(string(makefile), "\n"+target[1]+":") {
			t.Errorf("goal %02d: there is no make %s", i+1, target[1])
		}
	}
	for n, names := range tests {
		if n < 1 || n > len(goals) {
			t.Errorf("not among the goals: %s", names)
		}
	}
}

// numbered returns the entries of a list whose numbers have so many digits, in the order of the numbers. They go from 1
// without a gap or a duplicate; an entry stands in the section of its subject.
func numbered(t *testing.T, file string, digits int) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var entries []string
	for line := range strings.Lines(string(text)) {
		if entry, ok := strings.CutPrefix(line, "- "); ok {
			entries = append(entries, entry)
		}
	}
	slices.Sort(entries)
	for i, entry := range entries {
		if want := fmt.Sprintf("%0*d: ", digits, i+1); !strings.HasPrefix(entry, want) {
			t.Fatalf("%s: want number %sin place of %q", file, want, entry)
		}
	}
	if len(entries) == 0 {
		t.Fatalf("%s has no entries", file)
	}
	return entries
}

// testsByNumber finds the tests of the repository whose names have a number. One that is empty, or that can skip itself,
// does not count.
func testsByNumber(t *testing.T, name *regexp.Regexp) map[int][]string {
	t.Helper()
	tests := map[int][]string{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && entry.Name() != "..") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv != nil || f.Body == nil || len(f.Body.List) == 0 || skips(f.Body) {
				continue
			}
			if m := name.FindStringSubmatch(f.Name.Name); m != nil {
				n, _ := strconv.Atoi(m[1])
				tests[n] = append(tests[n], f.Name.Name+" ("+filepath.Base(path)+")")
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests
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
