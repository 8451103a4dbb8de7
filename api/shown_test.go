package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
)

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

func TestFileShowsNeitherItsNameNorItsContent(t *testing.T) {
	file := api.File{Name: "secret-passport.png", ContentType: "image/png", Content: strings.NewReader("secret")}
	type body struct{ File api.File }
	for _, text := range append(formatted(file), fmt.Sprint(&file), fmt.Sprintf("%+v", body{file}), logged(file)) {
		if strings.Contains(text, "secret") || strings.Contains(text, "png") || !strings.Contains(text, "dwolla.File") {
			t.Errorf("shows %s", text)
		}
	}
	var content [6]byte
	if n, err := file.Content.Read(content[:]); err != nil || n != 6 {
		t.Errorf("the content was read to show it: %d bytes are left, %v", n, err)
	}
}

func TestObjectShowsNoValues(t *testing.T) {
	object := decode[api.Object](t, `{"_links":{"self":{"href":"https://other.example/secret"}},"ssn":"secret"}`)
	for _, text := range append(formatted(object), fmt.Sprint(&object), logged(object)) {
		if strings.Contains(text, "secret") || !strings.Contains(text, "ssn") {
			t.Errorf("shows %s", text)
		}
	}
	if text := logged(object); !strings.Contains(text, "self") {
		t.Errorf("the log does not name the relation: %s", text)
	}
	equal(t, object.IsZero(), false)
	equal(t, api.Object{}.IsZero(), true)
	equal(t, decode[api.Object](t, `{"_links":{"self":{"href":"/a"}}}`).IsZero(), false)
	equal(t, decode[api.Object](t, `{}`).IsZero(), true)
}

func TestDecodingIntoWhatCannotTakeItIsAnError(t *testing.T) {
	object := decode[api.Object](t, `{"ssn":"secret"}`)
	var into struct{ SSN string }
	err := object.Extra.Decode("ssn", into) // no pointer
	if _, ok := errors.AsType[*json.InvalidUnmarshalError](err); !ok {
		t.Errorf("error is %T (%v)", err, err)
	}
	object.Extra["broken"] = json.RawMessage(`{"secret":`)
	for name, err := range map[string]error{
		"the object":  object.Decode(&into),
		"the member":  object.Extra.Decode("broken", &into.SSN),
		"the encoder": func() error { _, err := json.Marshal(object); return err }(),
	} {
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	equal(t, into.SSN, "")
}
