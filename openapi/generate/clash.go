package main

import (
	"maps"
	"slices"
	"strings"
)

// Names of a document must not meet names that the generated code has by itself.

// generatedMembers are what every model has, generatedOnPages what a page has besides, generatedOnParams what the
// parameters of a query have.
var (
	generatedMembers  = []string{"Extra", "Wire", "MarshalJSON", "UnmarshalJSON", "String", "Format", "LogValue"}
	generatedOnPages  = []string{"Items", "NextHref", "Count", "ItemID", "MaxPage", "ListLimit"}
	generatedOnParams = []string{"Query", "Window", "WithWindow", "String", "Format", "LogValue"}
)

// distinctMembers renames the properties whose Go names would meet, with each other or with what is generated.
func distinctMembers(o object) {
	props, ok := o["properties"].(object)
	if !ok {
		return
	}
	taken := map[string]bool{}
	for _, name := range generatedMembers {
		taken[name] = true
	}
	if props["_links"] != nil && props["_embedded"] != nil {
		for _, name := range generatedOnPages {
			taken[name] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(props)) {
		p, ok := props[key].(object)
		if !ok {
			continue
		}
		name, chosen := p["x-go-name"].(string)
		if !chosen {
			name = goName(key)
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

// distinctSchemas renames the schemas whose Go names the services need.
func distinctSchemas(root, schemas object) {
	taken := map[string]bool{"Services": true, "CallOption": true, "Ref": true, "New": true}
	paths := child(root, "paths")
	for path := range paths {
		for _, op := range operations(paths[path]) {
			tags := append(stringsOf(op["tags"]), literals(path)[0])
			taken[goName(tags[0])+"Service"] = true
			id, _ := op["operationId"].(string)
			taken[goName(id)+"Params"] = true
		}
	}
	for name, s := range schemas {
		s, ok := s.(object)
		if ok && taken[goName(name)] && s["x-go-name"] == nil && s["x-go-type"] == nil {
			s["x-go-name"] = strings.TrimSuffix(goName(name), "Schema") + "Schema"
		}
	}
}
