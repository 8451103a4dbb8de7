package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// normalize brings what a document may say in several ways into the one way that the rest of the generator reads: null
// in the manners of OpenAPI 3.0 and 3.1, members without a name, references to whole bodies and answers, references into
// schemas, operations without a name, parameters that are no plain values.
func normalize(root object) {
	components := child(root, "components")
	schemas := child(components, "schemas")
	inlineShared(root, components)
	promoteDeepRefs(root, schemas)
	walk(root, dropNull)
	walk(root, dedupeUnion)
	walk(root, dropUnknown)
	distinctOperations(root)
	walk(root, func(o object) { dropHeaders(o, child(components, "parameters")) })
	walk(root["paths"], plainParameter)
	walk(components["parameters"], plainParameter)
}

// dropHeaders takes the headers and cookies out of the parameters of an operation: the client sets its own, and a caller
// has call options for others.
func dropHeaders(o, shared object) {
	params, ok := o["parameters"].([]any)
	if !ok {
		return
	}
	o["parameters"] = slices.DeleteFunc(params, func(p any) bool {
		param, _ := p.(object)
		if ref, ok := param["$ref"].(string); ok {
			param, _ = shared[strings.TrimPrefix(ref, "#/components/parameters/")].(object)
		}
		return param["in"] == "header" || param["in"] == "cookie"
	})
}

// child is an object within an object, made when it is missing.
func child(o object, name string) object {
	c, ok := o[name].(object)
	if !ok {
		c = object{}
		o[name] = c
	}
	return c
}

// inlineShared replaces references to shared path items, bodies and answers by copies, so that the types within get
// their names from the operation.
func inlineShared(root, components object) {
	resolve := func(v any, kind string) any {
		o, _ := v.(object)
		ref, _ := o["$ref"].(string)
		name, ok := strings.CutPrefix(ref, "#/components/"+kind+"/")
		if shared := child(components, kind)[name]; ok && shared != nil {
			return clone(shared)
		}
		return v
	}
	paths := child(root, "paths")
	for path := range paths {
		paths[path] = resolve(paths[path], "pathItems")
		for _, op := range operations(paths[path]) {
			if op["requestBody"] != nil {
				op["requestBody"] = resolve(op["requestBody"], "requestBodies")
			}
			responses, _ := op["responses"].(object)
			for status := range responses {
				responses[status] = resolve(responses[status], "responses")
			}
		}
	}
}

func clone(v any) any {
	switch v := v.(type) {
	case object:
		out := make(object, len(v))
		for k, e := range v {
			out[k] = clone(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = clone(e)
		}
		return out
	default:
		return v
	}
}

// promoteDeepRefs makes what a reference into a schema leads to a schema with a name.
func promoteDeepRefs(root, schemas object) {
	walk(root, func(o object) {
		ref, _ := o["$ref"].(string)
		path, ok := strings.CutPrefix(ref, schemaRef)
		if !ok || !strings.Contains(path, "/") {
			return
		}
		name, target := "", any(schemas)
		for key := range strings.SplitSeq(path, "/") {
			key = strings.NewReplacer("~1", "/", "~0", "~").Replace(key)
			parent, _ := target.(object)
			target = parent[key]
			if key != "properties" {
				name += codegen.UppercaseFirstCharacter(codegen.ToCamelCase(key))
			}
		}
		if target, ok := target.(object); ok {
			if schemas[name] == nil {
				schemas[name] = clone(target)
			}
			o["$ref"] = schemaRef + name
		}
	})
}

// dropNull takes null out of a schema: a member that is null is one that did not come.
func dropNull(o object) {
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

// dropUnknown takes out what a schema with members says of others: every model keeps those that it does not know.
func dropUnknown(o object) {
	for _, members := range []string{"properties", "allOf", "oneOf", "anyOf"} {
		if o[members] != nil {
			delete(o, "additionalProperties")
		}
	}
}

func isNull(schema any) bool {
	o, ok := schema.(object)
	return ok && (o["type"] == "null" || len(o) == 1 && o["nullable"] == true)
}

// become turns a union into its only member. What is said beside the union, such as a description, wins.
func become(o object, kind string, only any) {
	delete(o, kind)
	member, _ := only.(object)
	for k, v := range member {
		if _, ok := o[k]; !ok {
			o[k] = v
		}
	}
}

// distinctOperations gives every operation an operationId of its own; the types of its bodies have their names from it.
func distinctOperations(root object) {
	seen := map[string]bool{}
	paths := child(root, "paths")
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		ops := operations(paths[path])
		for _, method := range slices.Sorted(maps.Keys(ops)) {
			id, _ := ops[method]["operationId"].(string)
			if id == "" || seen[goName(id)] {
				id = operationID(method, path)
			}
			for n, base := 2, id; seen[goName(id)]; n++ {
				id = fmt.Sprint(base, n)
			}
			seen[goName(id)] = true
			ops[method]["operationId"] = id
			delete(ops[method], "callbacks") // they are received, not sent
		}
	}
}

// operationID names an operation by what is unique about it: getThingsByIdParts.
func operationID(method, path string) string {
	var id strings.Builder
	id.WriteString(method)
	for word := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' || r == '#' }) {
		if name, ok := strings.CutPrefix(word, "{"); ok {
			word = "by-" + strings.TrimSuffix(name, "}")
		}
		id.WriteString(codegen.UppercaseFirstCharacter(codegen.ToCamelCase(word)))
	}
	return id.String()
}

// plainParameter makes text of a query parameter that is neither a plain value nor a list of them.
func plainParameter(o object) {
	if o["in"] != "query" {
		return
	}
	if name, _ := o["name"].(string); slices.Contains(generatedOnParams, goName(name)) && o["x-go-name"] == nil {
		o["x-go-name"] = goName(name) + "Parameter"
	}
	schema, _ := o["schema"].(object)
	items, _ := schema["items"].(object)
	if schema["type"] == "boolean" {
		schema["x-go-type-skip-optional-pointer"] = false // false has a meaning of its own to send
	}
	if isPlain(schema) || schema["type"] == "array" && isPlain(items) {
		return
	}
	for _, key := range []string{"content", "style", "explode"} {
		delete(o, key)
	}
	o["schema"] = object{"type": "string"}
}

func isPlain(schema object) bool {
	switch schema["type"] {
	case "string", "integer", "number", "boolean":
		return true
	default:
		return schema["$ref"] != nil || schema["x-go-type"] != nil
	}
}
