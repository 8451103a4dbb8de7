package wire_test

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// tree is any JSON value, as encoding/json with UseNumber has it, read and written through every basic method.
type tree struct{ v any }

func (t *tree) DecodeWire(d *wire.Decoder) {
	switch d.Kind() {
	case '{':
		members := map[string]any{}
		for d.BeginObject(); d.NextMember(); {
			name := string(d.Key())
			if _, dup := members[name]; dup {
				d.Fail("duplicate member")
			}
			var value tree
			value.DecodeWire(d)
			members[name] = value.v
		}
		t.v = members
	case '[':
		elements := []any{}
		for d.BeginArray(); d.NextElement(); {
			var element tree
			element.DecodeWire(d)
			elements = append(elements, element.v)
		}
		t.v = elements
	case '"':
		t.v = d.String()
	case '0':
		t.v = d.Number()
	case 't', 'f':
		t.v = d.Bool()
	default:
		d.Skip() // a null, or an error
		t.v = nil
	}
}

func (t *tree) EncodeWire(e *wire.Encoder) {
	switch v := t.v.(type) {
	case map[string]any:
		e.BeginObject()
		for _, name := range slices.Sorted(maps.Keys(v)) {
			e.KeyString(name)
			(&tree{v[name]}).EncodeWire(e)
		}
		e.EndObject()
	case []any:
		e.BeginArray()
		for _, element := range v {
			e.Element()
			(&tree{element}).EncodeWire(e)
		}
		e.EndArray()
	case string:
		e.String(v)
	case json.Number:
		e.Number(v)
	case bool:
		e.Bool(v)
	default:
		e.Null()
	}
}

// decodeFunc and encodeFunc make a codec of a function, for tests of one method.
type decodeFunc func(d *wire.Decoder)

func (f decodeFunc) DecodeWire(d *wire.Decoder) { f(d) }

type encodeFunc func(e *wire.Encoder)

func (f encodeFunc) EncodeWire(e *wire.Encoder) { f(e) }
