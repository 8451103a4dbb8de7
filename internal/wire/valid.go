package wire

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"unicode/utf8"
)

// This file looks for invalid UTF-8 in values that encoding/json writes. It replaces invalid bytes without an error, and
// how that shows in its output depends on the release of Go.

// validStrings reports whether every string that encoding/json writes of v is valid UTF-8. v can be written.
func validStrings(v any) bool {
	w := stringWalk{seen: map[reference]bool{}}
	return w.valid(reflect.ValueOf(v))
}

// A stringWalk visits the strings of a value. What it has seen is not visited again, since a field that is not written may
// close a circle.
type stringWalk struct{ seen map[reference]bool }

type reference struct {
	at  uintptr
	len int
	typ reflect.Type
}

func (w *stringWalk) valid(v reflect.Value) bool {
	if !v.IsValid() {
		return true
	}
	if valid, ok := validOwn(v); ok {
		return valid
	}
	switch v.Kind() {
	case reflect.String:
		return utf8.ValidString(v.String())
	case reflect.Interface:
		return w.valid(v.Elem())
	case reflect.Pointer:
		return v.IsNil() || w.again(v, 0) || w.valid(v.Elem())
	case reflect.Struct:
		return w.validFields(v)
	case reflect.Map:
		return w.again(v, 0) || w.validMap(v)
	case reflect.Slice:
		return w.again(v, v.Len()) || w.validElements(v)
	case reflect.Array:
		return w.validElements(v)
	default:
		return true
	}
}

func (w *stringWalk) again(v reflect.Value, length int) bool {
	ref := reference{v.Pointer(), length, v.Type()}
	again := w.seen[ref]
	w.seen[ref] = true
	return again
}

func (w *stringWalk) validFields(v reflect.Value) bool {
	for field, value := range v.Fields() {
		if !field.IsExported() && !field.Anonymous || field.Tag.Get("json") == "-" {
			continue
		}
		if !w.valid(value) {
			return false
		}
	}
	return true
}

func (w *stringWalk) validMap(v reflect.Value) bool {
	for name, value := range v.Seq2() {
		if !w.valid(name) || !w.valid(value) {
			return false
		}
	}
	return true
}

func (w *stringWalk) validElements(v reflect.Value) bool {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return true // Base64
	}
	for i := range v.Len() {
		if !w.valid(v.Index(i)) {
			return false
		}
	}
	return true
}

// validOwn is for a value that encodes itself.
func validOwn(v reflect.Value) (valid, ok bool) {
	if v.Kind() != reflect.Pointer && v.CanAddr() {
		v = v.Addr() // whose methods include those of the value
	}
	if !v.CanInterface() || v.Kind() == reflect.Pointer && v.IsNil() || v.Kind() == reflect.Interface {
		return false, false
	}
	switch v := v.Interface().(type) {
	case json.RawMessage:
		return utf8.Valid(v), true
	case *json.RawMessage:
		return utf8.Valid(*v), true
	case json.Marshaler:
		text, err := v.MarshalJSON()
		return err == nil && utf8.Valid(text) && (ofCodec(v) || !mayBeReplaced(text)), true
	case encoding.TextMarshaler:
		text, err := v.MarshalText()
		return err == nil && utf8.Valid(text), true
	default:
		return false, false
	}
}

// ofCodec reports whether a type is encoded by this package, which refuses invalid UTF-8 itself.
func ofCodec(v any) bool {
	t := reflect.TypeOf(v)
	if t.Kind() != reflect.Pointer {
		t = reflect.PointerTo(t)
	}
	return t.Implements(reflect.TypeFor[Marshaler]()) || t.Implements(reflect.TypeFor[Model]())
}

// mayBeReplaced reports whether text has a U+FFFD. A type that calls encoding/json to encode itself may have got it in
// place of an invalid byte.
func mayBeReplaced(text []byte) bool {
	return bytes.ContainsRune(text, utf8.RuneError) || bytes.Contains(bytes.ToLower(text), []byte(`\ufffd`))
}
