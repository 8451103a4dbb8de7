package wire

import "unicode/utf8"

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
// document in what it returns, except in Key.
type Decoder struct {
	data    []byte // empty after an error, which is what makes errors sticky
	pos     int
	depth   int
	first   bool   // no member or element of the innermost object or array has been read yet
	key     []byte // of the current member
	scratch []byte // for strings with escapes
	names   *names
	err     *DecodeError
}

// NewDecoder returns a Decoder of data, which must not change while it is in use.
func NewDecoder(data []byte) *Decoder {
	return &Decoder{data: data}
}

// Reset makes d ready to read data, keeping its buffers.
func (d *Decoder) Reset(data []byte) {
	*d = Decoder{data: data, scratch: d.scratch, names: d.names}
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

// maxElements bounds the entries of an array of models and of a map: an empty object of three bytes becomes a struct of
// hundreds.
const maxElements = 10_000

// Bound fails when an array or a map that holds n entries already has one more, and n is the most there may be.
func (d *Decoder) Bound(n int) {
	if n == maxElements {
		d.Fail("too many elements")
	}
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

// found names the sort of thing at the current position.
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
