package api_test

import (
	"encoding/json"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
)

func TestLinksJSON(t *testing.T) {
	text := `{"self":{"href":"/a"},"send":[{"href":"/b"},{"href":"/c"}],"gone":null,"empty":{}}`
	links := decode[api.Links](t, text)
	lossless(t, text, links)
	equal(t, encode(t, links), `{"empty":{},"gone":{},"self":{"href":"/a"},"send":[{"href":"/b"},{"href":"/c"}]}`)
	equal(t, encode(t, api.Links(nil)), `{}`)
	equal(t, decode[api.Links](t, `null`), nil)

	for _, text := range []string{`[]`, `{"self":"/a"}`, `{"self":{"href":"/a"},"self":{"href":"/b"}}`} {
		var refused api.Links
		if err := json.Unmarshal([]byte(text), &refused); err == nil {
			t.Errorf("accepted %s", text)
		}
	}
}

func TestLinksGet(t *testing.T) {
	links := decode[api.Links](t, `{"self":{"href":"/a"},"empty":{"href":""}}`)
	for rel, want := range map[string]bool{"self": true, "empty": false, "Self": false, "send": false} {
		link, ok := links.Get(rel)
		equal(t, ok, want)
		equal(t, link.Href != "", want)
	}
	_, ok := api.Links(nil).Get("self")
	equal(t, ok, false)
}
