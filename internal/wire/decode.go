package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// This file is organised from the outside in: the Decoder; reading a Go value by its type (Value, models, places); the
// structure of a document (objects, arrays). decode_value.go goes on with strings, numbers and the other values.

// What a document is refused for although the JSON grammar may allow it.
const (
	problemDuplicate = "duplicate member"
	problemUTF8      = "string is not valid UTF-8"
	problemSurrogate = "lone surrogate in a string"
	problemDepth     = "nested too deeply"
)

// problemEnd is for a document that stops too early.
const problemEnd = "unexpected end of input"

// problemForm is for a value that can be read, but not in the form that its place has: the third problem besides
// problemUTF8 and problemSurrogate that only makes a value odd.
const problemForm = "not in its form"

// Decoder reads one JSON document from memory. Its errors are sticky: after the first one every method returns
// the zero value of its result and every loop ends, so callers check Err once, at the end.
//
// Each value is to be read exactly once. A Decoder is not safe for concurrent use. It keeps no reference to the
// document in what it returns, except in Key and View.
type Decoder struct {
	data    []byte // empty after an error, which is what makes errors sticky
	pos     int
	depth   int
	first   bool   // no member or element of the innermost object or array has been read yet
	key     []byte // of the current member
	scratch []byte // for strings with escapes
	strings *interned
	places  []any       // of the models being read, the outermost first
	used    int         // how much of places was ever in use
	heap    int         // how many bytes more may be allocated for what is read
	inList  bool        // in an array of models
	apart   *[]OddEntry // where the entries of a page go that cannot be read; nil is nowhere
	odd     string      // why the place of the member being read will not hold exactly what is there
	err     *DecodeError
}

// NewDecoder returns a Decoder of data, which must not change while it is in use.
func NewDecoder(data []byte) *Decoder {
	return &Decoder{data: data, heap: heapFor(data)}
}

// Reset makes d ready to read data, keeping its buffers.
func (d *Decoder) Reset(data []byte) {
	*d = Decoder{data: data, heap: heapFor(data), scratch: d.scratch, strings: d.strings, places: d.places[:0]}
}

// Err returns the first problem, a *DecodeError, or nil.
func (d *Decoder) Err() error {
	if d.err == nil {
		return nil
	}
	return d.err
}

// Fail reports a problem at the current position. The message must not contain values of the document.
func (d *Decoder) Fail(msg string) { d.fail(d.pos, msg) }

// Value reads the next value into v: a Model, an Unmarshaler, or a pointer as encoding/json takes it. Of what a Model held
// before, nothing is left.
func (d *Decoder) Value(v any) {
	switch v := v.(type) {
	case Model:
		d.replace(v)
	case Unmarshaler:
		v.DecodeWire(d)
	default:
		d.Any(v)
	}
}

func (d *Decoder) replace(m Model) {
	v := reflect.ValueOf(m)
	if v.IsNil() {
		d.Fail("no place for the value: nil pointer")
		return
	}
	v.Elem().SetZero()
	d.model(m)
}

// Part reads data, which is a part of the document that View has returned, into v. What that allocates counts as
// allocated by d, and an error in it is none of d.
func (d *Decoder) Part(data []byte, v Unmarshaler) error {
	inner, _ := decoders.Get().(*Decoder)
	inner.Reset(data)
	inner.heap = d.heap
	v.DecodeWire(inner)
	inner.end()
	d.heap = inner.heap
	err := inner.Err()
	if err == nil && inner.odd != "" {
		d.odd = inner.odd
	}
	inner.recycle()
	return err
}

func (d *Decoder) model(m Model) {
	if !d.BeginObject() {
		return
	}
	fields := m.WireTable().Fields
	outer := len(d.places)
	d.places = m.WirePlaces(d.places)
	places := d.places[outer:] // a nested model may move d.places, but changes nothing here
	d.used = max(d.used, len(d.places))
	var seen [MaxFields / 64]uint64
	for next := 0; d.NextMember(); next++ {
		if next = find(fields, d.key, next); next < 0 {
			d.Member(places[len(fields)].(*Members))
			d.odd = ""
			continue
		}
		d.Once(&seen[next/64], uint(next%64))
		if f := &fields[next]; f.Kind == Const {
			d.View()
		} else {
			start := d.pos
			d.member(places[next], f)
			if d.odd != "" && d.err == nil {
				d.odd = ""
				d.put(places[len(fields)].(*Members), f.name(), d.Copy(bytes.TrimLeft(d.data[start:d.pos], " \t\r\n")))
			}
		}
	}
	if unknown := places[len(fields)].(*Members); *unknown != nil {
		d.aliases(fields, places, *unknown, &seen)
	}
	d.places = d.places[:outer]
}

// member reads a member of a model. A [] in place of an object is an empty one, as PHP writes it.
func (d *Decoder) member(at any, f *Field) {
	if f.Kind == Nested && d.peek() == '[' {
		if rest := bytes.TrimLeft(d.data[d.pos+1:], " \t\r\n"); len(rest) > 0 && rest[0] == ']' {
			d.pos, d.odd = len(d.data)-len(rest)+1, problemForm
			return
		}
	}
	d.Place(at, f.Kind, f.Elem)
}

// aliases reads the members that came under another name only, and takes them from the unknown ones. What does not fit
// stays among those.
func (d *Decoder) aliases(fields []Field, places []any, unknown Members, seen *[MaxFields / 64]uint64) {
	for i := range fields {
		f := &fields[i]
		raw, there := unknown[f.Alias]
		if f.Alias == "" || !there || seen[i/64]&(1<<(i%64)) != 0 {
			continue
		}
		if d.Part(raw, &aliased{places[i], f}) == nil {
			delete(unknown, f.Alias)
			if d.odd != "" {
				unknown[f.name()], d.odd = raw, ""
			}
		}
	}
}

// aliased is the place of a member that came under another name.
type aliased struct {
	at any
	*Field
}

// DecodeWire implements Unmarshaler.
func (a *aliased) DecodeWire(d *Decoder) { d.member(a.at, a.Field) }

// find returns the field of that name, or -1. Members mostly come in the same order, so it looks at next first.
func find(fields []Field, name []byte, next int) int {
	for i := next; i < len(fields); i++ {
		if fields[i].is(name) {
			return i
		}
	}
	for i := range min(next, len(fields)) {
		if fields[i].is(name) {
			return i
		}
	}
	return -1
}

// is reports whether the field has that name.
func (f *Field) is(name []byte) bool {
	return len(f.Key) == len(name)+len(`"":`) && f.Key[1:1+len(name)] == string(name)
}

// name is the name of the field.
func (f *Field) name() string { return f.Key[1 : len(f.Key)-len(`":`)] }

// Place reads the next value into a place of that kind.
func (d *Decoder) Place(at any, kind, elem Kind) {
	switch kind {
	case String:
		*at.(*string) = d.String()
	case Interned:
		*at.(*string) = d.Interned()
	case Bool:
		*at.(*bool) = d.Bool()
	case Int:
		*at.(*int) = d.Int()
	case Int64:
		*at.(*int64) = d.Int64()
	case Number:
		*at.(*json.Number) = d.Number()
	case Raw:
		*at.(*json.RawMessage) = d.Raw()
	case StringMap:
		*at.(*map[string]string) = d.StringMap()
	case Nested:
		d.model(at.(Model))
	case Custom:
		at.(Unmarshaler).DecodeWire(d)
	case Array:
		d.elements(at.(Elements), elem)
	case StringList:
		d.stringList(at.(Strings))
	case Pointer:
		if d.Kind() == 'n' {
			d.Skip()
			return
		}
		if at := at.(Optional).New(d); at != nil {
			d.Place(at, elem, 0)
		}
	default:
		d.Any(at)
	}
}

func (d *Decoder) elements(list Elements, elem Kind) {
	list.Clear(d.Kind() == 'n')
	ofPage := d.apart != nil && elem == Nested && d.depth == pageDepth
	if ofPage && d.Kind() == '{' {
		if at := list.Add(d, -1); at != nil {
			d.entry(at.(Model), 0, "an array")
		}
		return
	}
	if !d.BeginArray() {
		return
	}
	start, outer := d.pos, d.inList
	if outer {
		start = -1
	}
	d.inList = true
	for n := 0; d.NextElement(); n++ {
		d.Bound(n)
		switch at := list.Add(d, start); {
		case at == nil:
		case ofPage:
			d.entry(at.(Model), n, "an object")
		default:
			d.Place(at, elem, 0)
		}
	}
	d.inList = outer
}

func (d *Decoder) stringList(list Strings) {
	list.Clear(d.Kind() == 'n')
	if !d.BeginArray() {
		return
	}
	for n := 0; d.NextElement(); n++ {
		d.Bound(n)
		list.AddString(d, d.Interned())
	}
}

// BeginObject enters an object and returns true. It reads a null and returns false; anything else is an error.
func (d *Decoder) BeginObject() bool { return d.begin('{', "an object") }

// BeginArray enters an array and returns true. It reads a null and returns false; anything else is an error.
func (d *Decoder) BeginArray() bool { return d.begin('[', "an array") }

func (d *Decoder) begin(bracket byte, what string) bool {
	if d.peek() != bracket {
		d.nullOr(what)
		return false
	}
	if d.depth == maxDepth {
		d.Fail(problemDepth)
		return false
	}
	d.pos++
	d.depth++
	d.first = true
	return true
}

// NextMember moves to the value of the next member of the object and returns true. At the end of the object,
// which it leaves, and after an error it returns false.
func (d *Decoder) NextMember() bool {
	if !d.next('}', "a comma or the end of an object") {
		return false
	}
	if d.peek() != '"' {
		d.expected("a member name")
		return false
	}
	d.key = d.text()
	if d.peek() != ':' {
		d.expected("a colon")
		return false
	}
	d.pos++
	return true
}

// NextElement moves to the next element of the array and returns true. At the end of the array, which it leaves,
// and after an error it returns false.
func (d *Decoder) NextElement() bool {
	return d.next(']', "a comma or the end of an array")
}

// next passes the comma before a member or element, or leaves the object or array at its closing bracket.
func (d *Decoder) next(bracket byte, what string) bool {
	c := d.peek()
	if c == bracket {
		d.pos++
		d.depth--
		d.first = false
		return false
	}
	if d.first {
		d.first = false
		return true
	}
	if c != ',' {
		d.expected(what)
		return false
	}
	d.pos++
	return true
}

// Key returns the name of the current member without quotes and escapes. It is valid until the next call.
func (d *Decoder) Key() []byte { return d.key }

// Once marks bit (0 to 63) in seen as the current member's. A bit that is set already is a duplicate member, which
// is an error.
func (d *Decoder) Once(seen *uint64, bit uint) {
	mask := uint64(1) << (bit & 63)
	if *seen&mask != 0 {
		d.Fail(problemDuplicate)
	}
	*seen |= mask
}

// Kind returns what the next value starts with, without reading it: one of { [ " t f n, or 0 (the digit) for any
// number. It is the byte 0 at the end, after an error, and where no value can start.
func (d *Decoder) Kind() byte {
	switch c := d.peek(); c {
	case '{', '[', '"', 't', 'f', 'n':
		return c
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return '0'
	default:
		return 0
	}
}
