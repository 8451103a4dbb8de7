package dialect

import (
	"slices"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/dwolla-go/dwolla-go/openapi/generate/tree"
)

// property shapes one property of an object.
func property(p tree.Object, required bool) tree.Object {
	if target, ok := leadsTo(p); ok {
		return tree.Object{
			"type": "object", "description": p["description"],
			"x-go-type": "api.Link[" + target + "]",
		}
	}
	if value, ok := p["const"]; ok && required {
		// The codec writes it; there is nothing for the caller to set.
		delete(p, "const")
		delete(p, "enum")
		p[Constant] = value
		if _, ok := p["type"]; !ok {
			p["type"] = jsonType(value)
		}
		return p
	}
	if ref, ok := p["$ref"]; ok && len(p) > 1 {
		// oapi-codegen takes the description of the target unless the reference is wrapped.
		wrapped := tree.Object{"allOf": []any{tree.Object{"$ref": ref}}}
		for k, v := range p {
			if k != "$ref" {
				wrapped[k] = v
			}
		}
		return wrapped
	}
	return p
}

// joinAliases makes one property of two that x-alias-of says are the same member.
func joinAliases(o tree.Object) {
	props, _ := o["properties"].(tree.Object)
	for name, p := range props {
		p, _ := p.(tree.Object)
		of, _ := p["x-alias-of"].(string)
		if target, ok := props[of].(tree.Object); ok {
			target[Alias] = name
			delete(props, name)
		}
	}
}

// leadsTo is the Go type that a relation leads to: the schema of x-leads-to, or api.Object when there are several.
func leadsTo(p tree.Object) (string, bool) {
	if ref, _ := p["$ref"].(string); ref != tree.Schemas+"Link" {
		return "", false
	}
	if name, ok := p["x-leads-to"].(string); ok {
		return codegen.SchemaNameToTypeName(name), true
	}
	return "api.Object", true
}

func jsonType(v any) string {
	switch v.(type) {
	case bool:
		return "boolean"
	case int, float64:
		return "integer"
	default:
		return "string"
	}
}

// neverEmpty reports whether an object has a member that is written whatever its value: a constant, a required flag
// or a required number.
func neverEmpty(schema any, schemas tree.Object, depth int) bool {
	s, _ := schema.(tree.Object)
	if ref, ok := s["$ref"].(string); ok {
		s, _ = schemas[strings.TrimPrefix(ref, tree.Schemas)].(tree.Object)
	}
	if depth > 8 {
		return false
	}
	if members, ok := s["allOf"].([]any); ok {
		return slices.ContainsFunc(members, func(m any) bool { return neverEmpty(m, schemas, depth+1) })
	}
	props, _ := s["properties"].(tree.Object)
	for _, name := range tree.Strings(s["required"]) {
		p, _ := props[name].(tree.Object)
		constant := p["const"] != nil || p[Constant] != nil
		if constant || p["type"] == "boolean" || p["type"] == "integer" || neverEmpty(p, schemas, depth+1) {
			return true
		}
	}
	return false
}
