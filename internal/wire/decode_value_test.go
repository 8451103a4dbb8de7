package wire_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

func TestStrings(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ in, want string }{
		"empty":                  {`""`, ""},
		"null":                   {`null`, ""},
		"plain":                  {`"abc"`, "abc"},
		"every short escape":     {`"\"\\\/\b\f\n\r\t"`, "\"\\/\b\f\n\r\t"},
		"an escaped control":     {`"\u0000\u001F"`, "\x00\x1f"},
		"escaped text":           {`"caf\u00e9 \u20AC"`, "café €"},
		"a surrogate pair":       {`"\ud83d\uDE00!"`, "😀!"},
		"raw UTF-8":              {`"café € 😀"`, "café € 😀"},
		"a real U+FFFD":          {"\"\ufffd\\ufffd\"", "\ufffd\ufffd"},
		"DEL and line separator": {"\"\x7f\u2028\"", "\x7f\u2028"},
		"eight bytes":            {`"12345678"`, "12345678"},
		"an escape past a word":  {`"1234567890\n1234567890"`, "1234567890\n1234567890"},
		"longer than a name":     {`"` + strings.Repeat("x", 100) + `"`, strings.Repeat("x", 100)},

		"a lone high surrogate":        {`"\ud83d"`, "\ufffd"},
		"a lone low surrogate":         {`"\ude00"`, "\ufffd"},
		"two high surrogates":          {`"\ud83d\ud83d"`, "\ufffd\ufffd"},
		"a high surrogate before text": {`"\ud83dx\ude00"`, "\ufffdx\ufffd"},
		"a half before a pair":         {`"\ud83d\ud83d\ude00"`, "\ufffd😀"},
		"a half at the end":            {`"é\ud83d"`, "é\ufffd"},
		"a stray UTF-8 byte":           {"\"\xff\"", "\ufffd"},
		"a UTF-8 sequence cut short":   {"\"\xe2\x82\"", "\ufffd\ufffd"},
		"an overlong UTF-8 sequence":   {"\"\xc0\xaf\"", "\ufffd\ufffd"},
		"a surrogate in UTF-8":         {"\"\xed\xa0\x80\"", "\ufffd\ufffd\ufffd"},
		"beyond Unicode in UTF-8":      {"\"\xf4\x90\x80\x80\"", "\ufffd\ufffd\ufffd\ufffd"},
		"a stray byte after an escape": {"\"\\n\xff\"", "\n\ufffd"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for method, read := range map[string]func(*wire.Decoder) string{"String": (*wire.Decoder).String, "Interned": (*wire.Decoder).Interned} {
				d := wire.NewDecoder([]byte(test.in))
				if got := read(d); got != test.want || d.Err() != nil {
					t.Errorf("%s: got %q, %v, want %q", method, got, d.Err(), test.want)
				}
			}
		})
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"0", "-0", "1", "-1", "10", "0.0", "-0.10", "12.50", "1e3", "1E+3", "1.5e-10", "123456789012345678901234567890.12", "1e999",
	} {
		d := wire.NewDecoder([]byte(text))
		if got := d.Number(); string(got) != text || d.Err() != nil {
			t.Errorf("Number of %s: got %s, %v", text, got, d.Err())
		}
		d.Reset([]byte(text))
		if got, number := d.NumberOrString(); got != text || !number || d.Err() != nil {
			t.Errorf("NumberOrString of %s: got %s, %v, %v", text, got, number, d.Err())
		}
		d.Reset([]byte(`"` + text + `"`))
		if got, number := d.NumberOrString(); got != text || number || d.Err() != nil {
			t.Errorf("NumberOrString of %q: got %s, %v, %v", text, got, number, d.Err())
		}
	}
}

func TestNumbersRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"-", "+1", "01", "-01", "00", ".5", "1.", "1.e1", "1e", "1e+", "1e-", "--1", "1_000", "0x10", "NaN", "Infinity", "-Infinity", "1,5", "1 2", "1..2", "1ee2", "\u0661",
	} {
		for method, read := range map[string]func(*wire.Decoder){
			"Number":         func(d *wire.Decoder) { d.Number() },
			"NumberOrString": func(d *wire.Decoder) { d.NumberOrString() },
			"Int64":          func(d *wire.Decoder) { d.Int64() },
			"Raw":            func(d *wire.Decoder) { d.Raw() },
		} {
			if err := wire.Unmarshal([]byte(text), decodeFunc(read)); err == nil {
				t.Errorf("%s of %s: got no error", method, text)
			}
		}
	}
}

func TestIntegers(t *testing.T) {
	t.Parallel()
	const (
		exponent = "expected an integer, found another number"
		outside  = "integer out of range"
	)
	for text, test := range map[string]struct {
		want    int64
		problem string
	}{
		"0":                    {0, ""},
		"-0":                   {0, ""},
		"null":                 {0, ""},
		"-17":                  {-17, ""},
		"9223372036854775807":  {math.MaxInt64, ""},
		"-9223372036854775808": {math.MinInt64, ""},
		"9223372036854775808":  {0, outside},
		"-9223372036854775809": {0, outside},
		"1.0":                  {1, ""},
		"1.":                   {0, "invalid number"},
		"1.0e1":                {0, exponent},
		"1e2":                  {0, exponent},
		"1.5":                  {0, exponent},
		`"1"`:                  {1, ""},
		`"-2.00"`:              {-2, ""},
		`"+1"`:                 {0, "expected an integer, found a string"},
		`"01"`:                 {0, "expected an integer, found a string"},
		`""`:                   {0, "expected an integer, found a string"},
		`"1.5"`:                {0, exponent},
	} {
		var got int64
		err := wire.Unmarshal([]byte("["+text+"]"), decodeFunc(func(d *wire.Decoder) {
			for d.BeginArray(); d.NextElement(); {
				got = d.Int64()
			}
		}))
		decodeErr, failed := errors.AsType[*wire.DecodeError](err)
		switch {
		case failed != (test.problem != "") || failed && (decodeErr.Problem != test.problem || decodeErr.Offset != 1 || decodeErr.Path != "/0"):
			t.Errorf("%s: got %v, want %q", text, err, test.problem)
		case got != test.want:
			t.Errorf("%s: got %d, want %d", text, got, test.want)
		}
	}
}

func TestIntIsAsWideAsThePlatform(t *testing.T) {
	t.Parallel()
	d := wire.NewDecoder([]byte(strconv.Itoa(math.MinInt)))
	if got := d.Int(); got != math.MinInt || d.Err() != nil {
		t.Errorf("got %d, %v", got, d.Err())
	}
	beyond := strconv.FormatUint(uint64(math.MaxInt)+1, 10)
	d.Reset([]byte(beyond))
	if got := d.Int(); got != 0 || d.Err() == nil {
		t.Errorf("%s: got %d, %v, want an error", beyond, got, d.Err())
	}
}

func TestStringMap(t *testing.T) {
	t.Parallel()
	for text, test := range map[string]struct {
		want    map[string]string
		problem string
	}{
		`null`:                 {nil, ""},
		`{}`:                   {map[string]string{}, ""},
		`{"a":"1","b\n":"\t"}`: {map[string]string{"a": "1", "b\n": "\t"}, ""},
		`{"a":null}`:           {map[string]string{"a": ""}, ""},
		`{"a":"1","a":"1"}`:    {nil, "duplicate member"},
		`{"a":1,"b":true}`:     {map[string]string{"a": "1", "b": "true"}, ""},
		`{"a":{"b": [1]}}`:     {map[string]string{"a": `{"b": [1]}`}, ""},
		`{"a":+}`:              {nil, "expected a value"},
		`{"\ud83d":"\ud83d"}`:  {map[string]string{"\ufffd": "\ufffd"}, ""},
		`[]`:                   {nil, ""},
		`["a"]`:                {nil, ""},
		`"{}"`:                 {nil, ""},
		`[`:                    {nil, "unexpected end"},
	} {
		d := wire.NewDecoder([]byte(text))
		got := d.StringMap()
		decodeErr, failed := errors.AsType[*wire.DecodeError](d.Err())
		if failed != (test.problem != "") || failed && !strings.Contains(decodeErr.Problem, test.problem) {
			t.Errorf("%s: got %v, want %q", text, d.Err(), test.problem)
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v, want %v", text, got, test.want)
		}
	}
}

func TestAnyDecodes(t *testing.T) {
	t.Parallel()
	var (
		value  any
		fields struct{ A []int }
		ptr    = new(1)
	)
	for text, v := range map[string]any{`{"x":1.50}`: &value, `{"a":[1,2]}`: &fields, `null`: &ptr} {
		d := wire.NewDecoder([]byte(text))
		if d.Any(v); d.Err() != nil {
			t.Errorf("%s: %v", text, d.Err())
		}
	}
	if want := (map[string]any{"x": json.Number("1.50")}); !reflect.DeepEqual(value, want) {
		t.Errorf("got %v, want %v", value, want)
	}
	if !reflect.DeepEqual(fields.A, []int{1, 2}) || ptr != nil {
		t.Errorf("got %v, %v", fields, ptr)
	}
}

// A type may hand itself to Any, which must not hand it back.

type opaque struct{ A int }

func (o *opaque) DecodeWire(d *wire.Decoder) { d.Any(o) }

func (o *opaque) EncodeWire(e *wire.Encoder) { e.Any(o) }

func TestAnyTakesATypeThatCallsIt(t *testing.T) {
	t.Parallel()
	var v opaque
	if err := wire.Unmarshal([]byte(`{"A":1}`), &v); err != nil || v.A != 1 {
		t.Errorf("got %+v, %v", v, err)
	}
	if text, err := wire.Marshal(&v); err != nil || string(text) != `{"A":1}` {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestAnyDoesNotQuoteWhatItRefuses(t *testing.T) {
	t.Parallel()
	var small int8
	err := wire.Unmarshal([]byte(`{"ssn": 123456789}`), decodeFunc(func(d *wire.Decoder) {
		for d.BeginObject(); d.NextMember(); {
			d.Any(&small)
		}
	}))
	decodeErr, ok := errors.AsType[*wire.DecodeError](err)
	if want := (wire.DecodeError{Offset: 8, Path: "/ssn", Problem: "value does not fit *int8"}); !ok || *decodeErr != want {
		t.Errorf("got %v, want %v", err, &want)
	}
}
