package dwolla_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// FuzzModels reads and writes documents as every model and as its twin, which has no methods, so that encoding/json does
// it by reflection. What the codec accepts, encoding/json accepts, and both read the same; what the codec writes is the
// document again.
func FuzzModels(f *testing.F) {
	for i, m := range models {
		twin := m.Twin()
		seed := 0
		sample(reflect.ValueOf(twin).Elem(), &seed)
		data, err := json.Marshal(twin)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint16(i), data)
		for _, odd := range oddForms(data) {
			f.Add(uint16(i), odd)
		}
	}
	names := modelNames()
	f.Fuzz(func(t *testing.T, i uint16, data []byte) {
		m := models[int(i)%len(models)]
		v := m.New()
		if wire.Unmarshal(data, v) != nil {
			return
		}
		out, err := wire.Marshal(v)
		if err != nil {
			t.Fatalf("%s: what was read cannot be written: %v", m.Schema, err)
		}
		written := m.New()
		if err := wire.Unmarshal(out, written); err != nil {
			t.Fatalf("%s: what was written cannot be read: %v in %s", m.Schema, err, out)
		}
		if again, err := wire.Marshal(written); err != nil || !bytes.Equal(again, out) {
			t.Fatalf("%s: got %s, then %s, %v", m.Schema, out, again, err)
		}
		document := parse(t, data)
		if !sameNames(document, names) {
			return // encoding/json takes a name in another case for the member
		}
		twin := m.Twin()
		if err := json.Unmarshal(data, twin); err != nil {
			if lenient(err, data) {
				return
			}
			t.Fatalf("%s: encoding/json refuses what the codec accepts: %v", m.Schema, err)
		}
		direct, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, out); err != nil {
			t.Fatalf("%s: %v in %s", m.Schema, err, out)
		}
		if got, want := parse(t, direct), parse(t, compact.Bytes()); !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: encoding/json writes %s and the client %s", m.Schema, direct, out)
		}
		if !hasConstants(reflect.TypeOf(twin).Elem(), 0) && !bytes.Contains(data, []byte("-0")) {
			if problems := lost(document, withoutAdded(document, parse(t, out)), ""); len(problems) > 0 {
				t.Fatalf("%s: %s\nin  %s\nout %s", m.Schema, strings.Join(problems, "; "), data, out)
			}
		}
		again := m.Twin()
		if err := json.Unmarshal(out, again); err != nil {
			t.Fatalf("%s: encoding/json refuses what the codec writes: %v", m.Schema, err)
		}
		dropConstants(reflect.ValueOf(twin).Elem())
		dropConstants(reflect.ValueOf(again).Elem())
		if want, got := members(t, twin), members(t, again); len(lost(want, got, "")) > 0 || len(lost(got, want, "")) > 0 {
			t.Fatalf("%s: encoding/json reads\n%v\nfrom the document and\n%v\nfrom what the codec made of it", m.Schema, want, got)
		}
	})
}

// withoutAdded drops what the codec adds to a document: a flag or number that the contract requires is written as false
// or 0 when the document has none.
func withoutAdded(document, written any) any {
	switch w := written.(type) {
	case map[string]any:
		d, _ := document.(map[string]any)
		for name, value := range w {
			if _, ok := d[name]; ok {
				w[name] = withoutAdded(d[name], value)
			} else if value == false || value == json.Number("0") {
				delete(w, name)
			}
		}
	case []any:
		if d, ok := document.([]any); ok && len(d) == len(w) {
			for i := range w {
				w[i] = withoutAdded(d[i], w[i])
			}
		}
	}
	return written
}

// lenient reports whether encoding/json refused a shape that is taken besides the one that is documented: a relation that
// is a list of links, an amount that is a number, an error or metadata of any shape, an integer as text, [] for an object.
func lenient(err error, data []byte) bool {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return false
	}
	switch wrong.Type.Kind() {
	case reflect.Int, reflect.Map:
		return true
	case reflect.Struct:
		if wrong.Value == "array" {
			return true
		}
	case reflect.String:
		if bytes.Contains(bytes.ToLower(data), []byte("metadata")) {
			return true
		}
	}
	// Where it is in the document is worded in another way by each release of Go.
	switch wrong.Type.Name() {
	case "twinLink", "twinLinks", "twinMoney", "twinText":
		return true
	default:
		return strings.Contains(wrong.Type.String(), "twinFieldError")
	}
}

// modelNames are the names of all members, by their lower case.
func modelNames() map[string][]string {
	names := map[string][]string{}
	add := func(twin any) {
		for name := range strings.FieldsSeq(memberNames(twin)) {
			names[strings.ToLower(name)] = append(names[strings.ToLower(name)], name)
		}
	}
	for _, m := range models {
		add(m.Twin())
	}
	add(new(twinLink))
	add(new(twinMoney))
	add(new(twinFieldError))
	return names
}

// sameNames reports whether no name in a document is that of a member in another case.
func sameNames(document any, names map[string][]string) bool {
	switch v := document.(type) {
	case map[string]any:
		for name, value := range v {
			known := names[strings.ToLower(name)]
			if len(known) > 0 && !slices.Contains(known, name) || !isASCII(name) || !sameNames(value, names) {
				return false
			}
		}
	case []any:
		for _, value := range v {
			if !sameNames(value, names) {
				return false
			}
		}
	}
	return true
}

// isASCII reports whether a name can have no fold that is longer than a letter.
func isASCII(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool { return r >= 0x80 })
}

// hasConstants reports whether a twin has members that the codec writes by itself.
func hasConstants(t reflect.Type, depth int) bool {
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice:
		return hasConstants(t.Elem(), depth)
	case reflect.Struct:
		for field := range t.Fields() {
			if depth < 20 && hasConstants(field.Type, depth+1) {
				return true
			}
		}
	}
	return false
}

// members are what encoding/json writes of a twin.
func members(t *testing.T, twin any) any {
	t.Helper()
	data, err := json.Marshal(twin)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, data)
}
