package foreign

import (
	"maps"
	"slices"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/dwolla-go/dwolla-go/openapi/generate/tree"
)

// The names of generated fields and methods: of models, of pages besides, and of the parameters of a query.
var (
	namesOfModels = []string{"Extra", "WireTable", "WirePlaces", "WriteWire", "MarshalJSON", "UnmarshalJSON", "String", "Format", "LogValue"}
	namesOfPages  = []string{"Items", "NextHref", "Count", "ItemID", "MaxPage", "ListLimit"}
	namesOfParams = []string{"Query", "Window", "WithWindow", "String", "Format", "LogValue"}
)

// DistinctMembers renames the properties whose Go names collide, with each other or with generated ones.
func DistinctMembers(o tree.Object) {
	props, ok := o["properties"].(tree.Object)
	if !ok {
		return
	}
	taken := map[string]bool{}
	for _, name := range namesOfModels {
		taken[name] = true
	}
	if props["_links"] != nil && props["_embedded"] != nil {
		for _, name := range namesOfPages {
			taken[name] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(props)) {
		p, ok := props[key].(tree.Object)
		if !ok {
			continue
		}
		name, chosen := p["x-go-name"].(string)
		if !chosen {
			name = codegen.SchemaNameToTypeName(key)
		}
		free := name
		for taken[free] {
			free += "Member"
		}
		taken[free] = true
		if free != name {
			p["x-go-name"] = free
		}
	}
}
