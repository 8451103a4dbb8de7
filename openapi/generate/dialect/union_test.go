package dialect

import "testing"

func TestUnionsOfRequestsAreSealed(t *testing.T) {
	const members = `{A: {properties: {a: {}}}, B: {properties: {b: {}}}, Nothing: {properties: {}}, Text: {type: string}`
	ref := func(name string) string { return "{$ref: '#/components/schemas/" + name + "'}" }
	tests := map[string]struct {
		union    string
		optional bool
		sealed   bool
		members  int
	}{
		"of objects":                    {"{oneOf: [" + ref("A") + "," + ref("B") + "]}", false, true, 2},
		"anyOf":                         {"{anyOf: [" + ref("A") + "," + ref("B") + "]}", false, true, 2},
		"with a body that may be empty": {"{oneOf: [" + ref("A") + "," + ref("Nothing") + "]}", true, true, 1},
		"with nothing in a body":        {"{oneOf: [" + ref("A") + "," + ref("Nothing") + "]}", false, false, 2},
		"with an inline member":         {"{oneOf: [" + ref("A") + ", {type: string}]}", false, false, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			schemas, union := parse(t, members+"}"), parse(t, tt.union)
			seal(union, schemas, tt.optional)
			kept, ok := union["oneOf"].([]any)
			if !ok {
				kept = union["anyOf"].([]any)
			}
			if sealed := union[Sealed] == true; sealed != tt.sealed || len(kept) != tt.members {
				t.Errorf("got %v", union)
			}
		})
	}
}
