package webhook

import (
	"crypto/fips140"
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
	// TopicHeader repeats the topic. It is not signed; use the topic in the body.
	TopicHeader = "X-Dwolla-Topic"
)

// ErrSignature is the error for every delivery whose signature is missing or wrong. It does not say what was wrong, so
// that it is no oracle for an attacker.
var ErrSignature = errors.New("webhook: not signed with an accepted secret")

const (
	maxSecret     = 128 // characters, which Dwolla accepts
	minFIPSSecret = 14  // bytes: with GODEBUG=fips140=only, crypto/hmac panics at keys below 112 bits
)

// A Verifier checks the signatures of deliveries. It is safe for concurrent use.
type Verifier struct {
	secrets [][]byte
}

// NewVerifier returns a Verifier that accepts deliveries signed with any of the secrets; give several while one replaces
// another. A secret has 1 to 128 characters and no space around it; with GODEBUG=fips140=only, at least 14. An error is a
// [*dwolla.ConfigurationError], which says what is wrong with a secret but not its value.
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
	case fips140.Enforced() && len(secret) < minFIPSSecret:
		return &dwolla.ConfigurationError{Option: "webhook secret", Reason: "is shorter than 14 characters, which FIPS 140 forbids"}
	}
	return nil
}

// Verify returns nil if header has exactly one signature and it is that of body, and [ErrSignature] otherwise. body must
// be the raw bytes of the request: JSON that was decoded and encoded again has another signature. An empty body is never
// accepted. The header's name and its hex digits may be in any case.
func (v *Verifier) Verify(header http.Header, body []byte) error {
	got, ok := signatureOf(header)
	if v == nil || !ok || len(body) == 0 {
		return ErrSignature
	}
	accepted := false
	for _, secret := range v.secrets {
		// Every secret is tried, so that the time taken does not tell which one matches.
		accepted = hmac.Equal(got[:], sum(secret, body)) || accepted
	}
	if !accepted {
		return ErrSignature
	}
	return nil
}

// Sign returns the signature that Dwolla would send for body, as the value of [SignatureHeader]. It is for tests and fakes,
// and takes a secret of any length.
func Sign(secret string, body []byte) (signature string) {
	fips140.WithoutEnforcement(func() { signature = hex.EncodeToString(sum([]byte(secret), body)) })
	return signature
}

func sum(secret, body []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return mac.Sum(nil)
}

// signatureOf decodes the one signature in header. Headers that did not pass through net/http, such as those of a
// serverless gateway, may be in any case.
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
