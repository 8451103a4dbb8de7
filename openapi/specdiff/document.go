package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

type object = map[string]any

// document turns a reduced API back into an OpenAPI document, which oasdiff compares.
func document(a api) (*openapi3.T, error) {
	paths := object{}
	for at, op := range a {
		if paths[at.path] == nil {
			paths[at.path] = object{}
		}
		paths[at.path].(object)[strings.ToLower(at.method)] = op.document()
	}
	data, err := json.Marshal(object{
		"openapi": "3.1.0",
		"info":    object{"title": "Dwolla API v2", "version": "2"},
		"paths":   paths,
	})
	if err != nil {
		return nil, err
	}
	return openapi3.NewLoader().LoadFromData(data)
}

func (o *operation) document() object {
	out := object{"deprecated": o.deprecated}
	var params []object
	for _, key := range slices.Sorted(maps.Keys(o.params)) {
		place, name, _ := strings.Cut(key, " ")
		p := o.params[key]
		params = append(params, object{"name": name, "in": place, "required": p.required, "schema": p.shape.document()})
	}
	if params != nil {
		out["parameters"] = params
	}
	content := object{}
	for kind, body := range o.bodies {
		content[mediaTypes[kind]] = object{"schema": body.document()}
	}
	if len(content) > 0 {
		out["requestBody"] = object{"content": content}
	}
	answers := object{}
	for status, a := range o.answers {
		answers[status] = a.document()
	}
	out["responses"] = answers
	return out
}

var mediaTypes = map[string]string{
	"json":      "application/json",
	"form":      "application/x-www-form-urlencoded",
	"multipart": "multipart/form-data",
}

func (a *answer) document() object {
	out := object{"description": ""}
	headers := object{}
	for name := range a.headers {
		headers[name] = object{"schema": object{"type": "string"}}
	}
	if len(headers) > 0 {
		out["headers"] = headers
	}
	if a.body != nil {
		out["content"] = object{mediaTypes["json"]: object{"schema": a.body.document()}}
	}
	return out
}

func (s *shape) document() object {
	out := object{}
	if len(s.types) > 0 {
		out["type"] = s.types
	}
	if len(s.enum) > 0 {
		out["enum"] = s.enum
	}
	properties, required := object{}, []string{}
	for _, name := range slices.Sorted(maps.Keys(s.members)) {
		spelled, m := name, s.members[name]
		for m.items != nil { // findings say "things[]" rather than "things/items"
			spelled, m = spelled+"[]", m.items
		}
		properties[spelled] = m.document()
		if s.required[name] {
			required = append(required, spelled)
		}
	}
	if len(properties) > 0 {
		out["properties"] = properties
	}
	if len(required) > 0 {
		out["required"] = required
	}
	if s.items != nil {
		out["items"] = s.items.document()
	}
	return out
}
