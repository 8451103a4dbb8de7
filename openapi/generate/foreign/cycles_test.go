package foreign

import (
	"testing"

	"github.com/dwolla-go/dwolla-go/openapi/generate/tree"
)

func TestSchemasWithinThemselvesArePointers(t *testing.T) {
	schemas := parse(t, `
Tree: {required: [left, name], properties: {left: {$ref: '#/components/schemas/Tree'}, all: {items: {$ref: '#/components/schemas/Tree'}}, name: {}}}
Egg: {properties: {hen: {allOf: [{$ref: '#/components/schemas/Hen'}]}}}
Hen: {allOf: [{$ref: '#/components/schemas/Bird'}]}
Bird: {properties: {egg: {$ref: '#/components/schemas/Egg'}, tree: {$ref: '#/components/schemas/Tree'}}}
`)
	breakCycles(schemas)
	pointer := func(schema, property string) bool {
		p := schemas[schema].(tree.Object)["properties"].(tree.Object)[property].(tree.Object)
		return p["x-go-type-skip-optional-pointer"] == false
	}
	for _, p := range [][2]string{{"Tree", "left"}, {"Egg", "hen"}, {"Bird", "egg"}} {
		if !pointer(p[0], p[1]) {
			t.Errorf("%s.%s is no pointer", p[0], p[1])
		}
	}
	for _, p := range [][2]string{{"Tree", "all"}, {"Bird", "tree"}} {
		if pointer(p[0], p[1]) {
			t.Errorf("%s.%s is a pointer", p[0], p[1])
		}
	}
	if got := tree.Strings(schemas["Tree"].(tree.Object)["required"]); len(got) != 1 || got[0] != "name" {
		t.Errorf("Tree requires %v", got)
	}
}
