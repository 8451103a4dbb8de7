package dialect

import (
	"maps"
	"slices"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/dwolla-go/dwolla-go/openapi/generate/tree"
)

// namer makes every inline object and union a schema, named after its owner and member: the name of its Go type.
type namer struct{ schemas tree.Object }

func (h namer) document(root tree.Object) {
	for _, name := range slices.Sorted(maps.Keys(h.schemas)) {
		h.members(name, h.schemas[name])
	}
	paths, _ := root["paths"].(tree.Object)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for _, op := range tree.Operations(paths[path]) {
			h.operation(op)
		}
	}
}

func (h namer) operation(op tree.Object) {
	id, _ := op["operationId"].(string)
	name := codegen.UppercaseFirstCharacter(id)
	body, _ := op["requestBody"].(tree.Object)
	h.content(name+"Body", body)
	responses, _ := op["responses"].(tree.Object)
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		if response, ok := responses[status].(tree.Object); ok && status[0] == '2' {
			h.content(name+"Response", response)
		}
	}
}

func (h namer) content(name string, owner tree.Object) {
	content, _ := owner["content"].(tree.Object)
	for _, media := range slices.Sorted(maps.Keys(content)) {
		if m, ok := content[media].(tree.Object); ok {
			named, ok := h.name(name, m["schema"])
			if !ok && IsJSON(media) {
				named, ok = h.plain(name, m["schema"])
			}
			if ok {
				m["schema"] = named
			}
		}
	}
}

// plain makes an inline list or value a component: only a type with a name can have a codec.
func (h namer) plain(name string, schema any) (tree.Object, bool) {
	s, ok := schema.(tree.Object)
	if !ok || s["$ref"] != nil || s["x-go-type"] != nil {
		return nil, false
	}
	switch s["type"] {
	case "array", "string", "integer", "boolean":
		return h.component(name, s), true
	default:
		return nil, false
	}
}

// members names the inline parts of a schema.
func (h namer) members(owner string, schema any) {
	s, ok := schema.(tree.Object)
	if !ok {
		return
	}
	props, _ := s["properties"].(tree.Object)
	for _, key := range slices.Sorted(maps.Keys(props)) {
		p, ok := props[key].(tree.Object)
		if !ok || p["x-go-type"] != nil {
			continue
		}
		member, renamed := p["x-go-name"].(string)
		if !renamed {
			member = key
		}
		name := owner + codegen.UppercaseFirstCharacter(codegen.ToCamelCase(member))
		if named, ok := h.name(name, p); ok {
			if renamed {
				named["x-go-name"] = member
			}
			props[key] = named
			continue
		}
		h.elements(Singular(name), p)
	}
	for _, kind := range []string{"oneOf", "anyOf", "allOf"} {
		members, _ := s[kind].([]any)
		for i, m := range members {
			if kind == "allOf" {
				h.members(owner, m)
			} else if title, ok := titleOf(m); ok {
				if named, ok := h.name(owner+title, m); ok {
					members[i] = named
				}
			}
		}
	}
	h.elements(owner+"Item", s)
}

// elements names what the arrays and maps of a schema hold.
func (h namer) elements(name string, s tree.Object) {
	for _, key := range []string{"items", "additionalProperties"} {
		inner, ok := s[key].(tree.Object)
		if !ok {
			continue
		}
		if named, ok := h.name(name, inner); ok {
			s[key] = named
		} else {
			h.elements(name, inner)
		}
	}
}

func titleOf(schema any) (string, bool) {
	s, _ := schema.(tree.Object)
	title, ok := s["title"].(string)
	return codegen.UppercaseFirstCharacter(codegen.ToCamelCase(title)), ok && title != ""
}

// name makes an inline object or union a component and returns the reference to it.
func (h namer) name(name string, schema any) (tree.Object, bool) {
	s, ok := schema.(tree.Object)
	if !ok || s["$ref"] != nil || s["x-go-type"] != nil {
		return nil, false
	}
	_, isObject := s["properties"].(tree.Object)
	_, isUnion := s["oneOf"].([]any)
	_, isAny := s["anyOf"].([]any)
	if !isObject && !isUnion && !isAny {
		return nil, false
	}
	return h.component(name, s), true
}

func (h namer) component(name string, s tree.Object) tree.Object {
	for h.schemas[name] != nil {
		name += "Inline"
	}
	delete(s, "x-go-name")
	h.schemas[name] = s
	h.members(name, s)
	return tree.Object{"$ref": tree.Schemas + name}
}
