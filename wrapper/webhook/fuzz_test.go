package webhook_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

// FuzzVerify holds Verify against the independent implementation: it accepts what that one signs and nothing else.
func FuzzVerify(f *testing.F) {
	f.Add("secret", []byte(`{"id":"1"}`), "")
	f.Add("secret", []byte(`{"id":"1"}`), webhook.Sign("secret", []byte(`{"id":"1"}`)))
	f.Add("s", []byte{0}, "00")
	f.Fuzz(func(t *testing.T, secret string, body []byte, signature string) {
		v, err := webhook.NewVerifier(secret)
		if err != nil {
			return
		}
		want := independentSign(secret, body)
		verify := func(s string) error {
			return v.Verify(http.Header{"X-Request-Signature-Sha-256": {s}}, body)
		}
		if err := verify(want); (err == nil) != (len(body) > 0) {
			t.Errorf("the right signature: %v", err)
		}
		if verify(signature) == nil && !equalHex(signature, want) {
			t.Errorf("accepted %q", signature)
		}
	})
}

// FuzzParse lets no body panic, and none lose its id.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"id":"1","topic":"transfer_created","_links":{"resource":{"href":"https://api.dwolla.com/transfers/1"}}}`))
	f.Add([]byte(`{"id":"1","_links":{"resource":[{"href":"a"},{}]},"created":null,"x":[1e400]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		event, err := webhook.Parse(body)
		if err != nil {
			return
		}
		_, _ = event.OccurredAt()
		_ = event.LogValue()
		again, err := event.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		second, err := webhook.Parse(again)
		if err != nil || second.ID != event.ID || second.ID == "" {
			t.Errorf("%q became %q: %v", body, again, err)
		}
	})
}

// equalHex compares two numbers in hex as the rule for the header says: in any case, spaces around them aside.
func equalHex(a, b string) bool {
	return strings.EqualFold(strings.Trim(a, " \t"), b)
}
