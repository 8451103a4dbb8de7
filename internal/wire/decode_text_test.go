package wire_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

func TestStringsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in     string
		offset int
		want   string
	}{
		"not closed":                      {`"abc`, 4, "unexpected end"},
		"closed by an escaped quote":      {`"abc\"`, 6, "unexpected end"},
		"ends in a backslash":             {`"abc\`, 4, "unexpected end"},
		"a raw newline":                   {"\"a\nb\"", 2, "control character"},
		"a raw NUL":                       {"\"\x00\"", 1, "control character"},
		"a control past a word":           {"\"12345678\x1f\"", 9, "control character"},
		"an unknown escape":               {`"\x41"`, 1, "invalid escape"},
		"a short \\u":                     {`"\u12"`, 1, "invalid escape"},
		"a \\u without hex":               {`"\u12g4"`, 1, "invalid escape"},
		"an upper-case \\U":               {`"\U0041"`, 1, "invalid escape"},
		"a control after valid non-ASCII": {"\"\u00e9\t\"", 3, "control character"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			readers := map[string]func(*wire.Decoder){
				"String":   func(d *wire.Decoder) { _ = d.String() },
				"Interned": func(d *wire.Decoder) { d.Interned() },
				"Raw":      func(d *wire.Decoder) { d.Raw() },
			}
			for method, read := range readers {
				d := wire.NewDecoder([]byte(test.in))
				read(d)
				decodeErr, ok := errors.AsType[*wire.DecodeError](d.Err())
				if !ok || decodeErr.Offset != test.offset || !strings.Contains(decodeErr.Problem, test.want) {
					t.Errorf("%s: got %v, want %q at offset %d", method, d.Err(), test.want, test.offset)
				}
			}
		})
	}
}
