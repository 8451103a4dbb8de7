package dwolla_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/wire"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/testkit"
)

// What package api's types look like to encoding/json.
type (
	twinText  string
	twinLinks map[string]twinLink
	twinLink  struct {
		Href         twinText `json:"href,omitempty"`
		Type         twinText `json:"type,omitempty"`
		ResourceType twinText `json:"resource-type,omitempty"`
	}
	twinMoney struct {
		Value    twinText `json:"value,omitempty"`
		Currency twinText `json:"currency,omitempty"`
	}
	twinFieldError struct {
		Code    twinText  `json:"code,omitempty"`
		Message twinText  `json:"message,omitempty"`
		Path    twinText  `json:"path,omitempty"`
		Links   twinLinks `json:"_links,omitempty"`
	}
)

// sample fills a twin: every member that a model can have, each with a value of its own.
func sample(v reflect.Value, seed *int) {
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			sample(field, seed)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		sample(v.Elem(), seed)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 { // json.RawMessage
			v.SetBytes([]byte(`{"kept":1.50}`))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		sample(v.Index(0), seed)
		sample(v.Index(1), seed)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		elem := reflect.New(v.Type().Elem()).Elem()
		sample(elem, seed)
		v.SetMapIndex(reflect.ValueOf("key"), elem)
	case reflect.String:
		*seed++
		if v.Type() == reflect.TypeFor[json.Number]() {
			v.SetString(fmt.Sprintf("-%d.50", *seed))
			return
		}
		v.SetString(fmt.Sprintf("text %d é\"\\\n<&>\u2028", *seed))
	case reflect.Int:
		*seed++
		v.SetInt(int64(*seed))
	case reflect.Bool:
		v.SetBool(true)
	}
}

func TestEveryModelReadsAndWritesWhatEncodingJSONDoes(t *testing.T) {
	t.Parallel()
	for _, m := range models {
		t.Run(m.Schema, func(t *testing.T) {
			t.Parallel()
			twin := m.Twin()
			seed := 0
			sample(reflect.ValueOf(twin).Elem(), &seed)
			want, err := json.Marshal(twin)
			if err != nil {
				t.Fatal(err)
			}
			got := m.New()
			if err := json.Unmarshal(want, got); err != nil {
				t.Fatalf("decoding %s: %v", want, err)
			}
			data, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			back := m.Twin()
			if err := json.Unmarshal(data, back); err != nil {
				t.Fatal(err)
			}
			dropConstants(reflect.ValueOf(twin).Elem())
			dropConstants(reflect.ValueOf(back).Elem())
			if !reflect.DeepEqual(twin, back) {
				t.Errorf("a round trip changed\n%s\ninto\n%s", want, data)
			}
		})
	}
}

// dropConstants clears the members that the codec writes by itself.
func dropConstants(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.Kind() == reflect.Interface {
				field.SetZero()
			} else {
				dropConstants(field)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Struct {
			for i := range v.Len() {
				dropConstants(v.Index(i))
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			dropConstants(v.Elem())
		}
	}
}

func TestEveryModelKeepsWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	const in = `{"a member of next year":{"deep":[1.0,-0,1e400,null,"\u00e9"]},"_links":{"relation of next year":{"href":"https://x.test/y","title":"t"}}}`
	for _, m := range models {
		text := in
		if !strings.Contains(memberNames(m.Twin()), " _links ") || strings.Contains(fmt.Sprintf("%T", m.Twin()), "Embedded") {
			text = `{"a member of next year":{"deep":[1.0,-0,1e400,null,"\u00e9"]}}`
		}
		v := m.New()
		if err := json.Unmarshal([]byte(text), v); err != nil {
			t.Errorf("%s: %v", m.Schema, err)
			continue
		}
		out, err := json.Marshal(v)
		if err != nil {
			t.Errorf("%s: %v", m.Schema, err)
			continue
		}
		constants, err := json.Marshal(m.New())
		if err != nil {
			t.Errorf("%s: %v", m.Schema, err)
			continue
		}
		want := parse(t, []byte(text)).(map[string]any)
		maps.Copy(want, parse(t, constants).(map[string]any))
		if problems := lost(want, parse(t, out), ""); len(problems) > 0 {
			t.Errorf("%s: %s", m.Schema, strings.Join(problems, "; "))
		}
	}
}

func TestModelsAreStrict(t *testing.T) {
	t.Parallel()
	for _, m := range models {
		for name, in := range map[string]string{
			"a duplicate member": `{"x":1,"x":2}`, "trailing garbage": `{} {}`, "null": `null`, "an array": `[]`,
			"text": `""`, "nothing": ``, "half an object": `{"x":`,
		} {
			if err := unmarshalStrictly(m.New(), in); err == nil {
				t.Errorf("%s accepts %s", m.Schema, name)
			}
		}
	}
}

func TestFault392_EveryModelWritesBackWhatIsOdd(t *testing.T) {
	t.Parallel()
	for _, m := range models {
		twin := m.Twin()
		seed := 0
		sample(reflect.ValueOf(twin).Elem(), &seed)
		data, err := json.Marshal(twin)
		if err != nil {
			t.Fatal(err)
		}
		for _, odd := range oddForms(data) {
			for _, half := range []string{`\ud83d`, "\xff", `"7"`, `[ ]`} {
				v := m.New()
				if err := wire.Unmarshal(odd, v); err != nil {
					t.Errorf("%s: %v in %s", m.Schema, err, odd)
					break
				}
				out, err := wire.Marshal(v)
				if err != nil || strings.Count(string(out), half) != strings.Count(string(odd), half) && !hasConstants(reflect.TypeOf(twin).Elem(), 0) {
					t.Errorf("%s: %v\nread    %s\nwritten %s", m.Schema, err, odd, out)
					break
				}
			}
		}
	}
}

// oddForms writes the texts, numbers and objects of a document as they can be read, but not be held.
func oddForms(data []byte) [][]byte {
	return [][]byte{
		bytes.ReplaceAll(data, []byte("text "), []byte(`\ud83d `)),
		bytes.ReplaceAll(data, []byte("text "), []byte("\xff ")),
		regexp.MustCompile(`:(\d+)([,}])`).ReplaceAll(data, []byte(`:"7"$2`)),
		regexp.MustCompile(`"(_links|_embedded)":\{("[^"]*":\{[^{}]*\},?)*\}`).ReplaceAll(data, []byte(`"$1":[ ]`)),
	}
}

func TestModelsAreBounded(t *testing.T) {
	t.Parallel()
	page := func(items int) string {
		return `{"_embedded":{"items":[` + strings.Repeat("{},", items-1) + `{}]}}`
	}
	deep := func(levels int) string {
		return strings.Repeat(`{"x":`, levels-1) + "{}" + strings.Repeat("}", levels-1)
	}
	for name, tt := range map[string]struct {
		in string
		ok bool
	}{
		"as many entries as are allowed": {page(10_000), true}, "one more": {page(10_001), false},
		"as deep as is allowed": {deep(512), true}, "one deeper": {deep(513), false},
	} {
		if err := unmarshalStrictly(new(dwolla.MassPaymentItemPage), tt.in); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFault233_DecodingIntoAUsedValueReplacesIt(t *testing.T) {
	t.Parallel()
	const rest = `{"a member of next year":1}`
	for _, m := range models {
		twin := m.Twin()
		seed := 0
		sample(reflect.ValueOf(twin).Elem(), &seed)
		full, err := json.Marshal(twin)
		if err != nil {
			t.Fatal(err)
		}
		full = append(append(full[:len(full)-1], ','), rest[1:]...)
		for name, decode := range map[string]func([]byte, any) error{"the client": wire.Unmarshal, "encoding/json": json.Unmarshal} {
			for _, next := range []string{`{}`, rest, string(full)} {
				used, fresh := m.New(), m.New()
				if err := decode(full, used); err != nil {
					t.Fatalf("%s, %s: %v", m.Schema, name, err)
				}
				if err := decode([]byte(next), fresh); err != nil {
					t.Fatalf("%s, %s: %v", m.Schema, name, err)
				}
				if err := decode([]byte(next), used); err != nil {
					t.Errorf("%s, %s: a second time: %v", m.Schema, name, err)
				} else if !reflect.DeepEqual(used, fresh) {
					t.Errorf("%s, %s: something is left of what was there", m.Schema, name)
				}
			}
		}
	}
}

// Package cmp panics at an unexported field of a type without an Equal method, and package gob drops it.
func TestFault236_EveryModelCanBeComparedAndStored(t *testing.T) {
	t.Parallel()
	for _, m := range models {
		twin := m.Twin()
		seed := 0
		sample(reflect.ValueOf(twin).Elem(), &seed)
		text, err := json.Marshal(twin)
		if err != nil {
			t.Fatal(err)
		}
		a, b := m.New(), m.New()
		for _, v := range []any{a, b} {
			if err := json.Unmarshal(otherForms(text), v); err != nil {
				t.Fatalf("%s: %v", m.Schema, err)
			}
		}
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s: two of one document are not equal", m.Schema)
		}
		if problem := incomparable(reflect.TypeOf(a).Elem(), map[reflect.Type]bool{}); problem != "" {
			t.Errorf("%s: package cmp panics at %s", m.Schema, problem)
		}
		var stored bytes.Buffer
		text = otherForms(bytes.ReplaceAll(text, []byte(":true"), []byte(":false"))) // gob knows no pointer to false
		a = m.New()
		if err := json.Unmarshal(text, a); err != nil {
			t.Fatalf("%s: %v", m.Schema, err)
		}
		if err := gob.NewEncoder(&stored).Encode(a); err != nil {
			t.Errorf("%s: %v", m.Schema, err)
			continue
		}
		back := m.New()
		if err := gob.NewDecoder(&stored).Decode(back); err != nil {
			t.Errorf("%s: %v", m.Schema, err)
			continue
		}
		want, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(back); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: package gob made\n%s of\n%s", m.Schema, got, want)
		}
	}
}

// otherForms writes what models keep without a field of its own: a list of links, money as a number.
func otherForms(text []byte) []byte {
	text = regexp.MustCompile(`\{"href":"[^{}]*\}`).ReplaceAll(text, []byte("[$0,$0]"))
	return regexp.MustCompile(`\{"value":"[^{}]*\}`).ReplaceAll(text, []byte(`{"value":1.50,"currency":"USD","formatted":"$$1.50"}`))
}

// incomparable returns where package cmp would panic in values of a type.
func incomparable(typ reflect.Type, seen map[reflect.Type]bool) string {
	if seen[typ] {
		return ""
	}
	seen[typ] = true
	if equal, ok := typ.MethodByName("Equal"); ok && equal.Type.NumIn() == 2 && equal.Type.In(1) == typ {
		return ""
	}
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return incomparable(typ.Elem(), seen)
	case reflect.Struct:
		for field := range typ.Fields() {
			if !field.IsExported() {
				return typ.String() + "." + field.Name
			}
			if problem := incomparable(field.Type, seen); problem != "" {
				return problem
			}
		}
	}
	return ""
}

// What a document may take on the heap, itself included.
const (
	heapTimes = 4
	heapSmall = 8 << 20
)

// taken decodes a document and returns how much was allocated for it, which its place on the heap cannot exceed.
func taken(decode func([]byte) error, doc []byte) (bytes uint64, err error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err = decode(doc)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, err
}

// bounded fails the test if a document takes more than it may, or is refused without a place and a reason.
func bounded(t *testing.T, name string, decode func([]byte) error, doc string) {
	t.Helper()
	used, err := taken(decode, []byte(doc))
	if most := uint64(heapTimes*len(doc) + heapSmall); used > most {
		t.Errorf("%s: a document of %d KiB took %d KiB: %.60s…", name, len(doc)>>10, used>>10, doc)
	}
	if _, ok := errors.AsType[*wire.DecodeError](err); err != nil && !ok {
		t.Errorf("%s: %v", name, err)
	}
}

// repeated is a list, or an object, of about size bytes that has nothing but elem in it.
func repeated(object bool, elem string, size int) string {
	text := make([]byte, 0, size+64)
	for i := int64(0); len(text) < size; i++ {
		text = append(text, ',')
		if object {
			text = append(strconv.AppendInt(append(text, '"'), i, 36), '"', ':')
		}
		text = append(text, elem...)
	}
	if object {
		return "{" + string(text[1:]) + "}"
	}
	return "[" + string(text[1:]) + "]"
}

// Every element is small and becomes something large.
var smallest = []string{`{}`, `null`, `[]`, `""`, `0`, `"ab"`, `[{}]`, `{"x":0}`, `{"x":{}}`, `[{},{}]`, `[{"x":0},{"x":0}]`}

// It is not parallel: the heap is of the whole process. The race detector has nothing to find in one goroutine and makes
// it six times as slow, so that with it each type gets every fifth document, and each document every fifth type.
func TestFault241_NoDocumentTakesMoreThanFourTimesItsLength(t *testing.T) {
	const size = 256 << 10
	share := 1
	if testkit.Raced() {
		share = 5
	}
	values := []string{`"` + strings.Repeat(`\n`, size/2) + `"`}
	for _, elem := range smallest {
		values = append(values, repeated(false, elem, size), repeated(true, elem, size))
	}
	done := map[reflect.Type]bool{}
	for _, m := range models {
		decode := func(doc []byte) error { return wire.Unmarshal(doc, m.New()) }
		typ := reflect.TypeOf(m.Twin()).Elem()
		for field := range typ.Fields() {
			if done[field.Type] {
				continue
			}
			done[field.Type] = true
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			for i, value := range values {
				if (i+len(done))%share == 0 {
					bounded(t, m.Schema, decode, `{"`+name+`":`+value+`}`)
				}
			}
			if field.Type.Kind() != reflect.Slice || field.Type.Elem().Kind() != reflect.Struct {
				continue
			}
			for inner := range field.Type.Elem().Fields() { // each of the elements has a list or a map of its own
				of, _, _ := strings.Cut(inner.Tag.Get("json"), ",")
				for _, value := range []string{`{"x":{}}`, `[{},{}]`} {
					bounded(t, m.Schema, decode, `{"`+name+`":`+repeated(false, `{"`+of+`":`+value+`}`, size)+`}`)
				}
			}
		}
	}
	unknown := models[0]
	for _, value := range values {
		decode := func(doc []byte) error { return wire.Unmarshal(doc, unknown.New()) }
		bounded(t, "a member that is not known", decode, `{"x":`+value+`}`)
	}
}

// Of each type that is not a model, and of the worst models.
func TestFault242_NoLargeDocumentTakesMoreThanFourTimesItsLength(t *testing.T) {
	const size = 4 << 20
	self := repeated(false, `{}`, size)
	for name, tt := range map[string]struct {
		v   any
		doc string
	}{
		"links of a model":     {new(dwolla.Transfer), `{"_links":{"self":` + self + `}}`},
		"links of an object":   {new(dwolla.Object), `{"_links":{"self":` + self + `}}`},
		"relations":            {new(dwolla.Object), `{"_links":` + repeated(true, `{}`, size) + `}`},
		"unknown relations":    {new(dwolla.Transfer), `{"_links":` + repeated(true, `{}`, size) + `}`},
		"lists of links":       {new(dwolla.Object), `{"_links":` + repeated(true, `[{},{},{},{},{}]`, size) + `}`},
		"field errors":         {new(api.ErrorBody), `{"code":"x","_embedded":{"errors":` + self + `}}`},
		"members of errors":    {new(api.ErrorBody), `{"code":"x","_embedded":{"errors":` + repeated(false, `{"x":{},"_links":{"a":{}}}`, size) + `}}`},
		"one long text":        {new(dwolla.Customer), `{"firstName":"` + strings.Repeat(`\u0041`, size/6) + `"}`},
		"customers":            {new(dwolla.CustomerPage), `{"_embedded":{"customers":` + self + `}}`},
		"customers of links":   {new(dwolla.CustomerPage), `{"_embedded":{"customers":` + repeated(false, `{"_links":{"self":[{},{}]}}`, size) + `}}`},
		"customers of members": {new(dwolla.CustomerPage), `{"_embedded":{"customers":` + repeated(false, `{"_":0}`, size) + `}}`},
		"metadata":             {new(dwolla.Transfer), `{"metadata":` + repeated(true, `""`, size) + `}`},
		"nested arrays":        {new(dwolla.Transfer), `{"x":` + repeated(false, `[[[]]]`, size) + `}`},
		"anything":             {new(any), self},
		"objects of anything":  {new(any), repeated(false, `{"a":0}`, size)},
		"texts of anything":    {new(any), repeated(false, `"a"`, size)},
	} {
		bounded(t, name, func(doc []byte) error { return wire.Unmarshal(doc, tt.v) }, tt.doc)
	}
}

func TestFault243_APageOfTheLargestSizeIsReadHoweverShortItsEntries(t *testing.T) {
	t.Parallel()
	for _, m := range models {
		typ := reflect.TypeOf(m.Twin()).Elem()
		for field := range typ.Fields() {
			if field.Type.Kind() != reflect.Slice || field.Type.Elem().Kind() == reflect.Uint8 {
				continue
			}
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			for entries, length := range map[int]int{1: 1, 200: 1, 5000: 140} {
				elem := `"` + strings.Repeat("a", length) + `"`
				if field.Type.Elem().Kind() == reflect.Struct {
					elem = `{"id":` + elem + `}`
				}
				list := strings.Repeat(elem+",", entries-1) + elem
				if err := wire.Unmarshal(fmt.Appendf(nil, `{%q:[%s]}`, name, list), m.New()); err != nil {
					t.Errorf("%s: %d entries: %v", m.Schema, entries, err)
				}
			}
		}
	}
}

// unmarshalStrictly reads as the client does.
func unmarshalStrictly(v any, in string) error {
	return wire.Unmarshal([]byte(in), v)
}

func memberNames(v any) string {
	var names strings.Builder
	names.WriteString(" ")
	typ := reflect.TypeOf(v).Elem()
	for field := range typ.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names.WriteString(name + " ")
	}
	return names.String()
}

func parse(t testing.TB, data []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return v
}

// lost lists where got is not want. Only a member that is null, zero, empty or false may be missing.
func lost(want, got any, at string) []string {
	switch want := want.(type) {
	case map[string]any:
		have, ok := got.(map[string]any)
		if !ok {
			return []string{at + ": no object any more"}
		}
		var out []string
		for _, k := range slices.Sorted(maps.Keys(want)) {
			v, ok := have[k]
			if !ok {
				if !empty(want[k]) {
					out = append(out, at+"/"+k+": lost")
				}
				continue
			}
			out = append(out, lost(want[k], v, at+"/"+k)...)
		}
		for _, k := range slices.Sorted(maps.Keys(have)) {
			if _, ok := want[k]; !ok {
				out = append(out, at+"/"+k+": invented")
			}
		}
		return out
	case []any:
		have, ok := got.([]any)
		if !ok || len(have) != len(want) {
			return []string{at + ": another array"}
		}
		var out []string
		for i := range want {
			out = append(out, lost(want[i], have[i], fmt.Sprintf("%s/%d", at, i))...)
		}
		return out
	default:
		if want != got {
			return []string{fmt.Sprintf("%s: %v became %v", at, want, got)}
		}
		return nil
	}
}

// empty reports whether a value may be left out: nothing but null, zero, empty and false in it.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case json.Number:
		return strings.Trim(v.String(), "-0.") == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		for _, e := range v {
			if !empty(e) {
				return false
			}
		}
		return true
	default:
		return false
	}
}
