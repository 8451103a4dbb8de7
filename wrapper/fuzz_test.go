package dwolla

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/call"
)

func fuzzOrigin(t testing.TB, base string) *origin {
	t.Helper()
	o, err := newOrigin(Sandbox, base)
	if err != nil {
		t.Fatal(err)
	}
	return o
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

// FuzzRetryAfter: a wait is never negative and never overflows.
func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"1", "-1", "1e9", "99999999999999999999", "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2099 07:28:00 UTC", "NaN", "", " 7 ", "0x1"} {
		f.Add(seed)
	}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		if d := retryAfter(http.Header{"Retry-After": {value}}, now); d < 0 {
			t.Fatalf("%q is %v", value, d)
		}
	})
}

// FuzzToken: what is taken for a token is one, whatever the endpoint writes.
func FuzzToken(f *testing.F) {
	f.Add([]byte(`{"access_token":"a","token_type":"bearer","expires_in":3600}`), "application/json")
	f.Add([]byte(`{"access_token":"a","expires_in":"3600"}`), "text/plain")
	f.Add([]byte(`{"access_token":"a\r\n","expires_in":-5}`), "")
	f.Add([]byte(`{"error":"invalid_client"}`), "text/html")
	f.Add([]byte(`null`), "bogus//")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		normal, ok := normalToken(body, contentType)
		if !ok {
			return
		}
		if !bytes.Contains(normal, []byte(`"access_token"`)) || bytes.Contains(normal, []byte(`"expires_in":0`)) || bytes.Contains(normal, []byte(`"expires_in":-`)) {
			t.Fatalf("%q became %s", body, normal)
		}
	})
}

// FuzzErrorBody: an error says where it comes from, whatever the body is, and bounds what it quotes.
func FuzzErrorBody(f *testing.F) {
	f.Add(400, []byte(`{"code":"ValidationError","message":"m","_embedded":{"errors":[{"code":"Required","path":"/ssn"}]}}`))
	f.Add(401, []byte(`{"error":"invalid_client","error_description":"d"}`))
	f.Add(502, []byte(`<html>`))
	f.Add(500, []byte(`{"_embedded":{"errors":{"code":1}}}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		status = 300 + (status&0x7fffffff)%300
		e := &pendingCall{op: &call.Op{Name: "Op", Method: http.MethodPost, Path: "/x"}, key: "k"}
		resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: newMemoryBody(body)}
		err := e.answerError(resp)
		redactError(err, secretsOf("Bearer canary-token", nil))
		if err.StatusCode != status || err.Outcome == "" || err.Outcome == OutcomeOK || len(err.Error()) > 16<<10 {
			t.Fatalf("%d %q: %q of %d bytes", status, body, err.Outcome, len(err.Error()))
		}
		if strings.Contains(err.Error(), "canary-token") {
			t.Fatalf("%d %q: %v", status, body, err)
		}
		if _, parsed := api.ParseErrorBody(body); parsed && !bytes.Equal(err.Body(), body) {
			t.Fatalf("the body is not kept: %q", err.Body())
		}
	})
}

// FuzzFileName: a name that is taken arrives as it is, in one header of one part.
func FuzzFileName(f *testing.F) {
	for _, seed := range []string{"a.png", `a"b.png`, "a\r\nX: y", `C:\a.png`, "é.png", "..", "/", `a\`, "a;b=c.png", "%0d%0a"} {
		f.Add(seed)
	}
	content := "\x89PNG\r\n\x1a\n"
	f.Fuzz(func(t *testing.T, name string) {
		body, contentType, err := encodeMultipart(t.Context(), []call.Part{
			{Name: "documentType", Value: "passport"}, {Name: "file", File: File{Name: name, Content: strings.NewReader(content)}},
		}, false)
		if err != nil {
			if !errors.Is(err, ErrInvalidArgument) {
				t.Fatal(err)
			}
			return
		}
		_, params, err := mime.ParseMediaType(contentType)
		if err != nil {
			t.Fatal(err)
		}
		r := multipart.NewReader(bytes.NewReader(body), params["boundary"])
		for _, field := range []string{"documentType", "file"} {
			part, err := r.NextPart()
			if err != nil || part.FormName() != field {
				t.Fatalf("%q: part %v, %v", name, part, err)
			}
			if field == "file" {
				got, _ := io.ReadAll(part)
				if string(got) != content || len(part.Header) != 2 || part.FileName() == "" {
					t.Fatalf("%q arrived as %q, %v", name, part.FileName(), part.Header)
				}
			}
		}
		if _, err := r.NextPart(); err != io.EOF {
			t.Fatalf("%q: another part: %v", name, err)
		}
	})
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
		if got := mask(around+" "+secret+" "+around, []string{secret}); strings.Contains(got, secret) && !overlaps(around, secret) {
			t.Fatalf("%q shows %q", got, secret)
		}
	})
}

// overlaps reports whether the surroundings and the mask can form the secret anew.
func overlaps(around, secret string) bool {
	text := around + " " + redacted + " " + around
	return strings.Contains(text, secret) || strings.ContainsAny(secret, "[] ") || slices.Contains(strings.Fields(around), secret)
}

// FuzzWithoutUserinfo: it ends, and no user stays before a host.
func FuzzWithoutUserinfo(f *testing.F) {
	for _, seed := range []string{"http://u:p@h/", "//@", "a//b@c//d@e", "https://u:p@h https://u2:p2@h2", "//"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := withoutUserinfo(errors.New(text)).Error(); len(got) > len(text)*(len(redacted)+1)+len(redacted) {
			t.Fatalf("%q became %q", text, got)
		}
	})
}
