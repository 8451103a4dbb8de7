package api_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
)

func TestObject(t *testing.T) {
	text := `{"_links":{"self":{"href":"/a"}},"id":"a","total":12345678901234567890,"_embedded":{"x":[1.50]}}`
	object := decode[api.Object](t, text)
	lossless(t, text, object)
	equal(t, object.Extra.Names(), []string{"_embedded", "id", "total"})
	equal(t, object.Links["self"].Href, "/a")

	var typed struct {
		ID    string      `json:"id"`
		Total json.Number `json:"total"`
		Links struct {
			Self api.Link[account] `json:"self"`
		} `json:"_links"`
	}
	equal(t, object.Decode(&typed), nil)
	equal(t, typed.ID, "a")
	equal(t, typed.Total, "12345678901234567890")
	equal(t, typed.Links.Self.ID(), "a")

	var again api.Object
	equal(t, object.Decode(&again), nil)
	equal(t, again, object)
}

func TestObjectEdges(t *testing.T) {
	equal(t, decode[api.Object](t, `null`).IsZero(), true)
	equal(t, encode(t, api.Object{}), `{}`)

	var wrong struct{ ID int }
	err := decode[api.Object](t, `{"id":"secret"}`).Decode(&wrong)
	if err == nil {
		t.Error("text decoded into an int")
	}
	unwritable := api.Object{Extra: api.Extra{"id": json.RawMessage(`{`)}}
	if err := unwritable.Decode(&wrong); err == nil {
		t.Error("decoded what cannot be encoded")
	}
	for _, text := range []string{`[]`, `{"_links":[]}`, `{"_links":{},"_links":{}}`} {
		var refused api.Object
		if err := json.Unmarshal([]byte(text), &refused); err == nil {
			t.Errorf("accepted %s", text)
		}
	}
}

func TestObjectLogsNamesOnly(t *testing.T) {
	object := decode[api.Object](t, `{"_links":{"self":{"href":"/secret"}},"ssn":"secret"}`)
	var out strings.Builder
	slog.New(slog.NewTextHandler(&out, nil)).Info("got", "object", object)
	_, logged, _ := strings.Cut(out.String(), "msg=got ")
	equal(t, logged, "object.links=[self] object.members=[ssn]\n")
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

func FuzzObject(f *testing.F) {
	f.Add(`{"_links":{"self":{"href":"/a"},"send":[]},"id":1.0}`)
	f.Fuzz(func(t *testing.T, text string) {
		var object api.Object
		if json.Unmarshal([]byte(text), &object) != nil {
			return
		}
		lossless(t, text, object)
	})
}
