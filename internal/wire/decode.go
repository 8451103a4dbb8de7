package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// This file is organised from the outside in: the Decoder; reading a Go value by its type (Value, models, places); the
// structure of a document (objects, arrays); strings, numbers and the other values; tokens.

// What a document is refused for although the JSON grammar may allow it.
const (
	problemDuplicate = "duplicate member"
	problemUTF8      = "string is not valid UTF-8"
	problemSurrogate = "lone surrogate in a string"
	problemDepth     = "nested too deeply"
)

// problemEnd is for a document that stops too early.
const problemEnd = "unexpected end of input"

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
	places  []any // of the models being read, the outermost first
	used    int   // how much of places was ever in use
	heap    int   // how many bytes more may be allocated for what is read
	inList  bool  // in an array of models
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
			continue
		}
		d.Once(&seen[next/64], uint(next%64))
		if f := &fields[next]; f.Kind == Const {
			d.Skip()
		} else {
			d.Place(places[next], f.Kind, f.Elem)
		}
	}
	if unknown := places[len(fields)].(*Members); *unknown != nil {
		d.aliases(fields, places, *unknown, &seen)
	}
	d.places = d.places[:outer]
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
		}
	}
}

// aliased is the place of a member that came under another name.
type aliased struct {
	at any
	*Field
}

// DecodeWire implements Unmarshaler.
func (a *aliased) DecodeWire(d *Decoder) { d.Place(a.at, a.Kind, a.Elem) }

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
		if at := list.Add(d, start); at != nil {
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

// String reads a string; null is "". Invalid UTF-8, lone surrogates and control characters are errors.
func (d *Decoder) String() string {
	if d.peek() != '"' {
		d.nullOr("a string")
		return ""
	}
	return d.copyText(d.text())
}

func (d *Decoder) copyText(text []byte) string {
	d.heap -= sizeOfText(text)
	return string(text)
}

// Interned reads a string of which there are few different ones (an enum value, a currency, a media type) as String
// does, and shares the memory of equal ones.
func (d *Decoder) Interned() string {
	if d.peek() != '"' {
		d.nullOr("a string")
		return ""
	}
	return d.intern(d.text())
}

// Bool reads true or false; null is false.
func (d *Decoder) Bool() bool {
	switch d.peek() {
	case 't':
		d.literal("true")
		return d.err == nil
	case 'f':
		d.literal("false")
	default:
		d.nullOr("a boolean")
	}
	return false
}

// Int reads an integer; null is 0. A fraction, an exponent and a number that does not fit an int are errors.
func (d *Decoder) Int() int { return int(d.integer(strconv.IntSize)) }

// Int64 reads an integer; null is 0. A fraction, an exponent and a number beyond 64 bits are errors.
func (d *Decoder) Int64() int64 { return d.integer(64) }

func (d *Decoder) integer(bits int) int64 {
	if d.Kind() != '0' {
		d.nullOr("an integer")
		return 0
	}
	start := d.pos
	n, err := strconv.ParseInt(string(d.number()), 10, bits)
	if err == nil {
		return n
	}
	if errors.Is(err, strconv.ErrRange) {
		d.fail(start, "integer out of range")
	} else {
		d.fail(start, "expected an integer, found another number")
	}
	return 0
}

// Number reads a number and returns its text as it stands; null is "".
func (d *Decoder) Number() json.Number {
	if d.Kind() != '0' {
		d.nullOr("a number")
		return ""
	}
	return json.Number(d.copyText(d.number()))
}

// NumberOrString reads a number or a string and returns its text, and whether it was a number; null is "" and false.
func (d *Decoder) NumberOrString() (text string, number bool) {
	switch d.Kind() {
	case '"':
		return d.copyText(d.text()), false
	case '0':
		text = d.copyText(d.number())
		return text, d.err == nil
	default:
		d.nullOr("a number or a string")
		return "", false
	}
}

// number reads the number that starts at the current position.
func (d *Decoder) number() []byte {
	end := numberEnd(d.data, d.pos)
	if end < 0 {
		d.Fail("invalid number")
		return nil
	}
	text := d.data[d.pos:end]
	d.pos = end
	return text
}

// Skip reads the next value, checks its syntax and drops it. Duplicate members in it are let pass.
func (d *Decoder) Skip() {
	switch d.Kind() {
	case '{':
		for d.BeginObject(); d.NextMember(); {
			d.Skip()
		}
	case '[':
		for d.BeginArray(); d.NextElement(); {
			d.Skip()
		}
	case '"':
		d.text()
	case '0':
		d.number()
	case 't', 'f':
		d.Bool()
	default:
		d.nullOr("a value")
	}
}

// Raw reads the next value as Skip does and returns a copy of its exact text.
func (d *Decoder) Raw() json.RawMessage { return d.Copy(d.View()) }

// View is Raw without the copy: what it returns is part of the document.
func (d *Decoder) View() json.RawMessage {
	d.peek()
	data, start := d.data, d.pos
	d.Skip()
	if d.err != nil {
		return nil
	}
	return data[start:d.pos:d.pos]
}

// Copy returns a copy of what View has returned.
func (d *Decoder) Copy(view json.RawMessage) json.RawMessage {
	if view == nil {
		return nil
	}
	d.heap -= sizeOfText(view)
	return bytes.Clone(view)
}

// StringMap reads an object whose members are all strings; null is nil. A duplicate member is an error.
func (d *Decoder) StringMap() map[string]string {
	if !d.BeginObject() {
		return nil
	}
	m := make(map[string]string)
	for d.NextMember() {
		key := d.intern(d.Key())
		if _, dup := m[key]; dup {
			d.Fail(problemDuplicate)
		}
		if !d.Entry(len(m), sizeOfString+sizeOfString) {
			break
		}
		m[key] = d.String()
	}
	if d.err != nil {
		return nil
	}
	return m
}

// Member reads the value of the current member into m under its name, making the map if there is none. A name
// that m already holds is a duplicate member, which is an error.
func (d *Decoder) Member(m *Members) {
	key := d.intern(d.Key())
	if _, dup := (*m)[key]; dup {
		d.Fail(problemDuplicate)
	}
	raw := d.Raw()
	if !d.Entry(len(*m), sizeOfString+sizeOfSlice) {
		return
	}
	if *m == nil {
		*m = make(Members)
	}
	(*m)[key] = raw
}

// Any reads the next value, null included, into v, which is a pointer. Numbers in an interface become json.Number. A
// *any and a *map[string]any are replaced; another type, which cannot decode itself member by member, is read by
// encoding/json, and inside it encoding/json's rules hold.
func (d *Decoder) Any(v any) {
	switch v := v.(type) {
	case *any:
		if v != nil && reflect.ValueOf(*v).Kind() != reflect.Pointer { // encoding/json decodes into what that points to
			if value := d.anyValue(); d.err == nil {
				*v = value
			}
			return
		}
	case *map[string]any:
		if v != nil && (d.Kind() == '{' || d.Kind() == 'n') {
			if value, _ := d.anyValue().(map[string]any); d.err == nil {
				*v = value
			}
			return
		}
	}
	d.peek()
	data, start := d.data, d.pos
	d.Skip()
	if d.err != nil {
		return
	}
	dec := json.NewDecoder(bytes.NewReader(data[start:d.pos]))
	dec.UseNumber()
	if err := dec.Decode(v); err != nil {
		d.fail(start, fmt.Sprintf("value does not fit %T", v)) // the error's own text may quote the value
	}
}

// anyValue reads the next value as encoding/json does into an any. Of duplicate members the last stands.
func (d *Decoder) anyValue() any {
	switch d.Kind() {
	case '{':
		return d.anyObject()
	case '[':
		return d.anyArray()
	case '"':
		d.Reserve(sizeOfString)
		return d.Interned()
	case '0':
		d.Reserve(sizeOfString)
		return d.Number()
	case 't', 'f':
		return d.Bool()
	default:
		d.nullOr("a value")
		return nil
	}
}

func (d *Decoder) anyObject() map[string]any {
	m := map[string]any{}
	d.Reserve(sizeOfMap)
	for d.BeginObject(); d.NextMember(); {
		name := d.intern(d.Key())
		value := d.anyValue()
		if !d.grow(len(m), sizeOfString+sizeOfString) {
			break
		}
		m[name] = value
	}
	return m
}

func (d *Decoder) anyArray() []any {
	list := []any{}
	d.Reserve(sizeOfSlice)
	for d.BeginArray(); d.NextElement(); {
		value := d.anyValue()
		if list = Grow(d, list); d.err == nil {
			list = append(list, value)
		}
	}
	return list
}

// end checks that nothing is left.
func (d *Decoder) end() {
	if d.peek(); d.pos < len(d.data) {
		d.Fail("data after the value")
	}
}

// peek skips white space and returns the byte that follows, or 0 at the end.
func (d *Decoder) peek() byte {
	if d.pos < len(d.data) {
		if c := d.data[d.pos]; c > ' ' {
			return c
		}
	}
	return d.skipSpace()
}

func (d *Decoder) skipSpace() byte {
	for ; d.pos < len(d.data); d.pos++ {
		switch c := d.data[d.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// text reads the string that starts at the current position and returns its unescaped content, which is valid
// until the next call.
func (d *Decoder) text() []byte {
	start := d.pos + 1
	if i := special(d.data, start); i < len(d.data) && d.data[i] == '"' {
		d.pos = i + 1
		return d.data[start:i]
	}
	return d.textSlow(start)
}

// textSlow is text for a string with escapes or beyond ASCII, or a malformed one.
func (d *Decoder) textSlow(start int) []byte {
	escaped := false
	for i := start; ; {
		i = special(d.data, i)
		if i == len(d.data) {
			d.fail(i, problemEnd)
			return nil
		}
		switch c := d.data[i]; {
		case c == '"':
			d.pos = i + 1
			if !escaped {
				return d.data[start:i]
			}
			if raw := d.data[start:i]; cap(d.scratch) < len(raw) {
				d.heap -= sizeOfText(raw)
				d.scratch = make([]byte, 0, len(raw))
			}
			d.scratch = unescape(d.scratch[:0], d.data[start:i])
			return d.scratch
		case c == '\\':
			n, problem := escapeLength(d.data[i:])
			if n == 0 {
				d.fail(i, problem)
				return nil
			}
			escaped = true
			i += n
		case c < ' ':
			d.fail(i, "control character in a string")
			return nil
		default:
			r, n := utf8.DecodeRune(d.data[i:])
			if r == utf8.RuneError && n == 1 {
				d.fail(i, problemUTF8)
				return nil
			}
			i += n
		}
	}
}

// literal reads word, which is true, false or null.
func (d *Decoder) literal(word string) {
	end := d.pos + len(word)
	if end > len(d.data) || string(d.data[d.pos:end]) != word {
		d.Fail("invalid literal")
		return
	}
	d.pos = end
}

// nullOr reads a null; anything else is an error that says what was expected.
func (d *Decoder) nullOr(what string) {
	if d.peek() != 'n' {
		d.expected(what)
		return
	}
	d.literal("null")
}

// expected fails at the next value or punctuation mark, which is not what was expected.
func (d *Decoder) expected(what string) {
	if d.peek(); d.pos >= len(d.data) {
		d.Fail(problemEnd)
		return
	}
	d.Fail("expected " + what + ", found " + d.found())
}

// found describes what is at the current position.
func (d *Decoder) found() string {
	switch d.Kind() {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	default:
		return "something else"
	}
}

// fail keeps the first problem and leaves nothing to read.
func (d *Decoder) fail(offset int, problem string) {
	if d.err != nil {
		return
	}
	d.err = &DecodeError{Offset: offset, Path: pointer(d.data[:offset]), Problem: problem}
	d.data, d.pos, d.key, d.first = nil, 0, nil, false
}
