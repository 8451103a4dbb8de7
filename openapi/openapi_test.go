package openapi_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"

	"github.com/dwolla-go/dwolla-go/openapi"
)

// parsed is the contract, parsed once: the tests read it and do not change it.
var parsed = sync.OnceValues(func() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromData(openapi.Contract())
})

func load(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// operations calls f for every operation of the contract; the name is its method and path.
func operations(t *testing.T, f func(name string, op *openapi3.Operation)) {
	t.Helper()
	for path, item := range load(t).Paths.Map() {
		for method, op := range item.Operations() {
			f(method+" "+path, op)
		}
	}
}

// The examples are checked against the stricter form of the contract, in wrapper/contract.
func TestContractIsValid(t *testing.T) {
	t.Parallel()
	if err := load(t).Validate(t.Context(), openapi3.DisableExamplesValidation()); err != nil {
		t.Error(err)
	}
}

func TestContractBytesAreTheCallersOwn(t *testing.T) {
	t.Parallel()
	first := openapi.Contract()
	first[0] = '#'
	if bytes.Equal(first, openapi.Contract()) {
		t.Error("a change of the bytes is seen by the next caller")
	}
}

func TestEveryBodyHasASchemaWithAName(t *testing.T) {
	t.Parallel()
	named := func(name string, content openapi3.Content) {
		for media, m := range content {
			if m.Schema == nil || !strings.HasPrefix(m.Schema.Ref, "#/components/schemas/") {
				t.Errorf("%s: the schema of %s has no name", name, media)
			}
		}
	}
	operations(t, func(name string, op *openapi3.Operation) {
		if op.RequestBody != nil {
			named(name, op.RequestBody.Value.Content)
		}
		for status, r := range op.Responses.Map() {
			named(name+" "+status, r.Value.Content)
		}
	})
}

func TestEveryPostButTheTokenTakesAnIdempotencyKey(t *testing.T) {
	t.Parallel()
	const key = "#/components/parameters/IdempotencyKey"
	operations(t, func(name string, op *openapi3.Operation) {
		has := slices.ContainsFunc(op.Parameters, func(p *openapi3.ParameterRef) bool { return p.Ref == key })
		want := strings.HasPrefix(name, "POST ") && name != "POST /token"
		if has != want {
			t.Errorf("%s: takes an Idempotency-Key: %t, want %t", name, has, want)
		}
	})
}

func TestEveryOperationCanFailAsAllCan(t *testing.T) {
	t.Parallel()
	operations(t, func(name string, op *openapi3.Operation) {
		for _, status := range []string{"401", "406", "429", "500"} {
			if op.Responses.Value(status) == nil {
				t.Errorf("%s has no answer %s", name, status)
			}
		}
	})
}

func TestEveryErrorHasTheOneErrorSchema(t *testing.T) {
	t.Parallel()
	operations(t, func(name string, op *openapi3.Operation) {
		if name == "POST /token" {
			return // OAuth has its own
		}
		for status, r := range op.Responses.Map() {
			if status < "400" {
				continue
			}
			for _, m := range r.Value.Content {
				if m.Schema.Ref != "#/components/schemas/Error" {
					t.Errorf("%s %s answers with %s", name, status, m.Schema.Ref)
				}
			}
		}
	})
}

// TestEveryRelationSaysWhereItLeads looks at the members of every _links in the contract: each is a Link with words of its
// own, and x-leads-to names schemas. It reads the text, as kin-openapi drops what stands beside a reference.
func TestEveryRelationSaysWhereItLeads(t *testing.T) {
	t.Parallel()
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]map[string]any
			}
		}
	}
	if err := yaml.Unmarshal(openapi.Contract(), &doc); err != nil {
		t.Fatal(err)
	}
	schemas := doc.Components.Schemas
	seen := map[string]bool{}
	for name, schema := range schemas {
		ref, _ := schema.Properties["_links"]["$ref"].(string)
		links := strings.TrimPrefix(ref, "#/components/schemas/")
		if schema.Properties["_links"] == nil || links == "Links" {
			continue
		}
		if len(schemas[links].Properties) == 0 {
			t.Errorf("%s: the relations are not a schema with a name", name)
		}
		for relation, to := range schemas[links].Properties {
			seen[links+" "+relation] = true
			description, _ := to["description"].(string)
			if to["$ref"] != "#/components/schemas/Link" || description == "" {
				t.Errorf("%s, relation %s: want a Link and what it leads to, got %v", links, relation, to)
			}
			for _, target := range targets(to["x-leads-to"]) {
				if _, ok := schemas[target]; !ok {
					t.Errorf("%s, relation %s leads to %s, which is no schema", links, relation, target)
				}
			}
		}
	}
	if len(seen) < 50 {
		t.Errorf("only %d relations found", len(seen))
	}
}

// targets are the schemas that x-leads-to names, one or several.
func targets(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, fmt.Sprint(e))
		}
		return out
	default:
		return nil
	}
}

func TestEveryTopicIsThereOnce(t *testing.T) {
	t.Parallel()
	topics := load(t).Components.Schemas["EventTopic"].Value.Enum
	seen := map[any]bool{}
	for _, topic := range topics {
		if seen[topic] {
			t.Errorf("%v is there twice", topic)
		}
		seen[topic] = true
	}
	if len(topics) != 77 {
		t.Errorf("%d topics, want 77", len(topics))
	}
}

// TestFactsAreOfWhatExists looks at the extensions that become Go: what they name is in the schema beside them. It reads the
// text, as kin-openapi drops what stands beside a reference.
func TestFactsAreOfWhatExists(t *testing.T) {
	t.Parallel()
	var doc map[string]any
	if err := yaml.Unmarshal(openapi.Contract(), &doc); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case []any:
			for i, e := range v {
				walk(fmt.Sprint(at, "/", i), e)
			}
		case map[string]any:
			for keyword, value := range v {
				if check := facts[keyword]; check != nil {
					seen[keyword]++
					if !check(v, value) {
						t.Errorf("%s: %s is %v", at, keyword, value)
					}
				}
				walk(at+"/"+keyword, value)
			}
		}
	}
	walk("", doc)
	for keyword := range facts {
		if seen[keyword] == 0 {
			t.Errorf("nothing has %s", keyword)
		}
	}
	if limits := seen["x-list-limit"]; limits != 2 {
		t.Errorf("%d lists have a limit, want 2", limits)
	}
}

// facts are the extensions that become Go, and what holds of the schema and the value of each.
var facts = map[string]func(schema map[string]any, value any) bool{
	"x-personal": func(schema map[string]any, value any) bool { return value == true && schema["type"] == "string" },
	"x-final": func(schema map[string]any, value any) bool {
		values, _ := schema["enum"].([]any)
		final, _ := value.([]any)
		return len(final) > 0 && !slices.ContainsFunc(final, func(v any) bool { return !slices.Contains(values, v) })
	},
	"x-error-codes": func(schema map[string]any, value any) bool {
		codes, _ := value.(map[string]any)
		for code, meaning := range codes {
			text, _ := meaning.(string)
			values, closed := schema["enum"].([]any)
			if text == "" || strings.Contains(text, "\n") || closed && !slices.Contains(values, any(code)) {
				return false
			}
		}
		return len(codes) > 0 && schema["type"] == "string"
	},
	"x-max-bytes": func(schema map[string]any, value any) bool { return schema["format"] == "binary" && value == 10<<20 },
	"x-key-lifetime": func(schema map[string]any, value any) bool {
		return schema["name"] == "Idempotency-Key" && value == "24h"
	},
	"x-list-limit": func(schema map[string]any, value any) bool { return schema["operationId"] != nil && value == 10_000 },
}

func TestEveryOperationIsNamedAndGrouped(t *testing.T) {
	t.Parallel()
	doc := load(t)
	seen := map[string]string{}
	operations(t, func(name string, op *openapi3.Operation) {
		if op.OperationID == "" || seen[op.OperationID] != "" {
			t.Errorf("%s: the operationId %q is empty or that of %s too", name, op.OperationID, seen[op.OperationID])
		}
		seen[op.OperationID] = name
		if len(op.Tags) != 1 || doc.Tags.Get(op.Tags[0]) == nil {
			t.Errorf("%s: the tags %v are not one of the contract's", name, op.Tags)
		}
		if op.Summary == "" || op.Description == "" {
			t.Errorf("%s is not described", name)
		}
	})
}
