package write

import (
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/openapi/generate/model"
)

func TestADescriptionBecomesASentenceWithTheName(t *testing.T) {
	for description, want := range map[string]string{
		"A transfer to create. Once.":    "X is a transfer to create. Once.",
		"What the banks are told.":       "X is what the banks are told.",
		"How fast the source is debited": "X is how fast the source is debited",
		"Deactivates a Customer.":        "",
		"":                               "",
	} {
		if got, ok := sentence("X", description); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %t", description, got, ok)
		}
	}
}

func TestOnlyForeignDocumentsMayDescribeATypeOtherwise(t *testing.T) {
	boat := &model.Type{Name: "Boat", Schema: "Boat", Description: "Floats."}
	if _, err := (docs{strict: true}).of(boat); err == nil {
		t.Error("no error")
	}
	if got, err := (docs{}).of(boat); got != "// Boat: Floats." || err != nil {
		t.Errorf("%s: %v", got, err)
	}
}

func TestCommentsOfTypesServicesAndMethods(t *testing.T) {
	boats := &model.Service{Field: "Boats", Type: "BoatsService", Description: "Things that float."}
	list := &model.Operation{Service: boats, Name: "List", Method: "GET", Path: "/boats", Summary: "List boats", Description: "All.", Created: "Boat"}
	for want, of := range map[string]any{
		"// ListBoatsParams are the parameters of BoatsService.List.":                                                      &model.Type{Name: "ListBoatsParams", Params: true, Of: list},
		"// Boat has no description in the document.\n//\n// Deprecated: it sank.":                                         &model.Type{Name: "Boat", Deprecated: "Deprecated: it sank."},
		"// Change is a change.\n//\n// It is one of [A], [B].":                                                            &model.Type{Name: "Change", Description: "A change.", Form: model.Union, Members: []string{"A", "B"}},
		"// BoatsService is the group of operations at Client.Boats: things that float.":                                   boats,
		"// List is GET /boats: list boats.\n//\n// All.\n//\n// The answer refers to what was created; its Get reads it.": list,
	} {
		if got, err := (docs{}).of(of); got != want || err != nil {
			t.Errorf("got\n%s\nwant\n%s\n%v", got, want, err)
		}
	}
}

func TestCommentsAreWrappedAndKeepLists(t *testing.T) {
	got := comment(strings.Repeat("word ", 30) + "\n\n- one\n- two " + strings.Repeat("word ", 30))
	for line := range strings.SplitSeq(got, "\n") {
		if len(line) > 115 {
			t.Errorf("a line of %d characters: %s", len(line), line)
		}
	}
	if !strings.Contains(got, "\n//\n//   - one\n//   - two word") || !strings.Contains(got, "\n//     word") {
		t.Errorf("the list is\n%s", got)
	}
	if comment(" ") != "" {
		t.Error("no text is a comment")
	}
}
