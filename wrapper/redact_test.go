package dwolla

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
)

func TestASecretIsNotShown(t *testing.T) {
	s := newSecret("canary")
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s)
	if shown := fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s, s) + log.String(); strings.Contains(shown, "canary") || strings.Count(shown, redacted) != 6 {
		t.Error(shown)
	}
}

// overlaps reports whether the surroundings and the mask can form the secret anew.
func overlaps(around, secret string) bool {
	text := around + " " + redacted + " " + around
	return strings.Contains(text, secret) || strings.ContainsAny(secret, "[] ") || slices.Contains(strings.Fields(around), secret)
}

// FuzzMask: a secret that is repeated in any surroundings is masked, and masking ends.
func FuzzMask(f *testing.F) {
	f.Add("bad SSN 123-45-6789.", "987-65-4329")
	f.Add("Bearer x", "tok")
	f.Add("1-", "0-0")
	f.Fuzz(func(t *testing.T, around, secret string) {
		if len(secret) < 3 || strings.Contains(redacted, secret) || strings.Contains(around, secret) {
			return
		}
		if got := (secrets{credentials: []string{secret}}).mask(around + secret + around); strings.Contains(got, secret) && !overlaps(around, secret) {
			t.Fatalf("%q shows the credential %q", got, secret)
		}
		if got := (secrets{personal: []string{secret}}).mask(around + " " + secret + " " + around); strings.Contains(got, secret) && !overlaps(around, secret) {
			t.Fatalf("%q shows %q", got, secret)
		}
	})
}

// FuzzWithoutUserinfo: it ends, and no user stays before a host.
func FuzzWithoutUserinfo(f *testing.F) {
	for _, seed := range []string{"http://u:p@h/", "//@", "a//b@c//d@e", "https://u:p@h https://u2:p2@h2", "//"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := withoutUserinfo(text); len(got) > len(text)*(len(redacted)+1)+len(redacted) {
			t.Fatalf("%q became %q", text, got)
		}
	})
}
