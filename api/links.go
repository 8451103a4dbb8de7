package api

import (
	"log/slog"
	"maps"
	"slices"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// Links are the relations of a resource by name, for a schema that does not
// name its own.
type Links map[string]Link[Object]

// Get returns the link of relation rel. It reports false where the relation is
// absent or leads nowhere; for an action that means it is not allowed now.
func (l Links) Get(rel string) (Link[Object], bool) {
	link := l[rel]
	return link, !link.IsZero()
}

// LogValue logs the names of the relations.
func (l Links) LogValue() slog.Value {
	return slog.AnyValue(slices.Sorted(maps.Keys(l)))
}

// DecodeWire reads an object of links; null and an empty object give nil.
func (l *Links) DecodeWire(d *wire.Decoder) {
	*l = nil
	if !d.BeginObject() {
		return
	}
	for d.NextMember() {
		rel := string(d.Key())
		if _, ok := (*l)[rel]; ok {
			d.Fail("duplicate member")
			return
		}
		var link Link[Object]
		link.DecodeWire(d)
		if !d.Entry(len(*l), sizeOfRelation+len(rel)) {
			return
		}
		if *l == nil {
			*l = Links{}
		}
		(*l)[rel] = link
	}
}

// sizeOfRelation is what an entry of Links takes, in bytes.
const sizeOfRelation = 80

// EncodeWire writes an object with the relations in order of their names.
func (l *Links) EncodeWire(e *wire.Encoder) {
	e.BeginObject()
	for _, rel := range slices.Sorted(maps.Keys(*l)) {
		link := (*l)[rel]
		e.KeyString(rel)
		link.EncodeWire(e)
	}
	e.EndObject()
}

// MarshalJSON implements [encoding/json.Marshaler].
func (l Links) MarshalJSON() ([]byte, error) { return wire.Marshal(&l) }

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (l *Links) UnmarshalJSON(data []byte) error { return wire.UnmarshalJSON(data, l) }
