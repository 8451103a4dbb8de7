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

// account has a member of most sorts, decoded the way generated code does it.
type account struct {
	ID      string
	Status  string
	Removed bool
	Total   int
	Extra   map[string]json.RawMessage
}

func (v *account) DecodeWire(d *wire.Decoder) {
	if !d.BeginObject() {
		return
	}
	var seen [1]uint64
	for d.NextMember() {
		switch string(d.Key()) {
		case "id":
			d.Once(&seen[0], 0)
			v.ID = d.String()
		case "status":
			d.Once(&seen[0], 1)
			v.Status = d.Interned()
		case "removed":
			d.Once(&seen[0], 2)
			v.Removed = d.Bool()
		case "total":
			d.Once(&seen[0], 63)
			v.Total = d.Int()
		default:
			d.Member(&v.Extra)
		}
	}
}

func (v *account) EncodeWire(e *wire.Encoder) {
	start := e.Mark()
	e.BeginObject()
	if v.ID != "" {
		e.Key(`"id":`)
		e.String(v.ID)
	}
	if v.Status != "" {
		e.Key(`"status":`)
		e.String(v.Status)
	}
	if v.Removed {
		e.Key(`"removed":`)
		e.Bool(v.Removed)
	}
	if v.Total != 0 {
		e.Key(`"total":`)
		e.Int(v.Total)
	}
	e.Members(start, v.Extra)
	e.EndObject()
}

func TestUnmarshalObject(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in   string
		want account
	}{
		"empty":                             {`{}`, account{}},
		"every member":                      {`{"id":"a1","status":"open","removed":true,"total":7}`, account{ID: "a1", Status: "open", Removed: true, Total: 7}},
		"white space everywhere":            {" \t\r\n{ \"id\" :\n\"a1\" ,\t\"total\" : 7 } \n", account{ID: "a1", Total: 7}},
		"nulls are zero":                    {`{"id":null,"status":null,"removed":null,"total":null}`, account{}},
		"a name with escapes is known":      {`{"\u0069d":"a1"}`, account{ID: "a1"}},
		"a name in another case is unknown": {`{"ID":"a1"}`, account{Extra: wire.Members{"ID": json.RawMessage(`"a1"`)}}},
		"unknown members keep their text": {
			`{"fee":1.50,"tags":[ 1, {"a" : null} ],"e\n":"\u00e9"}`,
			account{Extra: wire.Members{"fee": json.RawMessage(`1.50`), "tags": json.RawMessage(`[ 1, {"a" : null} ]`), "e\n": json.RawMessage(`"\u00e9"`)}},
		},
		"an unknown member may hold duplicates": {`{"x":{"a":1,"a":2}}`, account{Extra: wire.Members{"x": json.RawMessage(`{"a":1,"a":2}`)}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got account
			if err := wire.Unmarshal([]byte(test.in), &got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in     string
		offset int
		path   string
		want   string // part of the problem
	}{
		"nothing":                       {``, 0, "", "unexpected end"},
		"white space":                   {" \n", 2, "", "unexpected end"},
		"a top-level null":              {` null`, 1, "", "expected a value, found null"},
		"an array for an object":        {`[]`, 0, "", "expected an object, found an array"},
		"a string for an object":        {`"x"`, 0, "", "found a string"},
		"a number for an object":        {`-1`, 0, "", "found a number"},
		"a boolean for an object":       {`true`, 0, "", "found a boolean"},
		"a byte order mark":             {"\ufeff{}", 0, "", "expected an object, found something else"},
		"a second value":                {`{} {}`, 3, "", "data after"},
		"a stray bracket":               {`{}}`, 2, "", "data after"},
		"a NUL byte after the value":    {"{}\x00", 2, "", "data after"},
		"an open object":                {`{`, 1, "", "unexpected end"},
		"an object open after a member": {`{"id":"a"`, 9, "/id", "unexpected end"},
		"an object open after a comma":  {`{"id":"a",`, 10, "", "unexpected end"},
		"an object open after a name":   {`{"id"`, 5, "/id", "unexpected end"},
		"an object open after a colon":  {`{"id":`, 6, "/id", "unexpected end"},
		"a trailing comma":              {`{"id":"a",}`, 10, "", "expected a member name"},
		"a leading comma":               {`{,"id":"a"}`, 1, "", "expected a member name"},
		"no comma":                      {`{"id":"a" "total":1}`, 10, "/id", "expected a comma"},
		"no colon":                      {`{"id" "a"}`, 6, "/id", "expected a colon"},
		"the wrong bracket":             {`{"id":"a"]`, 9, "/id", "expected a comma"},
		"a name without quotes":         {`{id:"a"}`, 1, "", "expected a member name"},
		"a single quote":                {`{'id':"a"}`, 1, "", "expected a member name"},
		"a comment":                     {`{/**/}`, 1, "", "expected a member name"},
		"a duplicate member":            {`{"id":"a","id":"a"}`, 15, "/id", "duplicate member"},
		"a duplicate of a null":         {`{"id":null,"id":"a"}`, 16, "/id", "duplicate member"},
		"a duplicate in disguise":       {`{"id":"a","\u0069d":"b"}`, 20, "/id", "duplicate member"},
		"a duplicate of bit 63":         {`{"total":1,"total":1}`, 19, "/total", "duplicate member"},
		"a duplicate unknown member":    {`{"x":1,"x":1}`, 11, "/x", "duplicate member"},
		"a number for a string":         {`{"id":1}`, 6, "/id", "expected a string, found a number"},
		"an object for a name":          {`{"status":{}}`, 10, "/status", "expected a string, found an object"},
		"a string for a boolean":        {`{"removed":"true"}`, 11, "/removed", "expected a boolean"},
		"a literal cut short":           {`{"removed":tru}`, 11, "/removed", "invalid literal"},
		"a literal run on":              {`{"removed":truee}`, 15, "/removed", "expected a comma"},
		"a literal in another case":     {`{"removed":True}`, 11, "/removed", "expected a boolean, found something else"},
		"a false null":                  {`{"removed":nul}`, 11, "/removed", "invalid literal"},
		"a string for an integer":       {`{"total":"1"}`, 9, "/total", "expected an integer, found a string"},
		"an invalid unknown value":      {`{"x":{"a":[1,2,+3]}}`, 15, "/x/a/2", "expected a value"},
		"a name of an unknown value":    {`{"x":{"a~/b":nope}}`, 13, "/x/a~0~1b", "invalid literal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := wire.Unmarshal([]byte(test.in), &account{})
			decodeErr, ok := errors.AsType[*wire.DecodeError](err)
			if !ok {
				t.Fatalf("got %v, want a *DecodeError", err)
			}
			if decodeErr.Offset != test.offset || decodeErr.Path != test.path || !strings.Contains(decodeErr.Problem, test.want) {
				t.Errorf("got %v, want %q at offset %d, path %q", err, test.want, test.offset, test.path)
			}
		})
	}
}

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
		"a lone high surrogate":           {`"\ud83d"`, 1, "lone surrogate"},
		"a lone low surrogate":            {`"\ude00"`, 1, "lone surrogate"},
		"two high surrogates":             {`"\ud83d\ud83d"`, 1, "lone surrogate"},
		"a high surrogate before text":    {`"\ud83dx\ude00"`, 1, "lone surrogate"},
		"a stray UTF-8 byte":              {"\"\xff\"", 1, "not valid UTF-8"},
		"a UTF-8 sequence cut short":      {"\"\xe2\x82\"", 1, "not valid UTF-8"},
		"an overlong UTF-8 sequence":      {"\"\xc0\xaf\"", 1, "not valid UTF-8"},
		"a surrogate in UTF-8":            {"\"\xed\xa0\x80\"", 1, "not valid UTF-8"},
		"beyond Unicode in UTF-8":         {"\"\xf4\x90\x80\x80\"", 1, "not valid UTF-8"},
		"a stray byte after an escape":    {"\"\\n\xff\"", 3, "not valid UTF-8"},
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
		"1.0":                  {0, exponent},
		"1e2":                  {0, exponent},
		"1.5":                  {0, exponent},
		`"1"`:                  {0, "expected an integer, found a string"},
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

func TestKind(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]byte{
		"{}": '{', " []": '[', "\n\"\"": '"', "0": '0', "-7": '0', "9": '0', "true": 't', "false": 'f', "null": 'n',
		"": 0, " ": 0, "}": 0, "+1": 0, "\x00": 0, ",": 0,
	} {
		d := wire.NewDecoder([]byte(text))
		if got := d.Kind(); got != want || d.Err() != nil {
			t.Errorf("%q: got %q, %v, want %q", text, got, d.Err(), want)
		}
	}
}

func TestArrays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		elements []string
		problem  string
		path     string
	}{
		`[]`:            {nil, "", ""},
		`null`:          {nil, "", ""},
		` [ "a" , "b"]`: {[]string{"a", "b"}, "", ""},
		`[`:             {nil, "unexpected end", "/0"},
		`["a"`:          {nil, "unexpected end", "/0"},
		`["a",`:         {nil, "unexpected end", "/1"},
		`["a",]`:        {nil, "expected a string, found something else", "/1"},
		`[,"a"]`:        {nil, "expected a string, found something else", "/0"},
		`["a" "b"]`:     {nil, "expected a comma", "/0"},
		`["a"}`:         {nil, "expected a comma", "/0"},
		`["a",1]`:       {nil, "expected a string, found a number", "/1"},
		`{}`:            {nil, "expected an array, found an object", ""},
	} {
		var got []string
		d := wire.NewDecoder([]byte(text))
		if d.BeginArray() {
			for d.NextElement() {
				got = append(got, d.String())
			}
		}
		decodeErr, failed := errors.AsType[*wire.DecodeError](d.Err())
		switch {
		case failed != (want.problem != "") || failed && (!strings.Contains(decodeErr.Problem, want.problem) || decodeErr.Path != want.path):
			t.Errorf("%s: got %v, want %q at %q", text, d.Err(), want.problem, want.path)
		case !failed && !reflect.DeepEqual(got, want.elements):
			t.Errorf("%s: got %q, want %q", text, got, want.elements)
		}
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
		`{"a":1}`:              {nil, "expected a string"},
		`[]`:                   {nil, "expected an object"},
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

func TestDepth(t *testing.T) {
	t.Parallel()
	const limit = 512
	for name, deep := range map[string]string{
		"arrays":  strings.Repeat("[", limit) + strings.Repeat("]", limit),
		"objects": strings.Repeat(`{"a":`, limit) + "0" + strings.Repeat("}", limit),
		"mixed":   strings.Repeat(`[{"a":`, limit/2) + "0" + strings.Repeat("}]", limit/2),
	} {
		for method, read := range map[string]func(*wire.Decoder){
			"Raw":  func(d *wire.Decoder) { d.Raw() },
			"tree": new(tree).DecodeWire,
		} {
			if err := wire.Unmarshal([]byte(deep), decodeFunc(read)); err != nil {
				t.Errorf("%s, %s: at the limit: %v", name, method, err)
			}
			err := wire.Unmarshal([]byte("["+deep+"]"), decodeFunc(read))
			if decodeErr, ok := errors.AsType[*wire.DecodeError](err); !ok || decodeErr.Problem != "nested too deeply" {
				t.Errorf("%s, %s: beyond the limit: got %v", name, method, err)
			}
		}
	}
}

func TestErrorsStick(t *testing.T) {
	t.Parallel()
	d := wire.NewDecoder([]byte(`{"a":[1,2],"b":{"c":"d"}}`))
	d.BeginObject()
	d.NextMember()
	d.Fail("first")
	d.Fail("second")
	var seen uint64
	var members wire.Members
	if d.BeginObject() || d.BeginArray() || d.NextMember() || d.NextElement() || len(d.Key()) > 0 || d.Kind() != 0 {
		t.Error("structure goes on after an error")
	}
	if text, number := d.NumberOrString(); text != "" || number {
		t.Error("NumberOrString goes on after an error")
	}
	if d.String() != "" || d.Interned() != "" || d.Bool() || d.Int() != 0 || d.Int64() != 0 || d.Number() != "" || d.Raw() != nil || d.StringMap() != nil {
		t.Error("values go on after an error")
	}
	d.Skip()
	d.Once(&seen, 0)
	d.Once(&seen, 0)
	if d.Member(&members); members != nil {
		t.Error("Member stores something after an error")
	}
	value := any("untouched")
	if d.Any(&value); value != "untouched" {
		t.Error("Any goes on after an error")
	}
	got, ok := errors.AsType[*wire.DecodeError](d.Err())
	if want := (wire.DecodeError{Offset: 5, Path: "/a", Problem: "first"}); !ok || *got != want {
		t.Errorf("got %v, want %v", d.Err(), &want)
	}
	if d.Reset([]byte(`[true]`)); d.Err() != nil || !d.BeginArray() || !d.NextElement() || !d.Bool() || d.NextElement() || d.Err() != nil {
		t.Errorf("after Reset: %v", d.Err())
	}
}

// What is decoded must survive the buffer that it came from.
func TestDecodedValuesDoNotAliasTheDocument(t *testing.T) {
	t.Parallel()
	doc := []byte(`{"id":"abc","status":"open","x":[1]}`)
	var got account
	if err := wire.Unmarshal(doc, &got); err != nil {
		t.Fatal(err)
	}
	clear(doc)
	want := account{ID: "abc", Status: "open", Extra: wire.Members{"x": json.RawMessage(`[1]`)}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
