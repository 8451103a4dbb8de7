package dwolla_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
)

// TestNoModelShowsItsData fills every model to the brim and puts it into every sort of text, as it is and inside other
// values. Its id alone may be seen.
func TestNoModelShowsItsData(t *testing.T) {
	t.Parallel()
	for _, m := range models {
		pointer := reflect.ValueOf(m.New())
		fill(pointer.Elem(), 0)
		if data, err := json.Marshal(pointer.Interface()); err == nil && !strings.Contains(string(data), "canary") {
			t.Errorf("%s has no data: %s", m.Schema, data)
		}
		within := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "Model", Type: pointer.Type().Elem()}})).Elem()
		within.Field(0).Set(pointer.Elem())
		list := reflect.MakeSlice(reflect.SliceOf(pointer.Type().Elem()), 0, 1)
		value := pointer.Elem().Interface()
		for name, v := range map[string]any{
			"a value": value, "a pointer": pointer.Interface(), "in a struct": within.Interface(), "in a map": map[string]any{"k": value},
			"in a list": reflect.Append(list, pointer.Elem()).Interface(), "in a list of pointers": []any{pointer.Interface()},
		} {
			for sink, text := range sinks {
				if sink == "json.Marshal" || sink == "a dump" || sink == "slog JSON" && strings.HasPrefix(name, "in ") {
					continue // they mean the data, or encoding/json does
				}
				checkHidden(t, m.Schema+", "+name+", "+sink, text(v))
			}
			if s, ok := v.(fmt.Stringer); ok {
				checkHidden(t, m.Schema+", "+name+", String", s.String())
			} else if !strings.HasPrefix(name, "in ") {
				t.Errorf("%s, %s, is no fmt.Stringer: some loggers would take it apart", m.Schema, name)
			}
		}
	}
}

func checkHidden(t *testing.T, name, text string) {
	t.Helper()
	for _, canary := range []string{"canary", hex.EncodeToString([]byte("canary"))} {
		if strings.Contains(text, canary) {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// fill puts a canary into every text of v but ids.
func fill(v reflect.Value, depth int) {
	if depth > 8 || !v.CanSet() {
		return
	}
	switch v := v.Addr().Interface().(type) {
	case *api.Extra:
		*v = api.Extra{"more": json.RawMessage(`"canary"`)}
		return
	case *json.RawMessage:
		*v = json.RawMessage(`"canary"`)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("https://example.com/canary")
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth+1)
	case reflect.Map:
		key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(elem, depth+1)
		key.SetString("key")
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, elem)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "ID" {
				fill(v.Field(i), depth+1)
			}
		}
	}
}
