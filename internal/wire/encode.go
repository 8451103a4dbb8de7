package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"
)

// This file is organised from the outside in: the Encoder; writing a Go value by its type (Value, models, places); the
// structure of a document (objects, arrays); strings, numbers and the other values; maps and unknown members.

// Encoder writes one JSON document to memory, adding no white space. Its errors are sticky: after the first one
// nothing of what is written counts, so callers check once, with Bytes.
//
// Key and Element write the commas. An Encoder is not safe for concurrent use.
type Encoder struct {
	buf   []byte
	start int // of the document in buf
	depth int
	err   *EncodeError

	request bool

	places []any // of the models being written, the outermost first
	used   int   // how much of places was ever in use
}

// NewEncoder returns an Encoder that appends to buf, which may be nil.
func NewEncoder(buf []byte) *Encoder {
	return &Encoder{buf: buf, start: len(buf)}
}

// Reset makes e ready to append another document to buf, which may be nil.
func (e *Encoder) Reset(buf []byte) {
	*e = Encoder{buf: buf, start: len(buf), places: e.places[:0]}
}

// Bytes returns the buffer with what was appended to it, or nil and the first problem, a *EncodeError.
func (e *Encoder) Bytes() ([]byte, error) {
	if e.err != nil {
		return nil, e.err
	}
	return e.buf, nil
}

// Fail reports a problem of the value that is about to be written; nil is none. The error's text must not contain
// the value.
func (e *Encoder) Fail(err error) {
	if err != nil {
		e.fail(err.Error(), err)
	}
}

func (e *Encoder) fail(problem string, cause error) {
	if e.err == nil {
		e.err = &EncodeError{Path: pointer(e.buf[e.start:]), Problem: problem, cause: cause}
	}
}

// IsRequest reports whether what is written is the body of a request. Some values are stricter there than where they
// are written as they came.
func (e *Encoder) IsRequest() bool { return e.request }

// Value writes v: a Model, a Marshaler, or a model that is not a pointer. Anything else is written as Any does.
func (e *Encoder) Value(v any) {
	switch v := v.(type) {
	case Model:
		e.model(v)
	case Marshaler:
		v.EncodeWire(e)
	default:
		if m, ok := modelOf(v); ok {
			e.model(m)
			return
		}
		e.Any(v)
	}
}

// modelOf returns a pointer to a copy of v if that is a Model.
func modelOf(v any) (Model, bool) {
	from := reflect.ValueOf(v)
	if from.Kind() != reflect.Struct {
		return nil, false
	}
	to := reflect.New(from.Type())
	m, ok := to.Interface().(Model)
	to.Elem().Set(from)
	return m, ok
}

func (e *Encoder) model(m Model) {
	table := m.WireTable()
	if table.Direct {
		if direct, ok := m.(Direct); ok { // a type defined over a Direct has its table, but not its method
			direct.WriteWire(e)
			return
		}
	}
	e.ByTable(m)
}

// ByTable writes a model by its table, also one that is a Direct.
func (e *Encoder) ByTable(m Model) {
	table := m.WireTable()
	outer := len(e.places)
	e.places = m.WirePlaces(e.places)
	places := e.places[outer:] // a nested model may move e.places, but changes nothing here
	e.used = max(e.used, len(e.places))
	unknown, odd := *places[len(table.Fields)].(*Members), map[int]json.RawMessage(nil)
	if len(unknown) > 0 {
		unknown, odd = e.oddMembers(table.Fields, places, unknown)
	}
	start := e.Mark()
	e.BeginObject()
	for i := range table.Fields {
		f := &table.Fields[i]
		if odd != nil && odd[i] != nil {
			e.Key(f.Key)
			e.raw(odd[i], true)
			continue
		}
		if f.Kind == Const {
			e.Key(f.Key)
			e.buf = append(e.buf, f.Const...)
			continue
		}
		e.member(places[i], f)
	}
	e.Members(start, unknown)
	e.EndObject()
	e.places = e.places[:outer]
}

// member writes the member of a field unless it is zero.
func (e *Encoder) member(at any, f *Field) {
	switch f.Kind {
	case String, Interned:
		if text := *at.(*string); text != "" {
			e.Key(f.Key)
			e.String(text)
		}
	case Bool:
		if flag := *at.(*bool); flag || f.Required {
			e.Key(f.Key)
			e.Bool(flag)
		}
	case Int:
		if n := *at.(*int); n != 0 || f.Required {
			e.Key(f.Key)
			e.Int(n)
		}
	case Int64:
		if n := *at.(*int64); n != 0 || f.Required {
			e.Key(f.Key)
			e.Int64(n)
		}
	case Number:
		if n := *at.(*json.Number); n != "" {
			e.Key(f.Key)
			e.Number(n)
		}
	case Pointer:
		if target := at.(Optional).Get(); target != nil {
			e.Key(f.Key)
			e.Place(target, f.Elem, 0)
		}
	case Raw:
		if raw := *at.(*json.RawMessage); len(raw) > 0 {
			e.Key(f.Key)
			e.raw(raw, true)
		}
	case StringMap:
		if m := *at.(*map[string]string); len(m) > 0 {
			e.Key(f.Key)
			e.StringMap(m)
		}
	default: // whether it is empty shows when it is written
		mark := e.Mark()
		e.Key(f.Key)
		e.Place(at, f.Kind, f.Elem)
		e.DropEmpty(mark)
	}
}

// Place writes what a place of that kind holds.
func (e *Encoder) Place(at any, kind, elem Kind) {
	switch kind {
	case String, Interned:
		e.String(*at.(*string))
	case Bool:
		e.Bool(*at.(*bool))
	case Int:
		e.Int(*at.(*int))
	case Int64:
		e.Int64(*at.(*int64))
	case Number:
		e.Number(*at.(*json.Number))
	case Raw:
		e.raw(*at.(*json.RawMessage), true)
	case StringMap:
		e.StringMap(*at.(*map[string]string))
	case Nested:
		e.model(at.(Model))
	case Custom:
		at.(Marshaler).EncodeWire(e)
	case Array:
		list := at.(Elements)
		e.BeginArray()
		for i := range list.Len() {
			e.Element()
			e.Place(list.At(i), elem, 0)
		}
		e.EndArray()
	case StringList:
		list := at.(Strings)
		e.BeginArray()
		for i := range list.Len() {
			e.Element()
			e.String(list.StringAt(i))
		}
		e.EndArray()
	default:
		e.Any(at)
	}
}

// BeginObject starts an object.
func (e *Encoder) BeginObject() { e.begin('{') }

// EndObject ends the object that was started last.
func (e *Encoder) EndObject() { e.end('}') }

// BeginArray starts an array.
func (e *Encoder) BeginArray() { e.begin('[') }

// EndArray ends the array that was started last.
func (e *Encoder) EndArray() { e.end(']') }

func (e *Encoder) begin(bracket byte) {
	if e.depth++; e.depth > maxDepth {
		e.fail(problemDepth, nil)
	}
	e.buf = append(e.buf, bracket)
}

func (e *Encoder) end(bracket byte) {
	e.depth--
	e.buf = append(e.buf, bracket)
}

// Key starts a member with a name that is quoted and followed by a colon already, such as `"id":`.
func (e *Encoder) Key(quoted string) {
	e.buf = append(comma(e.buf, '{'), quoted...)
}

// KeyString starts a member. A name that is not valid UTF-8 is an error.
func (e *Encoder) KeyString(name string) {
	e.buf = comma(e.buf, '{')
	e.String(name)
	e.buf = append(e.buf, ':')
}

// Element starts an element of an array.
func (e *Encoder) Element() {
	if free := cap(e.buf) - len(e.buf); free < len(e.buf)/16 {
		e.buf = slices.Grow(e.buf, len(e.buf)) // append alone would copy a large document many times over
	}
	e.buf = comma(e.buf, '[')
}

// comma appends a comma unless the bracket, which no value ends with, was written last.
func comma(buf []byte, bracket byte) []byte {
	if n := len(buf); n > 0 && buf[n-1] != bracket {
		return append(buf, ',')
	}
	return buf
}

// String writes a string. One that is not valid UTF-8 is an error.
func (e *Encoder) String(s string) {
	buf := e.buf
	buf = append(buf, '"')
	start := len(buf)
	buf = append(buf, s...)
	if special(buf, start) < len(buf) {
		e.buf = buf[:start]
		e.escape(s)
		buf = e.buf
	}
	buf = append(buf, '"')
	e.buf = buf
}

// escape appends s with the escapes that RFC 8259 demands, no others.
func (e *Encoder) escape(s string) {
	const hex = "0123456789abcdef"
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			e.buf = append(e.buf, '\\', byte(r))
		case r == '\n':
			e.buf = append(e.buf, '\\', 'n')
		case r == '\r':
			e.buf = append(e.buf, '\\', 'r')
		case r == '\t':
			e.buf = append(e.buf, '\\', 't')
		case r < ' ':
			e.buf = append(e.buf, '\\', 'u', '0', '0', hex[r>>4], hex[r&0xf])
		case r == utf8.RuneError && !validAt(s, i):
			e.fail(problemUTF8, nil)
			return
		default:
			e.buf = utf8.AppendRune(e.buf, r)
		}
	}
}

// validAt reports whether s has a U+FFFD at i, and not an invalid byte, for which a range loop gives the same rune.
func validAt(s string, i int) bool {
	_, n := utf8.DecodeRuneInString(s[i:])
	return n > 1
}

// Bool writes true or false.
func (e *Encoder) Bool(b bool) { e.buf = strconv.AppendBool(e.buf, b) }

// Int writes an integer.
func (e *Encoder) Int(i int) { e.Int64(int64(i)) }

// Int64 writes an integer.
func (e *Encoder) Int64(i int64) { e.buf = strconv.AppendInt(e.buf, i, 10) }

// Null writes a null.
func (e *Encoder) Null() { e.buf = append(e.buf, "null"...) }

// Number writes a number as it stands; "" is null. Text that is not a JSON number is an error.
func (e *Encoder) Number(n json.Number) {
	if n == "" {
		e.Null()
		return
	}
	start := len(e.buf)
	e.buf = append(e.buf, n...)
	if numberEnd(e.buf, start) != len(e.buf) {
		e.buf = e.buf[:start]
		e.fail("invalid number", nil)
	}
}

// Raw writes a JSON value as it stands; nil is null. Anything but one syntactically valid value that nests no
// deeper than allowed is an error.
func (e *Encoder) Raw(r json.RawMessage) { e.raw(r, false) }

// raw is Raw. What was read may have half of a surrogate pair and, unless it is sent, invalid UTF-8.
func (e *Encoder) raw(r json.RawMessage, wasRead bool) {
	if r == nil {
		e.Null()
		return
	}
	d := Decoder{data: r, depth: min(e.depth, maxDepth), heap: heapFor(r)}
	d.Skip()
	d.end()
	problem := d.odd
	switch {
	case d.err != nil:
		problem = d.err.Problem
	case wasRead && (!e.request || utf8.Valid(r)):
		problem = ""
	}
	if problem != "" {
		e.fail("invalid raw value: "+problem, nil)
		return
	}
	e.buf = append(e.buf, r...)
}

// Any writes v by means of encoding/json, without HTML escaping. It is for types that cannot encode themselves
// member by member. A value that encoding/json cannot encode, and a string that is not valid UTF-8, are errors.
func (e *Encoder) Any(v any) {
	raw, err := marshalAny(v)
	if err != nil {
		// The error's own text may quote the value.
		e.fail(fmt.Sprintf("cannot encode a %T", v), err)
		return
	}
	if !validStrings(v) {
		e.fail(problemUTF8, nil)
		return
	}
	e.Raw(raw)
}

// StringMap writes an object of strings, sorted by name; nil is an empty one. A name or value that is not valid
// UTF-8 is an error.
func (e *Encoder) StringMap(m map[string]string) {
	e.BeginObject()
	if len(m) <= fewNames {
		e.smallMap(m)
	} else {
		for _, name := range sortedNames(nil, m) {
			e.KeyString(name)
			e.String(m[name])
		}
	}
	e.EndObject()
}

// smallMap writes the members of a map that is sorted while it is read, which saves looking them up again.
func (e *Encoder) smallMap(m map[string]string) {
	var pairs [fewNames]struct{ name, value string }
	n := 0
	for name, value := range m {
		i := n
		for ; i > 0 && pairs[i-1].name > name; i-- {
			pairs[i] = pairs[i-1]
		}
		pairs[i].name, pairs[i].value = name, value
		n++
	}
	for i := range n {
		e.KeyString(pairs[i].name)
		e.String(pairs[i].value)
	}
}

// Mark returns the current position, to be given to DropEmpty or Members.
func (e *Encoder) Mark() int { return len(e.buf) }

// Members writes m, sorted by name, into the object that is open; start is the Mark from before its BeginObject.
// A name that the object already holds and a value that is not valid JSON are errors.
func (e *Encoder) Members(start int, m Members) {
	if len(m) == 0 || e.err != nil {
		return
	}
	if name, found := e.clash(start, m); found {
		e.KeyString(name)
		e.fail(problemDuplicate, nil)
		return
	}
	var small [fewNames]string
	for _, name := range sortedNames(small[:0], m) {
		e.KeyString(name)
		e.raw(m[name], true)
	}
}

// fewNames is the number of names that are sorted without an allocation.
const fewNames = 10

// sortedNames appends the names of m to names and sorts them.
func sortedNames[V any](names []string, m map[string]V) []string {
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// clash finds a name of m in the object that was begun at start and is still open.
func (e *Encoder) clash(start int, m Members) (name string, found bool) {
	d := Decoder{data: append(e.buf[start:], '}')} // beyond the end of buf, so that nothing is to be undone
	for d.BeginObject(); d.NextMember(); d.Skip() {
		if _, found := m[string(d.Key())]; found {
			return string(d.Key()), true
		}
	}
	return "", false
}

// DropEmpty cuts back to mark if the member written since has the value {} or [], and returns whether it did.
func (e *Encoder) DropEmpty(mark int) bool {
	written := e.buf[mark:]
	n := len(written)
	// No other value can end like this: the last member of an object is followed by the object's own bracket.
	if n < 3 || written[n-3] != ':' || written[n-2] != '{' && written[n-2] != '[' {
		return false
	}
	e.buf = e.buf[:mark]
	return true
}

// marshalAny is json.Marshal without HTML escaping. Releases of Go differ in whether they escape U+2028 and U+2029 in raw
// JSON, as they do in strings: a repeated request must have the same bytes.
func marshalAny(v any) (json.RawMessage, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	text := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	text = bytes.ReplaceAll(text, []byte("\u2028"), []byte(`\u2028`))
	return bytes.ReplaceAll(text, []byte("\u2029"), []byte(`\u2029`)), err
}
