package api

import (
	"fmt"
	"log/slog"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// Object is a HAL resource of no particular type: what a link leads to when
// nothing says more. Every member except _links is in Extra.
type Object struct {
	Links Links
	Extra Extra
}

// Decode converts the whole object into v, a pointer as for
// [encoding/json.Unmarshal].
func (o Object) Decode(v any) error {
	data, err := wire.Marshal(&o)
	if err != nil {
		return err
	}
	return decodeInto(data, v)
}

// IsZero reports whether the object has no members.
func (o Object) IsZero() bool { return len(o.Links) == 0 && len(o.Extra) == 0 }

// String lists the names of the members, never their values.
func (o Object) String() string { return fmt.Sprintf("dwolla.Object%v", o.Extra) }

// Format writes String, whatever the verb.
func (o Object) Format(s fmt.State, _ rune) { write(s, o.String()) }

// LogValue logs the names of relations and members, never values.
func (o Object) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("links", o.Links), slog.Any("members", o.Extra))
}

// DecodeWire reads an object; null gives the zero Object.
func (o *Object) DecodeWire(d *wire.Decoder) {
	*o = Object{}
	if !d.BeginObject() {
		return
	}
	var seen [1]uint64
	for d.NextMember() {
		switch string(d.Key()) {
		case "_links":
			d.Once(&seen[0], 0)
			o.Links.DecodeWire(d)
		default:
			d.Member((*wire.Members)(&o.Extra))
		}
	}
}

// EncodeWire writes the object, without _links where there are none.
func (o Object) EncodeWire(e *wire.Encoder) {
	start := e.Mark()
	e.BeginObject()
	if len(o.Links) != 0 {
		e.Key(`"_links":`)
		o.Links.EncodeWire(e)
	}
	e.Members(start, wire.Members(o.Extra))
	e.EndObject()
}

// MarshalJSON implements [encoding/json.Marshaler].
func (o Object) MarshalJSON() ([]byte, error) { return wire.Marshal(o) }

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (o *Object) UnmarshalJSON(data []byte) error { return wire.UnmarshalJSON(data, o) }
