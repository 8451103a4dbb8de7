package contract

import (
	"maps"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// The example of a component is one that the strict contract accepts. kin-openapi checks
// examples too, but compiles the contract anew for each.
func TestTheExamplesOfTheContractFitItsStrictForm(t *testing.T) {
	t.Parallel()
	doc, err := Strict()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	var refs []*openapi3.SchemaRef
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		if ref := doc.Components.Schemas[name]; ref.Value.Example != nil {
			names, refs = append(names, name), append(refs, ref)
		}
	}
	if len(refs) < 100 {
		t.Errorf("%d examples", len(refs))
	}
	compiled, err := compile(doc, refs)
	if err != nil {
		t.Fatal(err)
	}
	for i, ref := range refs {
		example, err := generic(ref.Value.Example)
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled[ref].Validate(example); err != nil {
			t.Errorf("%s: %v", names[i], err)
		}
	}
}
