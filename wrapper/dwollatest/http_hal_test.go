package dwollatest

import "testing"

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

func TestAnIDIsReadFromAReferenceOfAnyHost(t *testing.T) {
	for href, want := range map[string]string{
		"https://api.dwolla.com/customers/AB": "ab",
		"http://other.example/customers/ab":   "ab",
		"/customers/ab":                       "ab",
		"/customers/ab/documents":             "",
		"/customers/":                         "",
		"/accounts/ab":                        "",
		"%":                                   "",
	} {
		if got := idIn(href, "customers"); got != want {
			t.Errorf("%s: got %q, want %q", href, got, want)
		}
	}
}
