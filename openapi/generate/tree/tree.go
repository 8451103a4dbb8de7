// Package tree walks and changes a document as maps and lists, before it is parsed as OpenAPI.
package tree

import (
	"fmt"
	"time"
)

// An Object is a JSON object.
type Object = map[string]any

// Schemas is what a reference to a schema of the document begins with.
const Schemas = "#/components/schemas/"

// FromYAML turns the maps of YAML, whose keys may be numbers (status codes), into objects.
func FromYAML(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = FromYAML(e)
		}
		return v
	case map[any]any:
		out := make(Object, len(v))
		for k, e := range v {
			out[fmt.Sprint(k)] = FromYAML(e)
		}
		return out
	case []any:
		for i, e := range v {
			v[i] = FromYAML(e)
		}
	case time.Time:
		// An unquoted date in an example.
		return v.Format(time.RFC3339)
	}
	return v
}

// Walk calls f for every object of the tree, the inner ones first. Examples are no part of it.
func Walk(v any, f func(Object)) {
	switch v := v.(type) {
	case Object:
		for k, e := range v {
			if k != "example" && k != "examples" {
				Walk(e, f)
			}
		}
		f(v)
	case []any:
		for _, e := range v {
			Walk(e, f)
		}
	}
}

// Child is an object within an object, made when it is missing.
func Child(o Object, name string) Object {
	c, ok := o[name].(Object)
	if !ok {
		c = Object{}
		o[name] = c
	}
	return c
}

// Clone is a deep copy.
func Clone(v any) any {
	switch v := v.(type) {
	case Object:
		out := make(Object, len(v))
		for k, e := range v {
			out[k] = Clone(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = Clone(e)
		}
		return out
	default:
		return v
	}
}

// Strings are the texts in a list.
func Strings(v any) []string {
	list, _ := v.([]any)
	out := make([]string, 0, len(list))
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// Operations are the operations of a path item, by their methods.
func Operations(item any) map[string]Object {
	out := map[string]Object{}
	o, _ := item.(Object)
	for _, method := range []string{"get", "post", "put", "patch", "delete", "head", "options", "trace"} {
		if op, ok := o[method].(Object); ok {
			out[method] = op
		}
	}
	return out
}
