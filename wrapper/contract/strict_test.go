package contract

import (
	"encoding/json"
	"strings"
	"testing"
)

// Forms of composition that the contract does not have today.
func TestCloseObjects(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, schemas, root, want string }{
		{
			"an object at a use site", `{}`,
			`{"type":"object"}`,
			`{"type":"object","unevaluatedProperties":false}`,
		},
		{
			"an object without a type", `{}`,
			`{"properties":{"a":{}}}`,
			`{"properties":{"a":{}},"unevaluatedProperties":false}`,
		},
		{
			"a nullable object", `{}`,
			`{"type":["object","null"]}`,
			`{"type":["object","null"],"unevaluatedProperties":false}`,
		},
		{
			"a map, but what it holds", `{}`,
			`{"type":"object","additionalProperties":{"type":"object"}}`,
			`{"type":"object","additionalProperties":{"type":"object","unevaluatedProperties":false}}`,
		},
		{
			"an object that is open on purpose", `{}`,
			`{"type":"object","additionalProperties":true}`,
			`{"type":"object","additionalProperties":true}`,
		},
		{
			"items and members of any kind", `{}`,
			`{"items":{"type":"object"},"prefixItems":[{"type":"object"}],"patternProperties":{"^a":{"type":"object"}}}`,
			`{"items":{"type":"object","unevaluatedProperties":false},"prefixItems":[{"type":"object","unevaluatedProperties":false}],` +
				`"patternProperties":{"^a":{"type":"object","unevaluatedProperties":false}}}`,
		},
		{
			"a composition, not its branches, but what is in them", `{}`,
			`{"allOf":[{"type":"object","properties":{"a":{"type":"object"}}}]}`,
			`{"allOf":[{"type":"object","properties":{"a":{"type":"object","unevaluatedProperties":false}}}],"unevaluatedProperties":false}`,
		},
		{
			"no condition", `{}`,
			`{"type":"object","not":{"type":"object","properties":{"a":{"type":"object"}}}}`,
			`{"type":"object","not":{"type":"object","properties":{"a":{"type":"object"}}},"unevaluatedProperties":false}`,
		},
		{
			"no scalar", `{}`,
			`{"type":"string","example":{"schema":{"type":"object"}}}`,
			`{"type":"string","example":{"schema":{"type":"object"}}}`,
		},
		{
			"a component where it is defined", `{"A":{"type":"object"}}`,
			`{"$ref":"#/components/schemas/A"}`,
			`{"$ref":"#/components/schemas/A"}`,
		},
		{
			"a copy of a component that is a branch elsewhere", `{"A":{"type":"object"},"B":{"oneOf":[{"$ref":"#/components/schemas/A"}]}}`,
			`{"items":{"$ref":"#/components/schemas/A"},"properties":{"a":{"$ref":"#/components/schemas/A"}}}`,
			`{"items":{"$ref":"#/components/schemas/A.closed"},"properties":{"a":{"$ref":"#/components/schemas/A.closed"}},"unevaluatedProperties":false}`,
		},
		{
			"a copy of a component that is a condition elsewhere", `{"A":{"type":"object"},"B":{"not":{"$ref":"#/components/schemas/A"}}}`,
			`{"$ref":"#/components/schemas/A"}`,
			`{"$ref":"#/components/schemas/A.closed"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			doc := map[string]any{
				"paths":      map[string]any{"/a": map[string]any{"schema": tree(t, tt.root), "x-a": map[string]any{"schema": tree(t, `{"type":"object"}`)}}},
				"components": map[string]any{"schemas": tree(t, tt.schemas)},
			}
			closeObjects(doc)
			path := objectAt(objectAt(doc, "paths"), "/a")
			if got, want := text(t, path["schema"]), text(t, tree(t, tt.want)); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if got := text(t, path["x-a"]); got != `{"schema":{"type":"object"}}` {
				t.Errorf("the extension became %s", got)
			}
			for name, schema := range objectAt(objectAt(doc, "components"), "schemas") {
				closed := strings.Contains(text(t, schema), `"unevaluatedProperties":false`)
				isBranch := name == "A" && strings.Contains(tt.schemas, `"B"`)
				isCondition := name == "B" && strings.Contains(tt.schemas, `"not"`)
				if want := !isBranch && !isCondition; closed != want {
					t.Errorf("%s is closed: %v", name, closed)
				}
			}
		})
	}
}

func tree(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func text(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
