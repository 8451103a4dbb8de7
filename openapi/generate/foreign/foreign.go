// Package foreign brings what a published document may say, and our contract does not, into the form of our contract: null
// as in OpenAPI 3.0 and 3.1, references to whole bodies and answers, parameters that are no plain values, and members
// with names that generated code uses too.
package foreign

import (
	"slices"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/dwolla-go/dwolla-go/openapi/generate/tree"
)

// Normalize brings a document into the form of our contract.
func Normalize(root tree.Object) {
	components := tree.Child(root, "components")
	inlineShared(root, components)
	tree.Walk(root, dropNull)
	tree.Walk(root, dropUnknown)
	tree.Walk(root["paths"], plainParameter)
	tree.Walk(components["parameters"], plainParameter)
}

// inlineShared replaces references to shared bodies and answers by copies, so that the types within get
// their names from the operation.
func inlineShared(root, components tree.Object) {
	resolve := func(v any, kind string) any {
		o, _ := v.(tree.Object)
		ref, _ := o["$ref"].(string)
		name, ok := strings.CutPrefix(ref, "#/components/"+kind+"/")
		if shared := tree.Child(components, kind)[name]; ok && shared != nil {
			return tree.Clone(shared)
		}
		return v
	}
	paths := tree.Child(root, "paths")
	for path := range paths {
		for _, op := range tree.Operations(paths[path]) {
			if op["requestBody"] != nil {
				op["requestBody"] = resolve(op["requestBody"], "requestBodies")
			}
			responses, _ := op["responses"].(tree.Object)
			for status := range responses {
				responses[status] = resolve(responses[status], "responses")
			}
		}
	}
}

// dropNull takes null out of a schema: a member that is null is one that did not come.
func dropNull(o tree.Object) {
	if _, ok := o["nullable"].(bool); ok {
		delete(o, "nullable")
	}
	if types, ok := o["type"].([]any); ok {
		types = slices.DeleteFunc(types, func(t any) bool { return t == "null" })
		delete(o, "type") // several types are any type
		if len(types) == 1 {
			o["type"] = types[0]
		}
	}
	if values, ok := o["enum"].([]any); ok {
		o["enum"] = slices.DeleteFunc(values, func(v any) bool { return v == nil })
	}
	if value, ok := o["const"]; ok && value == nil {
		delete(o, "const")
	}
	for _, kind := range []string{"oneOf", "anyOf"} {
		members, ok := o[kind].([]any)
		if !ok {
			continue
		}
		kept := slices.DeleteFunc(members, isNull)
		o[kind] = kept
		if len(kept) == 0 {
			delete(o, kind)
		}
		if len(kept) == 1 && len(members) > 1 {
			become(o, kind, kept[0])
		}
	}
}

// dropUnknown removes additionalProperties from a schema with members: every model keeps the unknown ones.
func dropUnknown(o tree.Object) {
	for _, members := range []string{"properties", "allOf", "oneOf", "anyOf"} {
		if o[members] != nil {
			delete(o, "additionalProperties")
		}
	}
}

func isNull(schema any) bool {
	o, ok := schema.(tree.Object)
	return ok && (o["type"] == "null" || len(o) == 1 && o["nullable"] == true)
}

// become turns a union into its only member. What is said beside the union, such as a description, wins.
func become(o tree.Object, kind string, only any) {
	delete(o, kind)
	member, _ := only.(tree.Object)
	for k, v := range member {
		if _, ok := o[k]; !ok {
			o[k] = v
		}
	}
}

// plainParameter makes a query parameter a string unless it is a plain value or a list of them.
func plainParameter(o tree.Object) {
	if o["in"] != "query" {
		return
	}
	if name, _ := o["name"].(string); slices.Contains(namesOfParams, codegen.SchemaNameToTypeName(name)) && o["x-go-name"] == nil {
		o["x-go-name"] = codegen.SchemaNameToTypeName(name) + "Parameter"
	}
	schema, _ := o["schema"].(tree.Object)
	items, _ := schema["items"].(tree.Object)
	if isPlain(schema) || schema["type"] == "array" && isPlain(items) {
		return
	}
	for _, key := range []string{"content", "style", "explode"} {
		delete(o, key)
	}
	o["schema"] = tree.Object{"type": "string"}
}

func isPlain(schema tree.Object) bool {
	switch schema["type"] {
	case "string", "integer", "number", "boolean":
		return true
	default:
		return schema["$ref"] != nil || schema["x-go-type"] != nil
	}
}
