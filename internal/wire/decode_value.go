package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
)

// This file has what a Decoder reads besides objects and arrays: strings, numbers, maps, and values that are kept as they
// stand.

// String reads a string; null is "". Invalid UTF-8 and lone surrogates are U+FFFD; control characters are errors.
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

// Int reads an integer, also as 2.0 or "2"; null is 0. Another fraction, an exponent and a number that does not fit an int
// are errors.
func (d *Decoder) Int() int { return int(d.integer(strconv.IntSize)) }

// Int64 is Int for 64 bits.
func (d *Decoder) Int64() int64 { return d.integer(64) }

func (d *Decoder) integer(bits int) int64 {
	var text []byte
	kind, start := d.Kind(), d.pos
	switch kind {
	case '0':
		text = d.number()
	case '"':
		if text = d.text(); numberEnd(text, 0) != len(text) {
			d.fail(start, "expected an integer, found a string")
			return 0
		}
	default:
		d.nullOr("an integer")
		return 0
	}
	whole, fraction, _ := bytes.Cut(text, []byte("."))
	if len(bytes.Trim(fraction, "0")) > 0 {
		whole = text
	}
	n, err := strconv.ParseInt(string(whole), 10, bits)
	switch {
	case err == nil:
		if kind == '"' || len(whole) < len(text) {
			d.odd = problemForm
		}
		return n
	case errors.Is(err, strconv.ErrRange):
		d.fail(start, "integer out of range")
	default:
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
	data, start, odd := d.data, d.pos, d.odd
	d.Skip()
	d.odd = odd // the text is kept exactly
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

// StringMap reads an object of strings; null is nil. A member that is no string gives its JSON text, but a null "", and what
// is no object gives nil. A duplicate member is an error.
func (d *Decoder) StringMap() map[string]string {
	if kind := d.Kind(); kind != '{' && kind != 'n' {
		d.Skip()
		d.odd = problemForm
		return nil
	}
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
		m[key] = d.valueText()
	}
	if d.err != nil {
		return nil
	}
	return m
}

func (d *Decoder) valueText() string {
	if d.peek() == '"' {
		return d.String()
	}
	text := d.View()
	d.odd = problemForm
	if string(text) == "null" {
		return ""
	}
	return d.copyText(text)
}

// Member reads the value of the current member into m under its name, making the map if there is none. A name
// that m already holds is a duplicate member, which is an error.
func (d *Decoder) Member(m *Members) {
	key := d.intern(d.Key())
	if _, dup := (*m)[key]; dup {
		d.Fail(problemDuplicate)
	}
	d.put(m, key, d.Raw())
}

func (d *Decoder) put(m *Members, name string, raw json.RawMessage) {
	if !d.Entry(len(*m), sizeOfString+sizeOfSlice) {
		return
	}
	if *m == nil {
		*m = make(Members)
	}
	(*m)[name] = raw
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
