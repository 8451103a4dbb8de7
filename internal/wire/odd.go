package wire

import (
	"encoding/json"
	"maps"
	"reflect"
)

// This file reads what is around a value that cannot be read.
//
// A value can also be odd: it can be read, but its place cannot hold it exactly, such as a text with half of a surrogate
// pair, or 42 where metadata has texts. Then its exact text is kept among the unknown members of its model, under its own
// name, and the encoder writes that back as long as the place holds what was read.

// An OddEntry is an entry of a page that cannot be read.
type OddEntry struct {
	Index int
	Raw   json.RawMessage
	Err   error // a *DecodeError
}

// maxOddEntries is how many entries of a page may be odd: a page of the largest size.
const maxOddEntries = maxRoom

// pageDepth is how deep the list of a page is: in _embedded, which is in the page.
const pageDepth = 2

// UnmarshalPage is Unmarshal for a page of a list, but returns the entries that cannot be read. They are zero in the list.
func UnmarshalPage(data []byte, page any) (odd []OddEntry, err error) {
	err = unmarshal(data, page, &odd)
	return odd, err
}

// entry reads an entry of a page where an object is due. If it cannot be read, its place stays zero.
func (d *Decoder) entry(at Model, n int, due string) {
	data, pos, depth, first := d.data, d.pos, d.depth, d.first
	if due == "an object" && d.Kind() == '{' {
		d.model(at)
	} else {
		d.expected(due)
	}
	if d.err == nil || len(*d.apart) == maxOddEntries {
		return
	}
	failed := d.err
	d.data, d.pos, d.depth, d.first, d.odd, d.err = data, pos, depth, first, "", nil
	if raw := d.Raw(); d.err == nil {
		reflect.ValueOf(at).Elem().SetZero()
		*d.apart = append(*d.apart, OddEntry{n, raw, failed})
	}
}

// Salvage is Unmarshal, but keeps a member that cannot be read, or that comes twice, among the unknown ones. The model has
// to be zero.
func Salvage(data []byte, m Model) error {
	d := NewDecoder(data)
	if d.Kind() != '{' {
		d.expected("an object")
	}
	fields, places := m.WireTable().Fields, m.WirePlaces(nil)
	unknown, seen := places[len(fields)].(*Members), map[string]bool{}
	for d.BeginObject(); d.NextMember(); {
		name := string(d.Key())
		again, raw := seen[name], d.Raw()
		seen[name] = true
		if i := find(fields, []byte(name), 0); i >= 0 {
			if fields[i].Kind == Const {
				continue
			}
			d.odd = ""
			fits := !again && d.Part(raw, &aliased{places[i], &fields[i]}) == nil
			if !fits {
				setZero(places[i])
			} else if d.odd == "" {
				continue
			}
		}
		d.put(unknown, name, raw)
	}
	d.end()
	return d.Err()
}

// setZero empties a place.
func setZero(place any) {
	v := reflect.ValueOf(place)
	if v.Kind() != reflect.Pointer { // a PointerTo
		v = v.Field(0)
	}
	v.Elem().SetZero()
}

// oddMembers takes from the unknown members those that are the text of what a place holds still. In a request they are
// texts only: what else is odd is not sent.
func (e *Encoder) oddMembers(fields []Field, places []any, unknown Members) (rest Members, odd map[int]json.RawMessage) {
	rest = unknown
	for name, raw := range unknown {
		i := find(fields, []byte(name), 0)
		if i < 0 || e.request && fields[i].Kind != String && fields[i].Kind != Interned || !holds(places[i], &fields[i], raw) {
			continue
		}
		if odd == nil {
			odd, rest = map[int]json.RawMessage{}, maps.Clone(unknown)
		}
		odd[i] = raw
		delete(rest, name)
	}
	return rest, odd
}

// holds reports whether a place holds what is read from a text.
func holds(at any, f *Field, text json.RawMessage) bool {
	if optional, ok := at.(Optional); ok {
		at, f = optional.Get(), &Field{Kind: f.Elem}
	}
	if at == nil {
		return false
	}
	fresh := reflect.New(reflect.TypeOf(at).Elem()).Interface()
	return NewDecoder(text).Part(text, &aliased{fresh, f}) == nil && reflect.DeepEqual(fresh, at)
}
