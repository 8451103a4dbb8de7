package wire_test

import (
	"encoding/json"
	"errors"
	"reflect"
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
		"a text for an integer":         {`{"total":"one"}`, 9, "/total", "expected an integer, found a string"},
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
