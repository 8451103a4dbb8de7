package main

import (
	"reflect"
	"testing"

	"gopkg.in/yaml.v3"
)

func parse(t *testing.T, text string) object {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return stringKeys(v).(object)
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
		"equal members of a union":           {`{oneOf: [{type: string}, {type: integer}, {type: string}]}`, `{oneOf: [{type: string}, {type: integer}]}`},
		"a union of equal members":           {`{anyOf: [{type: string}, {type: string}]}`, `{type: string}`},
		"a union of one stays":               {`{oneOf: [{$ref: '#/x'}]}`, `{oneOf: [{$ref: '#/x'}]}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, want := parse(t, tt.schema), parse(t, tt.want)
			walk(got, dropNull)
			walk(got, dedupeUnion)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestMembersHaveNamesOfTheirOwn(t *testing.T) {
	o := parse(t, `{properties: {_links: {x-go-name: Links}, links: {}, _embedded: {}, count: {}, extra: {}, plain: {}}}`)
	distinctMembers(o)
	want := parse(t, `{properties: {_links: {x-go-name: Links}, links: {x-go-name: LinksMember}, _embedded: {},
		count: {x-go-name: CountMember}, extra: {x-go-name: ExtraMember}, plain: {}}}`)
	if !reflect.DeepEqual(o, want) {
		t.Errorf("got %v, want %v", o, want)
	}
}

func TestSchemasWithinThemselvesArePointers(t *testing.T) {
	schemas := parse(t, `
Tree: {required: [left, name], properties: {left: {$ref: '#/components/schemas/Tree'}, all: {items: {$ref: '#/components/schemas/Tree'}}, name: {}}}
Egg: {properties: {hen: {allOf: [{$ref: '#/components/schemas/Hen'}]}}}
Hen: {allOf: [{$ref: '#/components/schemas/Bird'}]}
Bird: {properties: {egg: {$ref: '#/components/schemas/Egg'}, tree: {$ref: '#/components/schemas/Tree'}}}
`)
	breakCycles(schemas)
	pointer := func(schema, property string) bool {
		p := schemas[schema].(object)["properties"].(object)[property].(object)
		return p["x-go-type-skip-optional-pointer"] == false
	}
	for _, p := range [][2]string{{"Tree", "left"}, {"Egg", "hen"}, {"Bird", "egg"}} {
		if !pointer(p[0], p[1]) {
			t.Errorf("%s.%s is no pointer", p[0], p[1])
		}
	}
	for _, p := range [][2]string{{"Tree", "all"}, {"Bird", "tree"}} {
		if pointer(p[0], p[1]) {
			t.Errorf("%s.%s is a pointer", p[0], p[1])
		}
	}
	if got := stringsOf(schemas["Tree"].(object)["required"]); len(got) != 1 || got[0] != "name" {
		t.Errorf("Tree requires %v", got)
	}
}
