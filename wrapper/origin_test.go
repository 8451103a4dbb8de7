package dwolla

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

func fuzzOrigin(t testing.TB, base string) *origin {
	t.Helper()
	o, err := newOrigin(Sandbox, base)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestAnIDHasLettersDigitsHyphensAndUnderscoresOnly(t *testing.T) {
	o := fuzzOrigin(t, "")
	for _, id := range []string{"a", "z", "A", "Z", "0", "9", "-", "_", strings.Repeat("a", 128)} {
		if got, err := o.id(id, "customers"); err != nil || got != id {
			t.Errorf("%q: %q, %v", id, got, err)
		}
	}
	// The characters next to those that are allowed.
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

// FuzzHref: whatever an href says, it is refused or leads to the client's own origin, as net/http would send it.
func FuzzHref(f *testing.F) {
	for _, seed := range []string{
		"/customers/x", "customers/x", "?offset=1", "https://api-sandbox.dwolla.com/customers/x", "http://api-sandbox.dwolla.com/x", "//evil.test/x",
		"https://api-sandbox.dwolla.com@evil.test/", `/\evil.test`, "https:evil.test", "https://api.dwolla.com/x", "https://api-ſandbox.dwolla.com/x",
		"HTTPS://API-SANDBOX.DWOLLA.COM:443/x", "/%2e%2e/x", "{?limit}", "/a%00", "https://gw.example/base/x",
	} {
		f.Add(seed)
	}
	origins := []*origin{fuzzOrigin(f, ""), fuzzOrigin(f, "https://gw.example:8443/base"), fuzzOrigin(f, "http://127.0.0.1:8080")}
	f.Fuzz(func(t *testing.T, href string) {
		for _, o := range origins {
			u, err := o.resolve(href)
			if err != nil {
				link, ok := errors.AsType[*LinkError](err)
				if !ok || len(err.Error()) > 200 {
					t.Fatalf("%q: %T of %d bytes", href, err, len(err.Error()))
				}
				if len(href) > 12 && strings.Contains(err.Error(), href) || link.Kind == "" {
					t.Fatalf("%q: %v", href, err)
				}
				continue
			}
			if u.Scheme != o.base.Scheme || u.Host != o.base.Host || u.User != nil || u.Opaque != "" || u.Fragment != "" {
				t.Fatalf("%q leads to %s", href, u)
			}
			again, err := url.Parse(u.String())
			if err != nil || again.Host != o.base.Host || again.Scheme != o.base.Scheme || again.User != nil {
				t.Fatalf("%q leads to %s, which reads as %v, %v", href, u, again, err)
			}
			if target := u.RequestURI(); !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "//") || strings.ContainsAny(target, " \r\n\t\x00\\") {
				t.Fatalf("%q asks for %q", href, target)
			}
		}
	})
}

// FuzzID: an id is one segment of a path, whatever it was made from.
func FuzzID(f *testing.F) {
	for _, seed := range []string{"x", "", "..", "a/b", "https://api-sandbox.dwolla.com/customers/x", "/customers/", "a%2fb", "a?b", "//evil.test/customers/x"} {
		f.Add(seed)
	}
	o := fuzzOrigin(f, "")
	f.Fuzz(func(t *testing.T, id string) {
		path, err := o.expand("Customers.Get", "/customers/{id}", []string{id})
		if err != nil {
			if !errors.Is(err, ErrInvalidArgument) || len(err.Error()) > 300 {
				t.Fatalf("%q: %v", id, err)
			}
			return
		}
		segment, ok := strings.CutPrefix(path, "/customers/")
		if !ok || segment == "" || segment != url.PathEscape(segment) || strings.Trim(segment, ".") == "" {
			t.Fatalf("%q became %q", id, path)
		}
	})
}

func TestFault190_ABaseURLIsUsedAsItIsOrRefused(t *testing.T) {
	for base, want := range map[string]string{ // where the customer c1 is; empty if the base is refused
		"https://api.dwolla.com.":                "", // the same host as without the dot
		"https://API.DWOLLA.COM":                 "",
		"https://api.dwolla.com:443":             "",
		"https://api.dwolla.com:0443":            "", // the same port
		"https://gw.example:0":                   "",
		"https://gw.example:65536":               "",
		"https://gw.example:":                    "https://gw.example:/customers/c1",
		"https://api-sandbox.dwolla.com.":        "",
		"https://gw.example.":                    "",
		"https://\uff41pi.dwolla.com":            "", // a full-width letter, which DNS reads as an a
		"https://gw.example/?":                   "",
		"https://gw.example?":                    "",
		"https://gw.example/#":                   "",
		"https://gw.example/a/../b":              "",
		"https://gw.example/a/%2e%2e/b":          "",
		"https://gw.example/./":                  "",
		"https://gw.example//":                   "https://gw.example/customers/c1",
		"https://gw.example/a/":                  "https://gw.example/a/customers/c1",
		"https://gw.example/a%2Fb":               "https://gw.example/a%2Fb/customers/c1",
		"https://gw.example/a%20b":               "https://gw.example/a%20b/customers/c1",
		"https://gw.example/~t/%41;v=1/!$&'()*+": "https://gw.example/~t/%41;v=1/!$&'()*+/customers/c1",
		"https://gw.example:8443/a":              "https://gw.example:8443/a/customers/c1",
	} {
		o, err := newOrigin(Sandbox, base)
		if want == "" {
			if !errors.Is(err, ErrConfiguration) {
				t.Errorf("%s is taken: %v", base, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", base, err)
			continue
		}
		byLink, err := o.resolve("https://api-sandbox.dwolla.com/customers/c1")
		if err != nil {
			t.Errorf("%s: %v", base, err)
			continue
		}
		byPath, err := o.resolve("/customers/c1")
		if err != nil {
			t.Errorf("%s: %v", base, err)
			continue
		}
		for way, got := range map[string]string{"an id": o.at("/customers/c1", "").String(), "a link": byLink.String(), "a path": byPath.String()} {
			if got != want {
				t.Errorf("%s: by %s: %s, want %s", base, way, got, want)
			}
		}
	}
}
