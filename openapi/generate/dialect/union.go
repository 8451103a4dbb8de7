package dialect

import (
	"strings"

	"github.com/dwolla-go/dwolla-go/openapi/generate/tree"
)

// sealRequestUnions makes every union that a request body consists of a sealed Go interface, if all its members are
// objects with names.
func sealRequestUnions(root, schemas tree.Object) {
	paths, _ := root["paths"].(tree.Object)
	for _, item := range paths {
		for _, op := range tree.Operations(item) {
			body, _ := op["requestBody"].(tree.Object)
			content, _ := body["content"].(tree.Object)
			for _, media := range content {
				media, _ := media.(tree.Object)
				schema, _ := media["schema"].(tree.Object)
				ref, _ := schema["$ref"].(string)
				if named, ok := schemas[strings.TrimPrefix(ref, tree.Schemas)].(tree.Object); ok {
					seal(named, schemas, body["required"] != true)
				}
			}
		}
	}
}

// seal marks a union whose members are all objects with names, nested unions included. Where the body is optional, a
// member without properties stands for no body.
func seal(schema, schemas tree.Object, optional bool) {
	kind := "oneOf"
	if schema[kind] == nil {
		kind = "anyOf"
	}
	members, ok := schema[kind].([]any)
	if !ok {
		return
	}
	var flat []any
	for _, m := range members {
		ref, _ := m.(tree.Object)["$ref"].(string)
		member, ok := schemas[strings.TrimPrefix(ref, tree.Schemas)].(tree.Object)
		if !ok {
			return
		}
		if nested, ok := member["oneOf"].([]any); ok {
			flat = append(flat, nested...)
			continue
		}
		if props, _ := member["properties"].(tree.Object); len(props) == 0 {
			if optional {
				continue
			}
			return
		}
		flat = append(flat, m)
	}
	schema[kind] = flat
	schema[Sealed] = true
	delete(schema, "discriminator")
}
