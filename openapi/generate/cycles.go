package main

import (
	"slices"
	"strings"
)

// breakCycles makes pointers of the properties through which a schema would hold itself by value.
func breakCycles(schemas object) {
	for name, schema := range schemas {
		s, _ := schema.(object)
		required := stringsOf(s["required"])
		props, _ := s["properties"].(object)
		for key, p := range props {
			p, _ := p.(object)
			if !slices.ContainsFunc(held(p), func(target string) bool { return holds(schemas, target, name, map[string]bool{}) }) {
				continue
			}
			p["x-go-type-skip-optional-pointer"] = false
			required = slices.DeleteFunc(required, func(r string) bool { return r == key })
			list := make([]any, len(required))
			for i, r := range required {
				list[i] = r
			}
			s["required"] = list
		}
	}
}

// holds reports whether a value of one schema has a value of another inside, at any depth.
func holds(schemas object, outer, inner string, seen map[string]bool) bool {
	if outer == inner {
		return true
	}
	if seen[outer] {
		return false
	}
	seen[outer] = true
	s, _ := schemas[outer].(object)
	targets := held(s)
	props, _ := s["properties"].(object)
	for _, p := range props {
		p, _ := p.(object)
		targets = append(targets, held(p)...)
	}
	return slices.ContainsFunc(targets, func(target string) bool { return holds(schemas, target, inner, seen) })
}

// held are the schemas that a schema is, or is made of: what it refers to, alone or in an allOf. Lists, maps and unions
// hold by reference.
func held(s object) []string {
	var out []string
	if ref, ok := s["$ref"].(string); ok && s["x-go-type"] == nil {
		out = append(out, strings.TrimPrefix(ref, schemaRef))
	}
	parts, _ := s["allOf"].([]any)
	for _, part := range parts {
		part, _ := part.(object)
		out = append(out, held(part)...)
	}
	return out
}
