package dwolla_test

import (
	"regexp"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestTheVersionIsASemanticOneAndIsSentWithEveryRequest(t *testing.T) {
	if !regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`).MatchString(dwolla.Version) {
		t.Errorf("%q is no semantic version", dwolla.Version)
	}
	b := new(bank)
	if err := pay(t.Context(), clientOf(t, b, dwolla.WithUserAgent("payroll/2.1"))); err != nil {
		t.Fatal(err)
	}
	if got, want := b.requests()[0].Header.Get("User-Agent"), "payroll/2.1 dwolla-go/"+dwolla.Version; got != want {
		t.Errorf("sent %q, want %q", got, want)
	}
}
