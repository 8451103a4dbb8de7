package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// The headers of a delivery.
const (
	// SignatureHeader carries the HMAC-SHA-256 of the raw body in hex, keyed with the secret of the subscription.
	SignatureHeader = "X-Request-Signature-SHA-256"
	// TopicHeader repeats the topic. It is not signed: trust the one in the body.
	TopicHeader = "X-Dwolla-Topic"
)

// ErrSignature is the one error of every delivery that Dwolla did not demonstrably sign. It does not say what was
// wrong, so that nobody can feel their way forward.
var ErrSignature = errors.New("webhook: not signed with an accepted secret")

// maxSecret is the longest secret that Dwolla takes.
const maxSecret = 128

// A Verifier checks the signatures of deliveries. It is safe for concurrent use.
type Verifier struct {
	secrets [][]byte
}

// NewVerifier accepts deliveries signed with any of the secrets, in no particular order: several while one replaces
// another. A secret has 1 to 128 characters and no space around it; a [*dwolla.ConfigurationError] says what is wrong
// with one, without its value.
func NewVerifier(secrets ...string) (*Verifier, error) {
	if len(secrets) == 0 {
		return nil, &dwolla.ConfigurationError{Option: "webhook secret", Reason: "is missing"}
	}
	v := &Verifier{}
	for _, s := range secrets {
		if err := checkSecret(s); err != nil {
			return nil, err
		}
		v.secrets = append(v.secrets, []byte(s))
	}
	return v, nil
}

func checkSecret(secret string) error {
	switch {
	case strings.TrimSpace(secret) == "":
		return &dwolla.ConfigurationError{Option: "webhook secret", Reason: "is empty"}
	case strings.TrimSpace(secret) != secret:
		return &dwolla.ConfigurationError{Option: "webhook secret", Reason: "has a space or a line end around it"}
	case len(secret) > maxSecret:
		return &dwolla.ConfigurationError{Option: "webhook secret", Reason: "is longer than 128 characters"}
	}
	return nil
}

// Verify returns nil if the headers hold exactly one signature and it is that of body, and [ErrSignature] otherwise.
// The body must be the bytes as they came: JSON that was decoded and encoded again is another body. An empty body is
// never accepted. The name of the header may be written in any case, its hex digits too.
func (v *Verifier) Verify(header http.Header, body []byte) error {
	got, ok := signatureOf(header)
	if v == nil || !ok || len(body) == 0 {
		return ErrSignature
	}
	accepted := false
	for _, secret := range v.secrets {
		// Every secret is tried, so that the time taken does not tell which one fits.
		accepted = hmac.Equal(got[:], sum(secret, body)) || accepted
	}
	if !accepted {
		return ErrSignature
	}
	return nil
}

// Sign is the signature that Dwolla would send for body, as the value of [SignatureHeader].
func Sign(secret string, body []byte) string {
	return hex.EncodeToString(sum([]byte(secret), body))
}

func sum(secret, body []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return mac.Sum(nil)
}

// signatureOf decodes the only signature of the headers. Headers that did not come through net/http, such as those of
// a function's gateway, may be written in another case.
func signatureOf(header http.Header) (signature [sha256.Size]byte, ok bool) {
	var found []string
	for name, values := range header {
		if len(name) == len(SignatureHeader) && strings.EqualFold(name, SignatureHeader) {
			if len(values) != 1 || found != nil {
				return signature, false
			}
			found = values
		}
	}
	if found == nil {
		return signature, false
	}
	text := strings.Trim(found[0], " \t")
	if len(text) != hex.EncodedLen(len(signature)) {
		return signature, false
	}
	_, err := hex.Decode(signature[:], []byte(text))
	return signature, err == nil
}

// String hides the secrets, also for %v and %+v.
func (v *Verifier) String() string { return "webhook.Verifier(secrets hidden)" }

// GoString is String, for %#v.
func (v *Verifier) GoString() string { return v.String() }
