package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"github.com/speakeasy-api/openapi/overlay/loader"
	"gopkg.in/yaml.v3"
)

// A document is the contract in the two forms that the generator needs.
type document struct {
	tree object      // after overlays and preparation
	spec *openapi3.T // the same, parsed
}

type object = map[string]any

const schemaRef = "#/components/schemas/"

// loadDocument reads a document, applies the overlays (to a strict one, an action that finds nothing is an error)
// and prepares it for oapi-codegen.
func loadDocument(spec string, overlays []string, strict map[string]bool) (*document, error) {
	data, err := readSpec(spec)
	if err != nil {
		return nil, err
	}
	var node yaml.Node
	if err := yaml.Unmarshal(data, &node); err != nil {
		return nil, fmt.Errorf("%s: %w", spec, err)
	}
	for _, path := range overlays {
		if err := applyOverlay(&node, path, strict[path]); err != nil {
			return nil, err
		}
	}
	var tree any
	if err := node.Decode(&tree); err != nil {
		return nil, fmt.Errorf("%s: %w", spec, err)
	}
	root, _ := stringKeys(tree).(object)
	if paths, _ := root["paths"].(object); len(paths) == 0 {
		return nil, fmt.Errorf("%s: not an OpenAPI document", spec)
	}
	prepare(root)
	data, err = json.Marshal(root)
	if err != nil {
		return nil, err
	}
	l := openapi3.NewLoader()
	parsed, err := l.LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("%s, after its overlays: %w", spec, err)
	}
	return &document{tree: root, spec: parsed}, nil
}

func readSpec(spec string) ([]byte, error) {
	if !strings.HasPrefix(spec, "https://") && !strings.HasPrefix(spec, "http://") {
		return os.ReadFile(spec)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, spec, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", spec, resp.Status)
	}
	return io.ReadAll(resp.Body)
}

func applyOverlay(node *yaml.Node, path string, strict bool) error {
	o, err := loader.LoadOverlay(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := o.Validate(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if !strict {
		if err := o.ApplyTo(node); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	}
	if warnings, err := o.ApplyToStrict(node); err != nil {
		return fmt.Errorf("%s: %w\n%s", path, err, strings.Join(warnings, "\n"))
	}
	return nil
}

// stringKeys turns the maps of YAML, whose keys may be numbers (status codes), into maps of JSON.
func stringKeys(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = stringKeys(e)
		}
		return v
	case map[any]any:
		out := make(object, len(v))
		for k, e := range v {
			out[fmt.Sprint(k)] = stringKeys(e)
		}
		return out
	case []any:
		for i, e := range v {
			v[i] = stringKeys(e)
		}
	case time.Time:
		// An unquoted date in an example.
		return v.Format(time.RFC3339)
	}
	return v
}

// prepare rewrites what oapi-codegen cannot express or gets wrong. What it does is the same for every document.
func prepare(root object) {
	normalize(root)
	schemas := child(child(root, "components"), "schemas")
	stripFragments(root)
	prune(root, schemas)
	hoister{schemas}.document(root)
	sealRequestUnions(root, schemas)
	distinctSchemas(root, schemas)
	breakCycles(schemas)
	walk(root, func(o object) {
		dedupeUnion(o)
		distinctMembers(o)
		if o["type"] == "boolean" || o["type"] == "number" {
			delete(o, "enum") // constants True and False help nobody, and a number is text
		}
		// These two make oapi-codegen turn required members into pointers; whether a value comes back is no Go matter.
		delete(o, "writeOnly")
		delete(o, "readOnly")
		if props, ok := o["properties"].(object); ok {
			for name, p := range props {
				if p, ok := p.(object); ok {
					required := slices.Contains(stringsOf(o["required"]), name)
					if !required && neverEmpty(p, schemas, 0) {
						// Its zero value would be sent; only a pointer can leave it out.
						p["x-go-type-skip-optional-pointer"] = false
					}
					props[name] = property(p, required)
				}
			}
		}
	})
}

// property shapes one property of an object.
func property(p object, required bool) object {
	if target, ok := leadsTo(p); ok {
		return object{
			"type": "object", "description": p["description"],
			"x-go-type": "api.Link[" + target + "]",
		}
	}
	if value, ok := p["const"]; ok && required {
		// The codec writes it; there is nothing for the caller to set.
		delete(p, "const")
		delete(p, "enum")
		p[extraTags] = object{constTag: fmt.Sprint(value)}
		if _, ok := p["type"]; !ok {
			p["type"] = jsonType(value)
		}
		return p
	}
	if ref, ok := p["$ref"]; ok && len(p) > 1 {
		// oapi-codegen takes the description of the target unless the reference is wrapped.
		wrapped := object{"allOf": []any{object{"$ref": ref}}}
		for k, v := range p {
			if k != "$ref" {
				wrapped[k] = v
			}
		}
		return wrapped
	}
	return p
}

// neverEmpty reports whether an object has a member that is written whatever its value: a constant, a required flag
// or a required number.
func neverEmpty(schema any, schemas object, depth int) bool {
	s, _ := schema.(object)
	if ref, ok := s["$ref"].(string); ok {
		s, _ = schemas[strings.TrimPrefix(ref, schemaRef)].(object)
	}
	if depth > 8 {
		return false
	}
	if members, ok := s["allOf"].([]any); ok {
		return slices.ContainsFunc(members, func(m any) bool { return neverEmpty(m, schemas, depth+1) })
	}
	props, _ := s["properties"].(object)
	for _, name := range stringsOf(s["required"]) {
		p, _ := props[name].(object)
		_, constant := p["const"]
		tags, _ := p[extraTags].(object)
		if constant || tags[constTag] != nil || p["type"] == "boolean" || p["type"] == "integer" || neverEmpty(p, schemas, depth+1) {
			return true
		}
	}
	return false
}

// leadsTo is the Go type that a relation leads to: the schema of x-leads-to, or api.Object when there are several.
func leadsTo(p object) (string, bool) {
	if ref, _ := p["$ref"].(string); ref != schemaRef+"Link" {
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

// dedupeUnion drops the second of two equal members of a union, and a union of one becomes that one.
func dedupeUnion(o object) {
	for _, kind := range []string{"oneOf", "anyOf"} {
		members, ok := o[kind].([]any)
		if !ok {
			continue
		}
		var kept []any
		for _, m := range members {
			if !slices.ContainsFunc(kept, func(k any) bool { return reflect.DeepEqual(k, m) }) {
				kept = append(kept, m)
			}
		}
		o[kind] = kept
		if len(kept) == 1 && len(members) > 1 {
			become(o, kind, kept[0])
		}
	}
}

// stripFragments gives operations that a document tells apart by a URL fragment (as in
// /funding-sources/{id}/micro-deposits#verify) a name from it; the fragment itself is never sent.
func stripFragments(root object) {
	paths, _ := root["paths"].(object)
	for path, item := range paths {
		_, fragment, ok := strings.Cut(path, "#")
		if !ok {
			continue
		}
		for _, op := range operations(item) {
			if _, named := op["x-go-method"]; !named {
				op["x-go-method"] = codegen.UppercaseFirstCharacter(codegen.ToCamelCase(fragment))
			}
		}
	}
}

// sealRequestUnions makes every union that a request body consists of a sealed Go interface, if all its members are
// objects with names.
func sealRequestUnions(root, schemas object) {
	paths, _ := root["paths"].(object)
	for _, item := range paths {
		for _, op := range operations(item) {
			body, _ := op["requestBody"].(object)
			content, _ := body["content"].(object)
			for _, media := range content {
				media, _ := media.(object)
				schema, _ := media["schema"].(object)
				ref, _ := schema["$ref"].(string)
				if named, ok := schemas[strings.TrimPrefix(ref, schemaRef)].(object); ok {
					seal(named, schemas, body["required"] != true)
				}
			}
		}
	}
}

// seal marks a union whose members are all objects with names, nested unions included. Where the body is optional, a
// member without properties is the body left out.
func seal(schema, schemas object, optional bool) {
	kind := "oneOf"
	if schema[kind] == nil {
		kind = "anyOf"
	}
	members, ok := schema[kind].([]any)
	if !ok {
		return
	}
	var flat []any
	for _, m := range members {
		ref, _ := m.(object)["$ref"].(string)
		member, ok := schemas[strings.TrimPrefix(ref, schemaRef)].(object)
		if !ok {
			return
		}
		if nested, ok := member["oneOf"].([]any); ok {
			flat = append(flat, nested...)
			continue
		}
		if props, _ := member["properties"].(object); len(props) == 0 {
			if optional {
				continue
			}
			return
		}
		flat = append(flat, m)
	}
	schema[kind] = flat
	schema[sealedExtension] = true
	delete(schema, "discriminator")
}

const (
	sealedExtension = "x-go-sealed"
	extraTags       = "x-oapi-codegen-extra-tags"
	constTag        = "const"
)

// operations are the operations of a path item.
func operations(item any) map[string]object {
	out := map[string]object{}
	o, _ := item.(object)
	for _, method := range []string{"get", "post", "put", "patch", "delete", "head", "options", "trace"} {
		if op, ok := o[method].(object); ok {
			out[method] = op
		}
	}
	return out
}

// walk calls f for every object of the tree, the inner ones first.
func walk(v any, f func(object)) {
	switch v := v.(type) {
	case object:
		for k, e := range v {
			if k != "example" && k != "examples" {
				walk(e, f)
			}
		}
		f(v)
	case []any:
		for _, e := range v {
			walk(e, f)
		}
	}
}

func stringsOf(v any) []string {
	list, _ := v.([]any)
	out := make([]string, 0, len(list))
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// prune drops the schemas that nothing reaches any more: the overlays have taken the answers above 399 away.
func prune(root, schemas object) {
	reached := map[string]bool{}
	var reach func(v any)
	reach = func(v any) {
		walk(v, func(o object) {
			names := stringsOf(o["x-leads-to"])
			if name, ok := o["x-leads-to"].(string); ok {
				names = append(names, name)
			}
			if ref, ok := o["$ref"].(string); ok && strings.HasPrefix(ref, schemaRef) {
				names = append(names, strings.TrimPrefix(ref, schemaRef))
			}
			for _, name := range names {
				if !reached[name] {
					reached[name] = true
					reach(schemas[name])
				}
			}
		})
	}
	components, _ := root["components"].(object)
	for _, from := range []any{root["paths"], root["webhooks"], components["responses"], components["parameters"]} {
		reach(from)
	}
	for name := range schemas {
		if !reached[name] {
			delete(schemas, name)
		}
	}
}
