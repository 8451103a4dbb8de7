package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
)

// equal fails the test where got is not want.
func equal[T any](t *testing.T, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v, want %#v", got, want)
	}
}

// decode decodes text, which must be accepted.
func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
	return v
}

// encode encodes v, which must be possible. The text of what v keeps is not
// touched, while encoding/json itself would compact it.
func encode(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if m, ok := v.(json.Marshaler); ok && err == nil {
		text, err = m.MarshalJSON()
	}
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return string(text)
}

// lossless fails the test unless v is all that text says: re-encoded it gives
// the same JSON value, where empty members may be missing, and decoded again
// the same v.
func lossless[T any](t *testing.T, text string, v T) {
	t.Helper()
	again := encode(t, v)
	if got, want := essence(t, again), essence(t, text); !reflect.DeepEqual(got, want) {
		t.Errorf("re-encoding %s gave %s", text, again)
	}
	equal(t, decode[T](t, again), v)
}

// essence is the JSON value of text without its empty members.
func essence(t *testing.T, text string) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("not JSON: %s: %v", text, err)
	}
	return prune(v)
}

// prune turns every empty value into nil and drops such members.
func prune(v any) any {
	switch v := v.(type) {
	case string:
		if v == "" {
			return nil
		}
	case map[string]any:
		for name, member := range v {
			if v[name] = prune(member); v[name] == nil {
				delete(v, name)
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		full := false
		for i := range v {
			v[i] = prune(v[i])
			full = full || v[i] != nil
		}
		if !full {
			return nil
		}
	}
	return v
}

// logged is what a log says of v.
func logged(v any) string {
	var log strings.Builder
	bare := &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key != "v" {
			return slog.Attr{}
		}
		return a
	}}
	slog.New(slog.NewJSONHandler(&log, bare)).Info("", "v", v)
	return log.String()
}

// formatted is what every verb says of v.
func formatted(v any) (texts []string) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		texts = append(texts, fmt.Sprintf(verb, v))
	}
	return texts
}
