package contract

import (
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestFaultsExplainEveryKindOfRule(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, rule, schema, value string // rule is the keyword, and the members
		want                      []string
	}{
		{"a minimum", "minimum", `{"minimum":0.5}`, `0`, []string{": is less than 1/2"}},
		{"a maximum", "maximum", `{"maximum":200}`, `201`, []string{": is more than 200"}},
		{"a count of members", "minProperties", `{"minProperties":1}`, `{}`, []string{": has 0 members, fewer than 1"}},
		{"too many members", "maxProperties", `{"maxProperties":0}`, `{"a":1}`, []string{": has 1 members, more than 0"}},
		{"a count of entries", "minItems", `{"minItems":2}`, `[1]`, []string{": has 1 entries, fewer than 2"}},
		{"too many entries", "maxItems", `{"maxItems":1}`, `[1,2]`, []string{": has 2 entries, more than 1"}},
		{"members that are closed out", "additionalProperties a b", `{"additionalProperties":false}`, `{"b":1,"a":1}`, []string{`: has members that are not in the contract: "a", "b"`}},
		{"a member that asks for another", "dependentRequired b", `{"dependentRequired":{"a":["b"]}}`, `{"a":1}`, []string{`: lacks "b", which "a" asks for`}},
		{"an exclusion", "not", `{"not":{"required":["a"]}}`, `{"a":1}`, []string{": has what the contract rules out"}},
		{"any other rule", "uniqueItems", `{"uniqueItems":true}`, `[7,7]`, []string{": breaks the rule uniqueItems"}},
		{"several types", "type", `{"type":["string","null"]}`, `7`, []string{": is of type number, not null or string"}},
		{"a long enumeration", "enum", `{"enum":[1,2,3,4,5,6,7,8,9,10,11,12,13]}`, `0`, []string{": is none of the 13 values of the contract"}},
		{"a pointer with special characters", "type", `{"properties":{"a/b~c":{"type":"string"}}}`, `{"a/b~c":7}`, []string{"/a~1b~0c: is of type number, not string"}},
		{"a union with two matches", "oneOf", `{"oneOf":[{"type":"number"},{"minimum":1}]}`, `7`, []string{": matches more than one of the variants"}},
		{
			"a union whose constants all differ", "oneOf", `{"oneOf":[{"properties":{"t":{"const":"a"}}},{"properties":{"t":{"const":"b"}}}]}`,
			`{"t":"c"}`,
			[]string{": matches none of the 2 variants"},
		},
		{
			"a union whose constant tells the variant", "type", `{"anyOf":[{"properties":{"t":{"const":"a"}}},{"properties":{"t":{"const":"b"},"n":{"type":"number"},"m":{"type":"number"}}}]}`,
			`{"t":"b","n":"7","m":"7"}`,
			[]string{
				"/m: is of type string, not number (in the closest of several variants)",
				"/n: is of type string, not number (in the closest of several variants)",
			},
		},
		{
			"a union with an enumeration of one value", "required n", `{"anyOf":[{"properties":{"t":{"enum":["a"]}}},{"required":["n"],"properties":{"t":{"const":"b"}}}]}`,
			`{"t":"b"}`,
			[]string{`: lacks "n" (in the closest of several variants)`},
		},
		{
			"a union that rules the value out elsewhere", "required n", `{"anyOf":[{"not":{"required":["t"]}},{"required":["n"]}]}`,
			`{"t":"b"}`,
			[]string{`: lacks "n" (in the closest of several variants)`},
		},
		{
			"a union whose shape tells the variant", "type", `{"oneOf":[{"required":["a"]},{"required":["b"],"properties":{"b":{"properties":{"c":{"type":"number"},"d":{"type":"number"}}}}}]}`,
			`{"b":{"c":"7","d":"7"}}`,
			[]string{
				"/b/c: is of type string, not number (in the closest of several variants)",
				"/b/d: is of type string, not number (in the closest of several variants)",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range validate(t, tt.schema, tt.value) {
				got = append(got, f.pointer+": "+f.reason)
				if rule := strings.Join(append([]string{f.keyword}, f.members...), " "); rule != tt.rule {
					t.Errorf("got the rule %q, want %q", rule, tt.rule)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestAnEnumerationWithinAUnionIsNoAdvice(t *testing.T) {
	t.Parallel()
	for _, f := range validate(t, `{"anyOf":[{"enum":["a"]},{"type":"number"}]}`, `"b"`) {
		if f.unlisted {
			t.Errorf("%+v may hide that no other variant fits", f)
		}
	}
}

func validate(t *testing.T, schema, value string) []brokenRule {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(documentURL, tree(t, schema)); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile(documentURL)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := decodeJSON([]byte(value))
	if err != nil {
		t.Fatal(err)
	}
	return brokenRules(compiled.Validate(decoded))
}
