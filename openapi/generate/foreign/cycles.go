package foreign

import (
	"slices"
	"strings"

	"github.com/dwolla-go/dwolla-go/openapi/generate/tree"
)

// breakCycles makes pointers of the properties through which a schema would hold itself by value.
func breakCycles(schemas tree.Object) {
	for name, schema := range schemas {
		s, _ := schema.(tree.Object)
		required := tree.Strings(s["required"])
		props, _ := s["properties"].(tree.Object)
		for key, p := range props {
			p, _ := p.(tree.Object)
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
func holds(schemas tree.Object, outer, inner string, seen map[string]bool) bool {
	if outer == inner {
		return true
	}
	if seen[outer] {
		return false
	}
	seen[outer] = true
	s, _ := schemas[outer].(tree.Object)
	targets := held(s)
	props, _ := s["properties"].(tree.Object)
	for _, p := range props {
		p, _ := p.(tree.Object)
		targets = append(targets, held(p)...)
	}
	return slices.ContainsFunc(targets, func(target string) bool { return holds(schemas, target, inner, seen) })
}

// held are the schemas that a schema is, or is made of: what it refers to, alone or in an allOf. Lists, maps and unions
// hold by reference.
func held(s tree.Object) []string {
	var out []string
	if ref, ok := s["$ref"].(string); ok && s["x-go-type"] == nil {
		out = append(out, strings.TrimPrefix(ref, tree.Schemas))
	}
	parts, _ := s["allOf"].([]any)
	for _, part := range parts {
		part, _ := part.(tree.Object)
		out = append(out, held(part)...)
	}
	return out
}
