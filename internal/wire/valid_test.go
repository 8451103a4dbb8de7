package wire_test

import (
	"encoding/json"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

type (
	textOf  string
	jsonOf  string
	hidden  struct{ Inner string }
	invalid struct {
		Skipped string `json:"-"`
		private string
		hidden
		Text *string `json:",omitempty"`
		Any  any
	}
)

// alias encodes itself as many types do.
type alias struct{ Name string }

func (a alias) MarshalJSON() ([]byte, error) {
	type plain alias
	return json.Marshal(plain(a))
}

func (t textOf) MarshalText() ([]byte, error) { return []byte(t), nil }
func (j jsonOf) MarshalJSON() ([]byte, error) { return []byte(`"` + string(j) + `"`), nil }

func TestFault229_AnyRefusesInvalidUTF8WhereverItIsInTheValue(t *testing.T) {
	const bad = "M\xffller"
	text := bad
	type node struct {
		Next *node `json:"-"`
		Name string
	}
	for name, v := range map[string]any{
		"a string": bad, "an element": []any{1, bad}, "a list of strings": []string{bad}, "an array": [1]string{bad},
		"a value of a map": map[string]string{"a": bad}, "a name of a map": map[string]int{bad: 1}, "a name that is a type": map[textOf]int{bad: 1},
		"deep": map[string]any{"a": []map[string]any{{"b": &text}}}, "a pointer": &text,
		"a field": invalid{Any: bad}, "a field by pointer": &invalid{Text: &text}, "an embedded field": invalid{hidden: hidden{bad}},
		"a text": textOf(bad), "JSON of its own": jsonOf(bad), "a type that calls encoding/json": []alias{{bad}}, "raw JSON": json.RawMessage(`"` + bad + `"`),
		"raw JSON in a map": map[string]json.RawMessage{"a": json.RawMessage(`"` + bad + `"`)},
		"a surrogate":       "a\xed\xa0\x80", "in quotes": struct {
			A string `json:",string"`
		}{bad},
		"a node": &node{Name: bad},
	} {
		if got, err := wire.Marshal(encodeFunc(func(e *wire.Encoder) { e.Any(v) })); err == nil {
			t.Errorf("%s: written as %q", name, got)
		}
	}
	loop := &node{Name: "x"}
	loop.Next = loop
	for name, v := range map[string]any{
		"what is not written": invalid{Skipped: bad, private: bad, Any: "x"}, "a real U+FFFD": "\ufffd", "bytes": []byte(bad), "a type that encodes itself": &alias{"Müller"},
		"a real U+FFFD of a model": map[string]any{"a": account{ID: "\ufffd"}, "b": &account{ID: "\ufffd"}}, "one in raw JSON": json.RawMessage(`"\ufffd"`), "nothing": nil,
		"an escape": `\ufffd`, "a circle that is not written": loop, "a nil pointer": (*invalid)(nil), "nil within": []any{nil, (*string)(nil), textOf("x")},
	} {
		if _, err := wire.Marshal(encodeFunc(func(e *wire.Encoder) { e.Any(v) })); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
