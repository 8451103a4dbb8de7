package api_test

import (
	"mime"
	"net/http"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
)

// net/http finds a header by its canonical name only.
func TestTheNamesOfHeadersAreCanonical(t *testing.T) {
	for _, name := range []string{
		api.HeaderIdempotencyKey, api.HeaderRequestID, api.HeaderRay, api.HeaderWebhookTopic, api.HeaderWebhookSignature,
	} {
		equal(t, name, http.CanonicalHeaderKey(name))
	}
}

func TestTheMediaTypesAreWellFormed(t *testing.T) {
	for full, want := range map[string]string{
		api.MediaTypeHAL: "application/vnd.dwolla.v1.hal+json", api.MediaTypeJSON: "application/json",
		api.MediaTypeHALForms: "application/vnd.dwolla.v1.hal+json",
	} {
		got, _, err := mime.ParseMediaType(full)
		equal(t, err, nil)
		equal(t, got, want)
	}
}
