package payout

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var states = []State{
	StatePlanned, StateSending, StateUnknown, StateCreated, StateSettled, StateRejected, StateCancelled, StateHeld,
}

// transitions are all functions of state.go that change a chunk's state.
var transitions = map[string]func(*Chunk) error{
	"send":      func(c *Chunk) error { return c.send("sum", time.Time{}) },
	"notSent":   (*Chunk).notSent,
	"shorten":   func(c *Chunk) error { return c.shorten(&Batch{}, &Cut{}) },
	"lose":      (*Chunk).lose,
	"doubt":     (*Chunk).doubt,
	"reject":    func(c *Chunk) error { return c.reject(errDisk) },
	"create":    func(c *Chunk) error { return c.create("href") },
	"hold":      func(c *Chunk) error { return c.hold(HoldAbsent, nil, time.Time{}) },
	"cancel":    (*Chunk).cancel,
	"settle":    func(c *Chunk) error { return c.settle(Totals{}) },
	"recheck":   (*Chunk).recheck,
	"lookAgain": (*Chunk).lookAgain,
	"sendAnew":  func(c *Chunk) error { return c.sendAnew(&Batch{}, "a person", time.Time{}) },
	"adopt":     func(c *Chunk) error { return c.adopt("href") },
	"reopen":    func(c *Chunk) error { return c.reopen(time.Time{}) },
}

type arrow struct{ from, to State }

// drawnArrows reads the diagram of the package's documentation: "a → b → c   text" are two arrows.
func drawnArrows(t *testing.T) map[arrow]bool {
	t.Helper()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[arrow]bool{}
	for line := range strings.Lines(string(doc)) {
		parts := strings.Split(strings.TrimPrefix(line, "//"), "→")
		for i := range parts[1:] {
			a := arrow{State(strings.Fields(parts[i])[0]), State(strings.Fields(parts[i+1])[0])}
			if drawn[a] {
				t.Errorf("%s → %s is drawn twice", a.from, a.to)
			}
			drawn[a] = true
		}
	}
	return drawn
}

func TestTheDiagramShowsEveryTransitionAndNoOther(t *testing.T) {
	taken := map[arrow]bool{}
	for _, transition := range transitions {
		for _, from := range states {
			c := Chunk{State: from, Hold: &Hold{}}
			if transition(&c) == nil {
				taken[arrow{from, c.State}] = true
			}
		}
	}
	if drawn := drawnArrows(t); !maps.Equal(drawn, taken) {
		t.Errorf("the diagram shows %v, the code takes %v", drawn, taken)
	}
}

func TestAnIllegalTransitionIsRefused(t *testing.T) {
	drawn := drawnArrows(t)
	for name, transition := range transitions {
		refused := 0
		for _, from := range states {
			c := Chunk{Number: 7, State: from, Hold: &Hold{}}
			err := transition(&c)
			if err == nil && !drawn[arrow{from, c.State}] {
				t.Errorf("%s takes %s to %s", name, from, c.State)
			}
			if err == nil {
				continue
			}
			refused++
			if c.State != from || !strings.HasPrefix(err.Error(), "payout: chunk 7 cannot become ") || !strings.HasSuffix(err.Error(), ": it is "+string(from)) {
				t.Errorf("%s of %s: the chunk is %s, error %v", name, from, c.State, err)
			}
		}
		if refused == 0 || refused == len(states) {
			t.Errorf("%s is refused in %d of %d states", name, refused, len(states))
		}
	}
}

func TestEveryStateThatIsNotDoneLeadsOn(t *testing.T) {
	leaves := map[State]bool{}
	for a := range drawnArrows(t) {
		leaves[a.from] = true
	}
	for _, s := range states {
		if !s.done() && !leaves[s] {
			t.Errorf("nothing leads on from %s", s)
		}
		if s.runs() == (s.done() || s == StateHeld) {
			t.Errorf("a run works on %s: %v", s, s.runs())
		}
	}
}

func TestAStateIsAssignedInItsFileAlone(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				seen[name] += len(slices.DeleteFunc(slices.Clone(n.Lhs), func(e ast.Expr) bool {
					field, ok := e.(*ast.SelectorExpr)
					return !ok || field.Sel.Name != "State"
				}))
			case *ast.CompositeLit:
				if of, ok := n.Type.(*ast.Ident); ok && (of.Name == "Chunk" || of.Name == "Batch") {
					seen[name] += len(slices.DeleteFunc(slices.Clone(n.Elts), func(e ast.Expr) bool {
						pair, ok := e.(*ast.KeyValueExpr)
						return !ok || pair.Key.(*ast.Ident).Name != "State"
					}))
				}
			}
			return true
		})
	}
	for name, n := range seen {
		if n > 0 && name != "state.go" {
			t.Errorf("%s assigns a state", name)
		}
	}
	if seen["state.go"] == 0 {
		t.Error("no state is assigned at all")
	}
}
