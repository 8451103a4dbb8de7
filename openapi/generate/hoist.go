package main

import (
	"maps"
	"slices"

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
			if named, ok := h.name(name, m["schema"]); ok {
				m["schema"] = named
			}
		}
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
		if named, ok := h.name(singular(name), p["items"]); ok {
			p["items"] = named
		}
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
	if items, ok := s["items"]; ok {
		if named, ok := h.name(owner+"Item", items); ok {
			s["items"] = named
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
	for h.schemas[name] != nil {
		name += "Inline"
	}
	delete(s, "x-go-name")
	h.schemas[name] = s
	h.members(name, s)
	return object{"$ref": schemaRef + name}, true
}
