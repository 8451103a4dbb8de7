package wire

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Encoder writes one JSON document to memory, adding no white space. Its errors are sticky: after the first one
// nothing of what is written counts, so callers check once, with Bytes.
//
// Commas are its own business: Key and Element write them where they belong. An Encoder is not safe for
// concurrent use.
type Encoder struct {
	buf   []byte
	start int // of the document in buf
	depth int
	err   *EncodeError
}

// NewEncoder returns an Encoder that appends to buf, which may be nil.
func NewEncoder(buf []byte) *Encoder {
	return &Encoder{buf: buf, start: len(buf)}
}

// Reset makes e ready to append another document to buf, which may be nil.
func (e *Encoder) Reset(buf []byte) {
	*e = Encoder{buf: buf, start: len(buf)}
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

// validAt reports whether the U+FFFD found at s[i] is really there, rather than a stand-in for an invalid byte.
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
func (e *Encoder) Raw(r json.RawMessage) {
	if r == nil {
		e.Null()
		return
	}
	d := Decoder{data: r, depth: min(e.depth, maxDepth)}
	d.Skip()
	d.end()
	if d.err != nil {
		e.fail("invalid raw value: "+d.err.Problem, nil)
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
	if replaced(raw) {
		e.fail(problemUTF8, nil)
		return
	}
	e.Raw(raw)
}

// Mark returns the current position, to be given to DropEmpty or Members.
func (e *Encoder) Mark() int { return len(e.buf) }
