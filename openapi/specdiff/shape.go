package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// A shape is a schema reduced to what a decoder sees: references and compositions are flattened into one tree of
// members. Formats, lengths, descriptions and examples are gone.
type shape struct {
	types    []string // sorted; empty if any type is allowed
	enum     []string // sorted; empty if any value is allowed
	members  map[string]*shape
	required map[string]bool
	items    *shape
	rest     bool // other members are allowed too (additionalProperties)
}

func shapeOf(ref *openapi3.SchemaRef) *shape { return flatten(ref, nil) }

func flatten(ref *openapi3.SchemaRef, above []*openapi3.Schema) *shape {
	if ref == nil || ref.Value == nil || slices.Contains(above, ref.Value) {
		return &shape{} // no schema, or a recursive one
	}
	s := ref.Value
	above = append(slices.Clone(above), s)
	out := own(s, above)
	for _, part := range s.AllOf {
		out = both(out, flatten(part, above))
	}
	for _, union := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf} {
		var alternatives *shape
		for _, one := range union {
			if one.Value == nil || one.Value.Type.Is("null") {
				continue
			}
			alternatives = either(alternatives, flatten(one, above))
		}
		out = both(out, alternatives)
	}
	return out
}

// own returns the shape of a schema without its allOf, oneOf and anyOf.
func own(s *openapi3.Schema, above []*openapi3.Schema) *shape {
	out := &shape{types: types(s), enum: enum(s), members: map[string]*shape{}, required: map[string]bool{}}
	for name, property := range s.Properties {
		out.members[name] = flatten(property, above)
		if name == "_links" || name == "_link" {
			dropLinkMembers(out.members[name])
		}
	}
	for _, name := range s.Required {
		out.required[name] = true
	}
	if s.Items != nil {
		out.items = flatten(s.Items, above)
	}
	rest := s.AdditionalProperties
	out.rest = rest.Schema != nil || rest.Has != nil && *rest.Has
	return out
}

// dropLinkMembers removes the members of each relation, since all links have the same ones.
func dropLinkMembers(links *shape) {
	for relation := range links.members {
		links.members[relation] = &shape{types: []string{openapi3.TypeObject}}
	}
}

// types returns the types of a schema, explicit or implied. An integer counts as a number, and null is ignored.
func types(s *openapi3.Schema) []string {
	var out []string
	for _, t := range s.Type.Slice() {
		switch t {
		case openapi3.TypeNull:
		case openapi3.TypeInteger:
			out = append(out, openapi3.TypeNumber)
		default:
			out = append(out, t)
		}
	}
	if len(out) > 0 {
		return sortedSet(out)
	}
	switch {
	case len(s.Properties) > 0:
		return []string{openapi3.TypeObject}
	case s.Items != nil:
		return []string{openapi3.TypeArray}
	}
	for _, v := range values(s) {
		switch v.(type) {
		case string:
			out = append(out, openapi3.TypeString)
		case bool:
			out = append(out, openapi3.TypeBoolean)
		case float64, int, int64, uint64:
			out = append(out, openapi3.TypeNumber)
		}
	}
	return sortedSet(out)
}

// enum returns the values of a schema, except booleans.
func enum(s *openapi3.Schema) []string {
	var out []string
	for _, v := range values(s) {
		if _, ok := v.(bool); !ok && v != nil {
			out = append(out, fmt.Sprint(v))
		}
	}
	return sortedSet(out)
}

func values(s *openapi3.Schema) []any {
	if s.Const != nil {
		return []any{s.Const}
	}
	return s.Enum
}

// both merges the parts of an allOf: a member is required if one of them requires it.
func both(a, b *shape) *shape {
	return join(a, b, func(a, b map[string]bool) map[string]bool {
		out := maps.Clone(a)
		maps.Copy(out, b)
		return out
	})
}

// either merges the alternatives of a union: a member is required if all of them require it.
func either(a, b *shape) *shape {
	return join(a, b, func(a, b map[string]bool) map[string]bool {
		out := maps.Clone(a)
		maps.DeleteFunc(out, func(name string, _ bool) bool { return !b[name] })
		return out
	})
}

func join(a, b *shape, required func(a, b map[string]bool) map[string]bool) *shape {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	out := &shape{
		types:    sortedSet(slices.Concat(a.types, b.types)),
		enum:     sortedSet(slices.Concat(a.enum, b.enum)),
		members:  map[string]*shape{},
		required: required(orEmpty(a.required), b.required),
		items:    join(a.items, b.items, required),
		rest:     a.rest || b.rest,
	}
	maps.Copy(out.members, a.members)
	for name, m := range b.members {
		out.members[name] = join(out.members[name], m, required)
	}
	return out
}

func orEmpty(m map[string]bool) map[string]bool {
	if m == nil {
		return map[string]bool{}
	}
	return m
}

func sortedSet(values []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(values)))
}
