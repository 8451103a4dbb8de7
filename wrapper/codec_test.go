package dwolla_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/wire"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
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
			"text": `""`, "nothing": ``, "half an object": `{"x":`, "invalid UTF-8": "{\"x\":\"\xff\"}",
		} {
			if err := unmarshalStrictly(m.New(), in); err == nil {
				t.Errorf("%s accepts %s", m.Schema, name)
			}
		}
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
