package dwolla

import (
	"errors"
	"strings"
	"testing"
)

func TestAnIDHasLettersDigitsHyphensAndUnderscoresOnly(t *testing.T) {
	o := fuzzOrigin(t, "")
	for _, id := range []string{"a", "z", "A", "Z", "0", "9", "-", "_", strings.Repeat("a", 128)} {
		if got, err := o.id(id, "customers"); err != nil || got != id {
			t.Errorf("%q: %q, %v", id, got, err)
		}
	}
	// The neighbours of what is allowed.
	for _, id := range []string{"`", "{", "@", "[", ".", ":", ",", "^", "\x80", strings.Repeat("a", 129)} {
		if got, err := o.id(id, "customers"); err == nil {
			t.Errorf("%q became %q", id, got)
		}
	}
}

func TestEachIDOfAPathIsFilledInAtItsPlace(t *testing.T) {
	o := fuzzOrigin(t, "")
	const template = "/customers/{id}/labels/{label-id}"
	got, err := o.expand("Labels.Get", template, []string{"c", "/labels/l"})
	if err != nil || got != "/customers/c/labels/l" {
		t.Errorf("%q, %v", got, err)
	}
	for name, ids := range map[string][]string{"id": {"", "l"}, "label-id": {"c", "/customers/c"}} {
		_, err := o.expand("Labels.Get", template, ids)
		if bad, ok := errors.AsType[*ArgumentError](err); !ok || bad.Argument != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAHrefIsReadWithinItsBounds(t *testing.T) {
	for href, kind := range map[string]Kind{
		"/" + strings.Repeat("a", maxHref-1): "",
		"/" + strings.Repeat("a", maxHref):   ErrMalformedLink,
		"/a!~":                               "",
		"/a\x7f":                             ErrMalformedLink,
		"/a/./b":                             ErrMalformedLink,
		"/a/../b":                            ErrMalformedLink,
		"/a/%2e%2E/b":                        ErrMalformedLink,
		"..":                                 ErrMalformedLink,
		"/a/.../b.":                          "",
		"https://gateway.example/":           "",
		"https://gateway\u0080.example/":     ErrForeignLink,
	} {
		_, err := parseHref(href)
		if kind == "" && err != nil || kind != "" && !errors.Is(err, kind) {
			t.Errorf("%.40q: %v", href, err)
		}
	}
}

func TestAnEscapedSlashStaysEscaped(t *testing.T) {
	for base, want := range map[string]string{
		"":                                "https://api-sandbox.dwolla.com/files/a%2Fb",
		"https://gateway.example/of%2Fus": "https://gateway.example/of%2Fus/files/a%2Fb",
	} {
		for _, href := range []string{"files/a%2Fb", "/files/a%2Fb"} {
			u, err := fuzzOrigin(t, base).resolve(href)
			if err != nil || u.String() != want {
				t.Errorf("%s leads to %s, %v", href, u, err)
			}
		}
		atFirst := strings.Replace(want, "files/a%2Fb", "%2Ffiles", 1)
		if u, err := fuzzOrigin(t, base).resolve("%2Ffiles"); err != nil || u.String() != atFirst || !strings.HasPrefix(u.RequestURI(), "/") {
			t.Errorf("an escaped slash at first leads to %s, %v, asked for as %s", u, err, u.RequestURI())
		}
	}
}
