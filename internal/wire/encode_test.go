package wire_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

func TestMarshal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		write func(e *wire.Encoder)
		want  string
	}{
		"an empty object":   {func(e *wire.Encoder) { e.BeginObject(); e.EndObject() }, `{}`},
		"an empty array":    {func(e *wire.Encoder) { e.BeginArray(); e.EndArray() }, `[]`},
		"an empty string":   {func(e *wire.Encoder) { e.String("") }, `""`},
		"booleans and null": {func(e *wire.Encoder) { array(e, func() { e.Bool(true) }, func() { e.Bool(false) }, e.Null) }, `[true,false,null]`},
		"integers":          {func(e *wire.Encoder) { array(e, func() { e.Int(-7) }, func() { e.Int64(math.MinInt64) }) }, `[-7,-9223372036854775808]`},
		"numbers":           {func(e *wire.Encoder) { array(e, func() { e.Number("12.50") }, func() { e.Number("") }) }, `[12.50,null]`},
		"raw values":        {func(e *wire.Encoder) { array(e, func() { e.Raw(json.RawMessage(`{ }`)) }, func() { e.Raw(nil) }) }, `[{ },null]`},
		"escapes": {
			func(e *wire.Encoder) { e.String("\"\\/\b\f\n\r\t\x00\x1f\x7f") },
			`"\"\\/\u0008\u000c\n\r\t\u0000\u001f` + "\x7f\"",
		},
		"nothing else is escaped": {func(e *wire.Encoder) { e.String("<a&b> é \u2028 😀 \ufffd") }, "\"<a&b> é \u2028 😀 \ufffd\""},
		"members with commas": {
			func(e *wire.Encoder) {
				e.BeginObject()
				e.Key(`"a":`)
				e.BeginObject()
				e.Key(`"b":`)
				e.String("{")
				e.Key(`"c":`)
				array(e, e.Null, func() { e.String("[") }, func() { array(e) }, e.Null)
				e.EndObject()
				e.KeyString(`d"`)
				e.Int(1)
				e.EndObject()
			},
			`{"a":{"b":"{","c":[null,"[",[],null]},"d\"":1}`,
		},
		"string maps sorted":   {func(e *wire.Encoder) { e.StringMap(map[string]string{"b": "2", "a": "1", "c": ""}) }, `{"a":"1","b":"2","c":""}`},
		"a nil string map":     {func(e *wire.Encoder) { e.StringMap(nil) }, `{}`},
		"any other value":      {func(e *wire.Encoder) { e.Any(map[string]any{"b": "<\ufffd", "a": []int{1}}) }, "{\"a\":[1],\"b\":\"<\ufffd\"}"},
		"any backslash u":      {func(e *wire.Encoder) { e.Any(`\ufffd`) }, `"\\ufffd"`},
		"unknown members":      {(&account{ID: "a", Extra: wire.Members{"z": json.RawMessage(`1`), "b": json.RawMessage(`[2]`)}}).EncodeWire, `{"id":"a","b":[2],"z":1}`},
		"unknown members only": {(&account{Extra: wire.Members{"ID": json.RawMessage(`1.50`)}}).EncodeWire, `{"ID":1.50}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := wire.Marshal(encodeFunc(test.write))
			if err != nil || string(got) != test.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, test.want)
			}
			if !json.Valid(got) {
				t.Errorf("%s is not valid JSON", got)
			}
		})
	}
}

// array writes an array with the elements that the functions write.
func array(e *wire.Encoder, elements ...func()) {
	e.BeginArray()
	for _, write := range elements {
		e.Element()
		write()
	}
	e.EndArray()
}

func TestMarshalRefuses(t *testing.T) {
	t.Parallel()
	reported := errors.New("reported")
	for name, test := range map[string]struct {
		write func(e *wire.Encoder) // the value of the member "a"
		path  string
		want  string
		cause error
	}{
		"invalid UTF-8":                 {write: func(e *wire.Encoder) { e.String("x\xff") }, want: "not valid UTF-8"},
		"an encoded surrogate":          {write: func(e *wire.Encoder) { e.String("\xed\xa0\x80") }, want: "not valid UTF-8"},
		"invalid UTF-8 after an escape": {write: func(e *wire.Encoder) { e.String("\"\xff") }, want: "not valid UTF-8"},
		"a name of invalid UTF-8":       {write: func(e *wire.Encoder) { e.StringMap(map[string]string{"\xff": ""}) }, want: "not valid UTF-8"},
		"a map value of invalid UTF-8":  {write: func(e *wire.Encoder) { e.StringMap(map[string]string{"b": "", "c": "\xff"}) }, path: "/c", want: "not valid UTF-8"},
		"any value of invalid UTF-8":    {write: func(e *wire.Encoder) { e.Any([]string{"\\\xff"}) }, want: "not valid UTF-8"},
		"any value without JSON form":   {write: func(e *wire.Encoder) { e.Any(func() {}) }, want: "cannot encode a func()"},
		"text for a number":             {write: func(e *wire.Encoder) { e.Number("{") }, want: "invalid number"},
		"a number with a tail":          {write: func(e *wire.Encoder) { e.Number("1 ") }, want: "invalid number"},
		"a number with a plus":          {write: func(e *wire.Encoder) { e.Number("+1") }, want: "invalid number"},
		"an empty raw value":            {write: func(e *wire.Encoder) { e.Raw(json.RawMessage{}) }, want: "invalid raw value: unexpected end"},
		"a raw value cut short":         {write: func(e *wire.Encoder) { e.Raw(json.RawMessage(`{"b":`)) }, want: "invalid raw value"},
		"two raw values":                {write: func(e *wire.Encoder) { e.Raw(json.RawMessage(`1,2`)) }, want: "invalid raw value: data after"},
		"a raw value of invalid UTF-8":  {write: func(e *wire.Encoder) { e.Raw(json.RawMessage("\"\xff\"")) }, want: "not valid UTF-8"},
		"what a type reports":           {write: func(e *wire.Encoder) { e.Fail(reported) }, want: "reported", cause: reported},
		"an unknown member twice": {
			write: (&account{ID: "x", Extra: wire.Members{"id": json.RawMessage(`"y"`)}}).EncodeWire,
			path:  "/id", want: "duplicate member",
		},
		"an invalid unknown member": {
			write: (&account{ID: "x", Extra: wire.Members{"b": json.RawMessage(`"y`)}}).EncodeWire,
			path:  "/b", want: "invalid raw value",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := wire.Append([]byte("prefix["), encodeFunc(func(e *wire.Encoder) {
				e.BeginObject()
				e.Key(`"a":`)
				test.write(e)
				e.Key(`"after":`)
				e.String("\xff")
				e.EndObject()
			}))
			encodeErr, ok := errors.AsType[*wire.EncodeError](err)
			if !ok || encodeErr.Path != "/a"+test.path || !strings.Contains(encodeErr.Problem, test.want) {
				t.Errorf("got %v, want %q at /a%s", err, test.want, test.path)
			}
			if got != nil {
				t.Errorf("got %s with an error", got)
			}
			if test.cause != nil && !errors.Is(err, test.cause) {
				t.Errorf("%v does not wrap %v", err, test.cause)
			}
		})
	}
}

func TestAppendKeepsThePrefix(t *testing.T) {
	t.Parallel()
	got, err := wire.Append([]byte("x="), &account{ID: "a", Extra: wire.Members{"b": json.RawMessage(`1`)}})
	if want := `x={"id":"a","b":1}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func TestEncoderReset(t *testing.T) {
	t.Parallel()
	e := wire.NewEncoder(nil)
	e.Number("x")
	e.Reset([]byte("1 "))
	e.Int(2)
	if got, err := e.Bytes(); err != nil || string(got) != "1 2" {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestFailWithNilIsNoProblem(t *testing.T) {
	t.Parallel()
	if _, err := wire.Marshal(encodeFunc(func(e *wire.Encoder) { e.Fail(nil); e.Null() })); err != nil {
		t.Error(err)
	}
}

func TestDropEmpty(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		value string
		drop  bool
	}{
		"an empty object":                      {`{}`, true},
		"an empty array":                       {`[]`, true},
		"a null":                               {`null`, false},
		"an empty string":                      {`""`, false},
		"an object that ends in an empty one":  {`{"b":{}}`, false},
		"an object that ends in an empty list": {`{"b":[]}`, false},
		"an array of an empty object":          {`[{}]`, false},
		"an array of an empty array":           {`[[]]`, false},
		"a string that looks empty":            {`":{}"`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, first := range []bool{true, false} {
				e := wire.NewEncoder(nil)
				e.BeginObject()
				if !first {
					e.Key(`"x":`)
					e.Int(1)
				}
				want, _ := e.Bytes()
				before := string(want)
				mark := e.Mark()
				e.Key(`"a":`)
				e.Raw(json.RawMessage(test.value))
				if got := e.DropEmpty(mark); got != test.drop {
					t.Errorf("got %v, want %v", got, test.drop)
				}
				if !test.drop {
					continue
				}
				e.Key(`"y":`)
				e.Int(2)
				got, err := e.Bytes()
				if want := strings.Replace(before+`,"y":2`, "{,", "{", 1); err != nil || string(got) != want {
					t.Errorf("got %s, %v, want %s", got, err, want)
				}
			}
		})
	}
}

func TestEncodingDepth(t *testing.T) {
	t.Parallel()
	const limit = 512
	nest := func(levels int, inner func(*wire.Encoder)) encodeFunc {
		return func(e *wire.Encoder) {
			for range levels {
				e.Element()
				e.BeginArray()
			}
			inner(e)
			for range levels {
				e.EndArray()
			}
		}
	}
	raw := func(text string) func(*wire.Encoder) {
		return func(e *wire.Encoder) { e.Raw(json.RawMessage(text)) }
	}
	for name, test := range map[string]struct {
		write encodeFunc
		ok    bool
	}{
		"at the limit":                 {nest(limit, (*wire.Encoder).Null), true},
		"beyond the limit":             {nest(limit+1, (*wire.Encoder).Null), false},
		"a raw value at the limit":     {nest(limit-1, raw("[]")), true},
		"a raw value beyond the limit": {nest(limit, raw("[]")), false},
		"raw beyond beyond the limit":  {nest(limit+10, raw("[]")), false},
		"any value beyond the limit":   {nest(limit, func(e *wire.Encoder) { e.Any([]int{}) }), false},
	} {
		_, err := wire.Marshal(test.write)
		encodeErr, failed := errors.AsType[*wire.EncodeError](err)
		if failed == test.ok || failed && !strings.Contains(encodeErr.Problem, "nested too deeply") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestFault230_AnyWritesTheSameBytesOnEveryReleaseOfGo(t *testing.T) {
	for want, v := range map[string]any{
		`"\u0000\u0001\b\t\n\u000b\f\r\u001f\"\\/<>&` + "\u007f\ufffd\U0001F600" + `\u2028\u2029"`: "\x00\x01\b\t\n\v\f\r\x1f\"\\/<>&\u007f\ufffd\U0001F600\u2028\u2029",
		`{"a":1,"b":"\u0041<\u2028\u2029"}`:                                          json.RawMessage(" {\"a\" : 1,\n\"b\":\"\\u0041<\u2028\u2029\"} "),
		`{"a":"AQI=","b":1,"c":null,"x":1.7976931348623157e+308,"y":1e-7,"z":1e+21}`: map[string]any{"b": 1, "a": []byte{1, 2}, "c": nil, "z": 1e21, "y": 1e-7, "x": math.MaxFloat64},
		`[null,null,[0.1],[1,0],1.00,0,null]`:                                        []any{[]any(nil), map[string]any(nil), []float32{0.1}, [2]byte{1}, json.Number("1.00"), json.Number(""), json.RawMessage(nil)},
		`{"10":"a","2":"b"}`:                                                         map[int]string{2: "b", 10: "a"},
		`{"A":"\"x\"","B":"7"}`: struct {
			A string `json:",string"`
			B int    `json:",string,omitempty"`
			C *int   `json:",omitempty"`
		}{A: "x", B: 7},
	} {
		if got, err := wire.Marshal(encodeFunc(func(e *wire.Encoder) { e.Any(v) })); err != nil || string(got) != want {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
	}
}
