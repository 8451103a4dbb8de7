package dialect

import "testing"

func TestPropertiesHaveOneForm(t *testing.T) {
	tests := map[string]struct {
		property string
		required bool
		want     string
	}{
		"a relation":                        {`{$ref: '#/components/schemas/Link', description: d, x-leads-to: Boat}`, false, `{type: object, description: d, x-go-type: 'api.Link[Boat]'}`},
		"a relation to several":             {`{$ref: '#/components/schemas/Link', description: d, x-leads-to: [Boat, Sail]}`, false, `{type: object, description: d, x-go-type: 'api.Link[api.Object]'}`},
		"a constant":                        {`{const: true}`, true, `{type: boolean, x-go-constant: true}`},
		"a constant that may be left out":   {`{const: x}`, false, `{const: x}`},
		"a reference":                       {`{$ref: '#/x'}`, true, `{$ref: '#/x'}`},
		"a reference with words of its own": {`{$ref: '#/x', description: d}`, true, `{allOf: [{$ref: '#/x'}], description: d}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			same(t, property(parse(t, tt.property), tt.required), tt.want)
		})
	}
}

func TestAnotherNameOfAMemberIsNoMemberOfItsOwn(t *testing.T) {
	o := parse(t, `properties: {tag: {$ref: '#/x'}, Tag: {$ref: '#/x', x-alias-of: tag}, lost: {x-alias-of: nothing}}`)
	joinAliases(o)
	same(t, o, `properties: {tag: {$ref: '#/x', x-go-alias: Tag}, lost: {x-alias-of: nothing}}`)
}

func TestAnObjectIsNeverEmptyWhereAMemberIsAlwaysWritten(t *testing.T) {
	schemas := parse(t, `
Text: {required: [a], properties: {a: {type: string}}}
Flag: {required: [a], properties: {a: {type: boolean}}}
Constant: {required: [a], properties: {a: {const: x}}}
Optional: {properties: {a: {type: boolean}}}
Inner: {required: [a], properties: {a: {$ref: '#/components/schemas/Flag'}}}
All: {allOf: [{$ref: '#/components/schemas/Text'}, {$ref: '#/components/schemas/Flag'}]}
`)
	for name, want := range map[string]bool{"Text": false, "Flag": true, "Constant": true, "Optional": false, "Inner": true, "All": true} {
		if got := neverEmpty(schemas[name], schemas, 0); got != want {
			t.Errorf("%s: %t, want %t", name, got, want)
		}
	}
}
