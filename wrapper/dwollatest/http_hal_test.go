package dwollatest

import (
	"testing"
	"time"
)

func TestTheResourceTypeIsTheCollectionInTheSingular(t *testing.T) {
	for path, want := range map[string]string{
		"/customers/0a1":                      "customer",
		"/accounts/0a1/funding-sources":       "funding-source",
		"/funding-sources/0a1/micro-deposits": "micro-deposits",
		"/exchanges/0a1/exchange-sessions":    "exchange-sessions",
		"/ledger-entries/0a1":                 "ledger-entry",
		"/":                                   "",
	} {
		if got := resourceType(path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestAnIDIsReadFromAReferenceToThisServer(t *testing.T) {
	st := newState(defaults(), time.Now())
	st.listening = "127.0.0.1:9099"
	st.called("https://gateway.example")
	for href, want := range map[string]string{
		"https://api-sandbox.dwolla.com/customers/AB":     "ab",
		"http://API-sandbox.dwolla.com/customers/ab":      "ab",
		"https://api-sandbox.dwolla.com:443/customers/ab": "ab",
		"https://gateway.example/customers/ab":            "ab",
		"http://localhost:9099/customers/ab":              "ab",
		"http://[::1]:9099/customers/ab":                  "ab",
		"/customers/ab":                                   "ab",
		"http://localhost:9098/customers/ab":              "",
		"https://api.dwolla.com/customers/ab":             "",
		"//other.example/customers/ab":                    "",
		"https://x@api-sandbox.dwolla.com/customers/ab":   "",
		"ftp://api-sandbox.dwolla.com/customers/ab":       "",
		"/customers/ab/documents":                         "",
		"/customers/":                                     "",
		"/accounts/ab":                                    "",
		"%":                                               "",
	} {
		if got := st.idIn(href, "customers"); got != want {
			t.Errorf("%s: got %q, want %q", href, got, want)
		}
	}
}
