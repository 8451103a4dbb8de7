package api

import (
	"encoding/json"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// DecodeWire reads an object; null gives the zero Money. The text of value is
// kept as it is, whether it is a string or a number.
func (m *Money) DecodeWire(d *wire.Decoder) {
	*m = Money{}
	if !d.BeginObject() {
		return
	}
	var seen [1]uint64
	for d.NextMember() {
		switch string(d.Key()) {
		case "value":
			d.Once(&seen[0], 0)
			m.Value, m.number = d.NumberOrString()
		case "currency":
			d.Once(&seen[0], 1)
			m.Currency = d.Interned()
		default:
			d.Member((*wire.Members)(&m.Extra))
		}
	}
}

// EncodeWire writes an object, with value as it came: a string, or a number
// where Dwolla wrote one.
func (m *Money) EncodeWire(e *wire.Encoder) {
	start := e.Mark()
	e.BeginObject()
	if m.Value != "" {
		e.Key(`"value":`)
		m.encodeValue(e)
	}
	if m.Currency != "" {
		e.Key(`"currency":`)
		e.String(m.Currency)
	}
	e.Members(start, wire.Members(m.Extra))
	e.EndObject()
}

func (m *Money) encodeValue(e *wire.Encoder) {
	if m.number {
		e.Number(json.Number(m.Value))
		return
	}
	e.String(m.Value)
}

// MarshalJSON implements [json.Marshaler].
func (m Money) MarshalJSON() ([]byte, error) { return wire.Marshal(&m) }

// UnmarshalJSON implements [json.Unmarshaler].
func (m *Money) UnmarshalJSON(data []byte) error { return wire.UnmarshalJSON(data, m) }
