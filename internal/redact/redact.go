// Package redact decides what of an answer may be printed: of a model its type and id, of an error its codes and
// pointers. The rest may be personal data.
package redact

import (
	"fmt"
	"io"
	"log/slog"
)

// String is the text of a model of that type; id may be empty.
func String(kind, id string) string {
	if id == "" {
		return "dwolla." + kind
	}
	return "dwolla." + kind + "(" + id + ")"
}

// Format writes String for every verb and flag of package fmt, since %+v, %#v and even %d would print every field.
func Format(s fmt.State, kind, id string) {
	_, _ = io.WriteString(s, String(kind, id)) // fmt writes to memory
}

// Value is String for a log.
func Value(kind, id string) slog.Value { return slog.StringValue(String(kind, id)) }

// Mask is printed in place of what must not be seen.
const Mask = "[redacted]"

const (
	maxWord   = 128
	maxDigits = 8 // a Social Security number has nine
)

// Word returns an error code or a JSON pointer as it is, and Mask for a text that cannot be one: it has spaces or signs
// as a sentence or an e-mail address has, or a number as long as that of an account.
func Word(text string) string {
	digits := 0
	for _, c := range []byte(text) {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case c == '-': // 123-45-6789 is one number
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', c == '/', c == '.', c == '~', c == '[', c == ']':
			digits = 0
		default:
			return Mask
		}
		if digits > maxDigits {
			return Mask
		}
	}
	if len(text) > maxWord {
		return Mask
	}
	return text
}
