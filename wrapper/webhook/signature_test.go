package webhook_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

func TestFault111_GoodSignaturesAreAccepted(t *testing.T) {
	body := encode(t, newEvent())
	good := webhook.Sign(signingSecret, body)
	for name, signature := range map[string]string{
		"in lower case":              good,
		"in upper case":              strings.ToUpper(good),
		"in mixed case":              strings.ToUpper(good[:32]) + good[32:],
		"with a space before it":     " " + good,
		"with spaces and tabs after": good + " \t ",
	} {
		t.Run(name, func(t *testing.T) {
			var c counter
			wantStatus(t, answer(newHandler(t, webhook.OnAny(c.handle)), request(t, body, signature)), http.StatusOK)
		})
	}
}

func TestFault112_BadSignaturesAreRefusedWithOneError(t *testing.T) {
	body := encode(t, newEvent())
	good := webhook.Sign(signingSecret, body)
	verifier := mustVerifier(t, signingSecret)
	for name, signature := range map[string]string{
		"another secret":                webhook.Sign("another", body),
		"another body":                  webhook.Sign(signingSecret, append(bytes.Clone(body), ' ')),
		"one digit short":               good[:63],
		"an odd number of digits":       good + "0",
		"a byte more":                   good + "00",
		"half of it":                    good[:32],
		"a letter that is no hex digit": "g" + good[1:],
		"letters that are not ASCII":    strings.Repeat("а", 32),
		"base64":                        base64.StdEncoding.EncodeToString([]byte(good[:32])),
		"the prefix of other vendors":   "sha256=" + good,
		"empty":                         "",
		"only spaces":                   "   ",
		"zeros":                         strings.Repeat("0", 64),
		"a null byte":                   good[:63] + "\x00",
		"a line end":                    good + "\n",
		"a space within":                good[:32] + " " + good[33:],
		"quoted":                        `"` + good + `"`,
	} {
		t.Run(name, func(t *testing.T) {
			err := verifier.Verify(http.Header{http.CanonicalHeaderKey(webhook.SignatureHeader): {signature}}, body)
			if err != webhook.ErrSignature { //nolint:errorlint // the very same value, so that no text can differ
				t.Errorf("error is %v", err)
			}
			wantStatus(t, answer(newHandler(t, webhook.OnAny(neverCalled(t))), request(t, body, signature)), http.StatusUnauthorized)
		})
	}
}

func TestFault113_HeadersWithoutExactlyOneSignatureAreRefused(t *testing.T) {
	body := encode(t, newEvent())
	good := webhook.Sign(signingSecret, body)
	for name, tt := range map[string]struct {
		header http.Header
		want   error
	}{
		"no header":                         {http.Header{}, webhook.ErrSignature},
		"nil headers":                       {nil, webhook.ErrSignature},
		"a name without values":             {http.Header{"X-Request-Signature-Sha-256": {}}, webhook.ErrSignature},
		"two headers":                       {http.Header{"X-Request-Signature-Sha-256": {good, good}}, webhook.ErrSignature},
		"a bad one before a good one":       {http.Header{"X-Request-Signature-Sha-256": {strings.Repeat("0", 64), good}}, webhook.ErrSignature},
		"a list with a comma":               {http.Header{"X-Request-Signature-Sha-256": {good + "," + good}}, webhook.ErrSignature},
		"two spellings of the name":         {http.Header{"X-Request-Signature-Sha-256": {good}, "x-request-signature-sha-256": {good}}, webhook.ErrSignature},
		"another name of the same length":   {http.Header{"X-Request-Signature-Sha-257": {good}}, webhook.ErrSignature},
		"a name that only folds to it":      {http.Header{"X-Requeſt-Signature-Sha-256": {good}}, webhook.ErrSignature},
		"beside a name of the same length":  {http.Header{"X-Request-Signature-Sha-256": {good}, "X-Request-Signature-Sha-257": {"0"}}, nil},
		"the SHA-1 header of old":           {http.Header{"X-Request-Signature": {good}}, webhook.ErrSignature},
		"the name as net/http writes it":    {http.Header{"X-Request-Signature-Sha-256": {good}}, nil},
		"the name as Dwolla writes it":      {http.Header{"X-Request-Signature-SHA-256": {good}}, nil},
		"the name as a gateway may pass it": {http.Header{"x-request-signature-sha-256": {good}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if err := mustVerifier(t, signingSecret).Verify(tt.header, body); err != tt.want { //nolint:errorlint // see above
				t.Errorf("error is %v, want %v", err, tt.want)
			}
		})
	}
}

func TestFault114_SecretsThatProtectNothingAreRefusedAtConstruction(t *testing.T) {
	for name, secrets := range map[string][]string{
		"none":                     {},
		"an empty one":             {""},
		"spaces":                   {"  "},
		"a line end":               {"\n"},
		"an empty one among good":  {signingSecret, ""},
		"a line end after it":      {signingSecret + "\n"},
		"longer than Dwolla takes": {strings.Repeat("s", 129)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := webhook.NewVerifier(secrets...)
			if !errors.Is(err, dwolla.ErrConfiguration) {
				t.Fatalf("error is %v", err)
			}
			if strings.Contains(err.Error(), signingSecret) {
				t.Errorf("the error holds the secret: %v", err)
			}
			if len(secrets) == 1 {
				if _, err := webhook.NewHandler(secrets[0], webhook.OnAny(neverCalled(t))); !errors.Is(err, dwolla.ErrConfiguration) {
					t.Errorf("NewHandler: %v", err)
				}
				if _, err := webhook.NewHandler(signingSecret, webhook.WithPreviousSecrets(secrets...)); !errors.Is(err, dwolla.ErrConfiguration) {
					t.Errorf("WithPreviousSecrets: %v", err)
				}
			}
		})
	}
	var none *webhook.Verifier
	body := []byte("{}")
	for _, v := range []*webhook.Verifier{none, {}} {
		if err := v.Verify(http.Header{"X-Request-Signature-Sha-256": {webhook.Sign("", body)}}, body); !errors.Is(err, webhook.ErrSignature) {
			t.Errorf("a verifier without secrets: %v", err)
		}
	}
}

func TestFault115_AnEmptyBodyIsRefusedWhateverItsSignature(t *testing.T) {
	for name, signature := range map[string]string{
		"of nothing, well signed": webhook.Sign(signingSecret, nil),
		"of something else":       webhook.Sign(signingSecret, []byte("{}")),
		"empty":                   "",
	} {
		t.Run(name, func(t *testing.T) {
			wantStatus(t, answer(newHandler(t, webhook.OnAny(neverCalled(t))), request(t, nil, signature)), http.StatusUnauthorized)
		})
	}
}

func TestFault116_EverySingleBitCounts(t *testing.T) {
	if n := flipEveryBit(t, mustVerifier(t, signingSecret), signingSecret, encode(t, newEvent())); n < 3000 {
		t.Errorf("only %d mutants", n)
	}
}

func TestFault117_ABodyThatWasEncodedAgainIsRefused(t *testing.T) {
	body := []byte(`{"id": "a", "topic": "transfer_created", "resourceId": "é"}`)
	signature := webhook.Sign(signingSecret, body)
	for name, other := range map[string]string{
		"without spaces":       `{"id":"a","topic":"transfer_created","resourceId":"é"}`,
		"in another order":     `{"topic": "transfer_created", "id": "a", "resourceId": "é"}`,
		"with an escape":       `{"id": "a", "topic": "transfer_created", "resourceId": "\u00e9"}`,
		"with a line end":      `{"id": "a", "topic": "transfer_created", "resourceId": "é"}` + "\r\n",
		"with a mark of order": "\ufeff" + `{"id": "a", "topic": "transfer_created", "resourceId": "é"}`,
	} {
		t.Run(name, func(t *testing.T) {
			h := newHandler(t, webhook.OnAny(neverCalled(t)))
			wantStatus(t, answer(h, request(t, []byte(other), signature)), http.StatusUnauthorized)
		})
	}
	t.Run("but not as it came", func(t *testing.T) {
		var c counter
		wantStatus(t, answer(newHandler(t, webhook.OnAny(c.handle)), request(t, body, signature)), http.StatusOK)
	})
}

func TestFault126_SecretsRotateInAnyOrder(t *testing.T) {
	body := encode(t, newEvent())
	for _, secrets := range [][]string{{"old", "new"}, {"new", "old"}} {
		var c counter
		h, err := webhook.NewHandler(secrets[0], webhook.WithPreviousSecrets(secrets[1]), webhook.OnAny(c.handle))
		if err != nil {
			t.Fatal(err)
		}
		for secret, want := range map[string]int{"old": http.StatusOK, "new": http.StatusOK, "older": http.StatusUnauthorized} {
			wantStatus(t, answer(h, request(t, body, webhook.Sign(secret, body))), want)
		}
	}
}

func TestGoal13_NoMutantIsAccepted(t *testing.T) {
	bodies := full(1000, 8)
	verifier := mustVerifier(t, signingSecret)
	var mutants atomic.Int64
	inTwo(bodies, func(seed int) {
		r := rand.New(rand.NewPCG(13, uint64(seed)))
		body := randomEvent(r)
		mutants.Add(int64(flipEveryBit(t, verifier, signingSecret, body)))
	})
	t.Logf("G13: %d mutants of %d bodies and signatures, 0 accepted", mutants.Load(), bodies)
	if fullGoal() && mutants.Load() < 8_000_000 {
		t.Errorf("fewer than 8,000,000 mutants")
	}
}

func TestGoal13_SignaturesEqualAnIndependentImplementation(t *testing.T) {
	bodies := full(100_000, 2_000)
	inTwo(bodies, func(seed int) {
		r := rand.New(rand.NewPCG(17, uint64(seed)))
		body := randomBytes(r, 1+r.IntN(2048))
		secret := fmt.Sprintf("%x", randomBytes(r, 1+r.IntN(64)))
		want := independentSign(secret, body)
		if got := webhook.Sign(secret, body); got != want {
			t.Errorf("seed %d: signed %s, want %s", seed, got, want)
		}
		v, err := webhook.NewVerifier(secret)
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			return
		}
		if err := v.Verify(http.Header{"X-Request-Signature-Sha-256": {want}}, body); err != nil {
			t.Errorf("seed %d: a false reject", seed)
		}
		if err := v.Verify(http.Header{"X-Request-Signature-Sha-256": {independentSign(secret+"x", body)}}, body); err == nil {
			t.Errorf("seed %d: a false accept", seed)
		}
	})
	t.Logf("G13: %d random bodies, 0 differences", bodies)
}

// flipEveryBit checks that body and signature are refused with any one bit flipped, and returns the number of mutants.
func flipEveryBit(tb testing.TB, v *webhook.Verifier, secret string, body []byte) int {
	tb.Helper()
	signature := webhook.Sign(secret, body)
	values := []string{signature}
	header := http.Header{"X-Request-Signature-Sha-256": values}
	if v.Verify(header, body) != nil {
		tb.Error("the original is refused")
	}
	mutants := 0
	for bit := range 8 * len(body) {
		body[bit/8] ^= 1 << (bit % 8)
		if v.Verify(header, body) == nil {
			tb.Errorf("accepted with bit %d of the body flipped", bit)
		}
		body[bit/8] ^= 1 << (bit % 8)
		mutants++
	}
	for bit := range 8 * len(signature) {
		mutant := []byte(signature)
		mutant[bit/8] ^= 1 << (bit % 8)
		if values[0] = string(mutant); strings.EqualFold(values[0], signature) {
			continue // only the case of a hex digit
		}
		if v.Verify(header, body) == nil {
			tb.Errorf("accepted with bit %d of the signature flipped", bit)
		}
		mutants++
	}
	return mutants
}

// randomEvent returns a body of 1 KiB, the size of Dwolla's events.
func randomEvent(r *rand.Rand) []byte {
	return fmt.Appendf(nil, `{"id":"%x","topic":"transfer_created","filler":"%x"}`, randomBytes(r, 16), randomBytes(r, 480))
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// inTwo calls f with 0 to n-1 from two goroutines.
func inTwo(n int, f func(int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	all.Wait()
}

// FuzzVerify checks that Verify accepts what the independent implementation signs, and nothing else.
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

// equalHex compares two hex numbers as the header's rule says: in any case, ignoring spaces around a.
func equalHex(a, b string) bool {
	return strings.EqualFold(strings.Trim(a, " \t"), b)
}

func BenchmarkVerify(b *testing.B) {
	v, err := webhook.NewVerifier(signingSecret)
	if err != nil {
		b.Fatal(err)
	}
	body := encode(b, newEvent())
	header := http.Header{"X-Request-Signature-Sha-256": {webhook.Sign(signingSecret, body)}}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := v.Verify(header, body); err != nil {
			b.Fatal(err)
		}
	}
}

// With GODEBUG=fips140=only, crypto/hmac panics where a key is shorter than 112 bits.
func TestFault232_WithFIPSOnlyAShortSecretIsRefusedByTheConstructor(t *testing.T) {
	if os.Getenv("DWOLLA_TEST_FIPS") == "" {
		run := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFault232_", "-test.count=1", "-test.v")
		run.Env = append(os.Environ(), "DWOLLA_TEST_FIPS=1", "GODEBUG=fips140=only")
		out, err := run.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("1 short secret refused")) {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	const short, long = "13-characters", "14--characters"
	body := encode(t, newEvent())
	if _, err := webhook.NewVerifier(long, short); !errors.Is(err, dwolla.ErrConfiguration) || strings.Contains(err.Error(), short) {
		t.Errorf("NewVerifier: %v", err)
	}
	nothing := webhook.OnAny(func(context.Context, *webhook.Event) error { return nil })
	if _, err := webhook.NewHandler(short, nothing); !errors.Is(err, dwolla.ErrConfiguration) {
		t.Errorf("NewHandler: %v", err)
	} else {
		t.Log("1 short secret refused")
	}
	if verifier, err := webhook.NewVerifier(long); err != nil || verifier.Verify(http.Header{webhook.SignatureHeader: {webhook.Sign(long, body)}}, body) != nil {
		t.Errorf("a secret of 14 characters: %v", err)
	}
	webhook.Sign(short, body) // does not panic: it is a tool for tests and protects nothing
}
