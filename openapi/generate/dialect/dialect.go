// Package dialect turns any OpenAPI document into the one form that the rest of the generator reads: objects have names,
// relations know what they lead to, unions of a request are marked, and nothing is left that oapi-codegen gets wrong.
package dialect

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"github.com/speakeasy-api/openapi/overlay/loader"
	"gopkg.in/yaml.v3"

	"github.com/dwolla-go/dwolla-go/openapi/generate/foreign"
	"github.com/dwolla-go/dwolla-go/openapi/generate/tree"
)

// What this package says to the rest of the generator.
const (
	Sealed   = "x-go-sealed"   // of a union: it becomes an interface
	Constant = "x-go-constant" // of a property: its only value, which the codec writes
	Alias    = "x-go-alias"    // of a property: another name that it has in some answers
)

// An Overlay is a file of changes to a document. Where a strict one finds nothing to change, that is an error.
type Overlay struct {
	Path   string
	Strict bool
}

// Read reads a document from a file or a URL, applies the overlays and rewrites it. Source is what it was before that.
func Read(spec string, overlays ...Overlay) (doc *openapi3.T, source tree.Object, err error) {
	data, err := read(spec)
	if err != nil {
		return nil, nil, err
	}
	var node yaml.Node
	if err := yaml.Unmarshal(data, &node); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", spec, err)
	}
	for _, o := range overlays {
		if err := o.apply(&node); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", o.Path, err)
		}
	}
	var content any
	if err := node.Decode(&content); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", spec, err)
	}
	root, _ := tree.FromYAML(content).(tree.Object)
	if paths, _ := root["paths"].(tree.Object); len(paths) == 0 {
		return nil, nil, fmt.Errorf("%s: not an OpenAPI document", spec)
	}
	source, _ = tree.Clone(root).(tree.Object)
	rewrite(root)
	if data, err = json.Marshal(root); err != nil {
		return nil, nil, err
	}
	doc, err = openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, nil, fmt.Errorf("%s, after its overlays: %w", spec, err)
	}
	return doc, source, nil
}

func read(spec string) ([]byte, error) {
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

func (o Overlay) apply(node *yaml.Node) error {
	loaded, err := loader.LoadOverlay(o.Path)
	if err != nil {
		return err
	}
	if err := loaded.Validate(); err != nil {
		return err
	}
	if !o.Strict {
		return loaded.ApplyTo(node)
	}
	if warnings, err := loaded.ApplyToStrict(node); err != nil {
		return fmt.Errorf("%w\n%s", err, strings.Join(warnings, "\n"))
	}
	return nil
}

// rewrite brings a document into the dialect. What it does is the same for every document.
func rewrite(root tree.Object) {
	foreign.Normalize(root)
	schemas := tree.Child(tree.Child(root, "components"), "schemas")
	dropHeaders(root)
	nameFragments(root)
	prune(root, schemas)
	namer{schemas}.document(root)
	sealRequestUnions(root, schemas)
	tree.Walk(root, func(o tree.Object) {
		joinAliases(o)
		foreign.DistinctMembers(o)
		if schema, _ := o["schema"].(tree.Object); o["in"] == "query" && schema["type"] == "boolean" {
			schema["x-go-type-skip-optional-pointer"] = false // false has a meaning of its own to send
		}
		if o["type"] == "boolean" || o["type"] == "number" {
			delete(o, "enum") // a boolean needs no constants, and a number is kept as text
		}
		// These two would make oapi-codegen turn required members into pointers.
		delete(o, "writeOnly")
		delete(o, "readOnly")
		props, _ := o["properties"].(tree.Object)
		for name, p := range props {
			if p, ok := p.(tree.Object); ok {
				required := slices.Contains(tree.Strings(o["required"]), name)
				if !required && neverEmpty(p, schemas, 0) {
					// Its zero value would be sent; only a pointer can leave it out.
					p["x-go-type-skip-optional-pointer"] = false
				}
				props[name] = property(p, required)
			}
		}
	})
}

// dropHeaders takes the headers and cookies out of the parameters: the client sets its own, and a caller has call options
// for others.
func dropHeaders(root tree.Object) {
	shared := tree.Child(tree.Child(root, "components"), "parameters")
	tree.Walk(root["paths"], func(o tree.Object) {
		params, ok := o["parameters"].([]any)
		if !ok {
			return
		}
		o["parameters"] = slices.DeleteFunc(params, func(p any) bool {
			param, _ := p.(tree.Object)
			if ref, ok := param["$ref"].(string); ok {
				param, _ = shared[strings.TrimPrefix(ref, "#/components/parameters/")].(tree.Object)
			}
			return param["in"] == "header" || param["in"] == "cookie"
		})
	})
}

// nameFragments gives operations that a document tells apart by a URL fragment (as in
// /funding-sources/{id}/micro-deposits#verify) a name from it; the fragment itself is never sent.
func nameFragments(root tree.Object) {
	paths, _ := root["paths"].(tree.Object)
	for path, item := range paths {
		_, fragment, ok := strings.Cut(path, "#")
		if !ok {
			continue
		}
		for _, op := range tree.Operations(item) {
			if _, named := op["x-go-method"]; !named {
				op["x-go-method"] = codegen.UppercaseFirstCharacter(codegen.ToCamelCase(fragment))
			}
		}
	}
}

// prune drops the schemas that nothing refers to once the overlays have removed the answers above 399.
func prune(root, schemas tree.Object) {
	reached := map[string]bool{}
	var reach func(v any)
	reach = func(v any) {
		tree.Walk(v, func(o tree.Object) {
			names := tree.Strings(o["x-leads-to"])
			if name, ok := o["x-leads-to"].(string); ok {
				names = append(names, name)
			}
			if ref, ok := o["$ref"].(string); ok && strings.HasPrefix(ref, tree.Schemas) {
				names = append(names, strings.TrimPrefix(ref, tree.Schemas))
			}
			for _, name := range names {
				if !reached[name] {
					reached[name] = true
					reach(schemas[name])
				}
			}
		})
	}
	components, _ := root["components"].(tree.Object)
	for _, from := range []any{root["paths"], root["webhooks"], components["responses"], components["parameters"]} {
		reach(from)
	}
	for name := range schemas {
		if !reached[name] {
			delete(schemas, name)
		}
	}
}
