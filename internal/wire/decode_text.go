package wire

import "unicode/utf8"

// This file is the lexical part of a Decoder: white space, the text of strings, literals, and its errors.

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
	escaped, odd := false, ""
	for i := start; ; {
		i = special(d.data, i)
		if i == len(d.data) {
			d.fail(i, problemEnd)
			return nil
		}
		switch c := d.data[i]; {
		case c == '"':
			d.pos = i + 1
			if !escaped && odd == "" {
				return d.data[start:i]
			}
			return d.unescaped(d.data[start:i], odd)
		case c == '\\':
			n, problem := escapeLength(d.data[i:])
			if n == 0 {
				d.fail(i, problem)
				return nil
			}
			if problem != "" {
				odd = problem
			}
			escaped = true
			i += n
		case c < ' ':
			d.fail(i, "control character in a string")
			return nil
		default:
			r, n := utf8.DecodeRune(d.data[i:])
			if r == utf8.RuneError && n == 1 {
				odd = problemUTF8
			}
			i += n
		}
	}
}

// unescaped returns what the content of a string stands for; odd says why it is no exact text.
func (d *Decoder) unescaped(raw []byte, odd string) []byte {
	room := len(raw)
	if odd != "" {
		d.odd = odd
		room *= len("\ufffd")
		if all := 3 * room; d.heap < all && !d.Reserve(all) { // for scratch, its copy and the exact text
			return nil
		}
	}
	if cap(d.scratch) < room {
		d.heap -= room + room/8 + 8
		d.scratch = make([]byte, 0, room)
	}
	d.scratch = unescape(d.scratch[:0], raw)
	return d.scratch
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
