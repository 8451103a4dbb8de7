package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// hoister gives every inline object and union a name, so that its Go type has one that a person would choose:
// the name of its owner and of the member.
type hoister struct{ schemas object }

func (h hoister) document(root object) {
	for _, name := range slices.Sorted(maps.Keys(h.schemas)) {
		h.members(name, h.schemas[name])
	}
	paths, _ := root["paths"].(object)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for _, op := range operations(paths[path]) {
			h.operation(op)
		}
	}
}

func (h hoister) operation(op object) {
	id, _ := op["operationId"].(string)
	name := codegen.UppercaseFirstCharacter(id)
	body, _ := op["requestBody"].(object)
	h.content(name+"Body", body)
	responses, _ := op["responses"].(object)
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		if response, ok := responses[status].(object); ok && status[0] == '2' {
			h.content(name+"Response", response)
		}
	}
}

func (h hoister) content(name string, owner object) {
	content, _ := owner["content"].(object)
	for _, media := range slices.Sorted(maps.Keys(content)) {
		if m, ok := content[media].(object); ok {
			named, ok := h.name(name, m["schema"])
			if !ok && isJSON(media) {
				named, ok = h.plain(name, m["schema"])
			}
			if ok {
				m["schema"] = named
			}
		}
	}
}

func isJSON(media string) bool { return strings.Contains(media, "json") }

func isForm(media string) bool {
	return strings.HasPrefix(media, "multipart/") || strings.HasSuffix(media, "form-urlencoded")
}

// plain makes an inline list or value a component: only a type with a name can have a codec.
func (h hoister) plain(name string, schema any) (object, bool) {
	s, ok := schema.(object)
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
func (h hoister) members(owner string, schema any) {
	s, ok := schema.(object)
	if !ok {
		return
	}
	props, _ := s["properties"].(object)
	for _, key := range slices.Sorted(maps.Keys(props)) {
		p, ok := props[key].(object)
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
		h.elements(singular(name), p)
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
func (h hoister) elements(name string, s object) {
	for _, key := range []string{"items", "additionalProperties"} {
		inner, ok := s[key].(object)
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
	s, _ := schema.(object)
	title, ok := s["title"].(string)
	return codegen.UppercaseFirstCharacter(codegen.ToCamelCase(title)), ok && title != ""
}

// name makes an inline object or union a component and returns the reference to it.
func (h hoister) name(name string, schema any) (object, bool) {
	s, ok := schema.(object)
	if !ok || s["$ref"] != nil || s["x-go-type"] != nil {
		return nil, false
	}
	_, isObject := s["properties"].(object)
	_, isUnion := s["oneOf"].([]any)
	_, isAny := s["anyOf"].([]any)
	if !isObject && !isUnion && !isAny {
		return nil, false
	}
	return h.component(name, s), true
}

func (h hoister) component(name string, s object) object {
	for h.schemas[name] != nil {
		name += "Inline"
	}
	delete(s, "x-go-name")
	h.schemas[name] = s
	h.members(name, s)
	return object{"$ref": schemaRef + name}
}
