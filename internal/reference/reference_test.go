package reference_test

import (
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/reference"
)

const upper, lower = "07D59716-EF22-4FE6-98E8-F3190233DFB8", "07d59716-ef22-4fe6-98e8-f3190233dfb8"

func TestEverySpellingOfAReferenceHasOneForm(t *testing.T) {
	const dwolla = "https://api.dwolla.com"
	want := reference.Reference{Origin: dwolla, Collection: "customers", ID: lower}
	for _, href := range []string{
		dwolla + "/customers/" + lower, dwolla + "/customers/" + upper, dwolla + "/customers/" + upper + "/",
		dwolla + "/customers/" + lower + "//", dwolla + "/customers/" + lower + "?ref=hr", dwolla + "/customers/" + lower + "/?",
		dwolla + "/customers/" + lower + "#2", "HTTPS://API.Dwolla.com:443/customers/" + lower, dwolla + "/of/us/customers/" + lower,
	} {
		if got := reference.Parse(href); got != want {
			t.Errorf("%s is %+v", href, got)
		}
	}
}

func TestWhatIsNoReferenceToOneResourceHasNoID(t *testing.T) {
	for href, collection := range map[string]string{
		"": "", "/": "", "https://api.dwolla.com": "", "https://api.dwolla.com/": "", "mailto:x": "", "/%zz": "", "/a\x00": "",
		"/customers": "customers", "/customers/": "customers", "https://api.dwolla.com/customers/?x=1": "customers",
	} {
		if got := reference.Parse(href); got.ID != "" || got.Collection != collection {
			t.Errorf("%q is %+v", href, got)
		}
	}
}

func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{lower, upper, true},
		{lower, "https://api.dwolla.com/customers/" + upper, true},
		{"/customers/x", "https://gateway.example/dwolla/customers/x/", true},
		{"http://api.dwolla.com:80/customers/x", "http://api.dwolla.com/customers/x", true},
		{"/customers/x", "/accounts/x", false},
		{"/customers/x", "/customers/X", false}, // only UUIDs are the same in any case
		{"/customers/x", "/customers/y", false},
		{"/customers", "/customers", false},
		{"", "", false},
		{lower[:35] + "g", upper[:35] + "G", false},
		{"07d59716_ef22-4fe6-98e8-f3190233dfb8", "07D59716_EF22-4FE6-98E8-F3190233DFB8", false},
	} {
		if got := reference.Same(c.a, c.b); got != c.want || reference.Same(c.b, c.a) != got {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
		if got := reference.Parse(c.b).IsOf(c.a); got != c.want {
			t.Errorf("%s is of %s: %v", c.a, c.b, got)
		}
	}
}

func TestTheOriginKeepsItsPort(t *testing.T) {
	for href, want := range map[string]string{
		"http://h:80/a/b": "http://h", "https://h:80/a/b": "https://h:80", "https://h:8443/a/b": "https://h:8443", "//h/a/b": "://h", "/a/b": "",
	} {
		if got := reference.Parse(href).Origin; got != want {
			t.Errorf("%s: %q", href, got)
		}
	}
}

func TestOfAnother(t *testing.T) {
	for _, c := range []struct {
		path, href string
		want       bool
	}{
		{"/customers/x/transfers", "https://api.dwolla.com/customers/y/transfers", true},
		{"/customers/x/transfers", "/customers/y", true},
		{"/customers/x/transfers", "/accounts/y/transfers", true},
		{"/accounts/x", "/customers/y", true},
		{"/customers/x/transfers", "https://gateway.example/of/us/customers/y/transfers?limit=1", true},
		{"/mass-payments/x/items", "/mass-payments/y/items", true},
		{"/customers/" + lower + "/transfers", "https://api.dwolla.com/customers/" + upper + "/transfers?limit=1", false},
		{"/customers/x/transfers", "/accounts/x/transfers", false},
		{"/customers/x/transfers", "/transfers/y", false},
		{"/customers/x/exchanges", "/exchanges", false},
		{"/customers/x/transfers", "?offset=25", false},
		{"/customers/x/transfers", "", false},
		{"/customers/x", "/%zz", false},
		{"/customers", "/customers/y", false},
		{"", "/customers/y", false},
	} {
		if got := reference.OfAnother(c.path, c.href); got != c.want {
			t.Errorf("%s and %s: %v", c.path, c.href, got)
		}
	}
}

func TestIsUUID(t *testing.T) {
	for _, id := range []string{lower, upper} {
		if !reference.IsUUID(id) {
			t.Errorf("%s is none", id)
		}
	}
	for _, id := range []string{"", "Total", lower[1:], lower + "0", "{" + lower[2:], "07d59716_ef22-4fe6-98e8-f3190233dfb8"} {
		if reference.IsUUID(id) {
			t.Errorf("%s is one", id)
		}
	}
}
