package foreign

import (
	"reflect"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/dwolla-go/dwolla-go/openapi/generate/tree"
)

func parse(t *testing.T, text string) tree.Object {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return tree.FromYAML(v).(tree.Object)
}

func TestSchemasHaveOneForm(t *testing.T) {
	tests := map[string]struct{ schema, want string }{
		"nullable of OpenAPI 3.0":            {`{type: string, nullable: true}`, `{type: string}`},
		"a property that is called nullable": {`{properties: {nullable: {type: string}}}`, `{properties: {nullable: {type: string}}}`},
		"null among the types":               {`{type: [string, "null"]}`, `{type: string}`},
		"several types are any":              {`{type: [string, integer]}`, `{}`},
		"null among the values":              {`{enum: [a, null]}`, `{enum: [a]}`},
		"null among the alternatives":        {`{anyOf: [{type: string}, {type: "null"}], description: d}`, `{type: string, description: d}`},
		"null beside a reference":            {`{oneOf: [{type: "null"}, {$ref: '#/x'}]}`, `{$ref: '#/x'}`},
		"null beside a union":                {`{oneOf: [{type: "null"}, {$ref: '#/x'}, {$ref: '#/y'}]}`, `{oneOf: [{$ref: '#/x'}, {$ref: '#/y'}]}`},
		"nothing but null":                   {`{anyOf: [{type: "null"}]}`, `{}`},
		"a union of one stays":               {`{oneOf: [{$ref: '#/x'}]}`, `{oneOf: [{$ref: '#/x'}]}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, want := parse(t, tt.schema), parse(t, tt.want)
			tree.Walk(got, dropNull)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestSharedBodiesAndAnswersAreCopied(t *testing.T) {
	root := parse(t, `
paths: {/a: {post: {requestBody: {$ref: '#/components/requestBodies/B'}, responses: {'200': {$ref: '#/components/responses/R'}}}}}
components: {requestBodies: {B: {content: {}}}, responses: {R: {description: r}}}
`)
	inlineShared(root, root["components"].(tree.Object))
	want := parse(t, `{/a: {post: {requestBody: {content: {}}, responses: {'200': {description: r}}}}}`)
	if !reflect.DeepEqual(root["paths"], any(want)) {
		t.Errorf("got %v, want %v", root["paths"], want)
	}
}

func TestParametersArePlainValues(t *testing.T) {
	tests := map[string]struct{ parameter, want string }{
		"a text":                   {`{in: query, name: a, schema: {type: string}}`, `{in: query, name: a, schema: {type: string}}`},
		"a list":                   {`{in: query, name: a, schema: {type: array, items: {type: string}}}`, `{in: query, name: a, schema: {type: array, items: {type: string}}}`},
		"a flag":                   {`{in: query, name: a, schema: {type: boolean}}`, `{in: query, name: a, schema: {type: boolean}}`},
		"an object":                {`{in: query, name: a, style: deepObject, explode: true, schema: {type: object}}`, `{in: query, name: a, schema: {type: string}}`},
		"JSON":                     {`{in: query, name: a, content: {application/json: {}}}`, `{in: query, name: a, schema: {type: string}}`},
		"the name of a method":     {`{in: query, name: query, schema: {type: string}}`, `{in: query, name: query, x-go-name: QueryParameter, schema: {type: string}}`},
		"what is not in the query": {`{in: path, name: a, schema: {type: object}}`, `{in: path, name: a, schema: {type: object}}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, want := parse(t, tt.parameter), parse(t, tt.want)
			plainParameter(got)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}
