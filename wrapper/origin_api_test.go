package dwolla_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestAnInvalidIDIsRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	client := offlineClient(t)
	ids := map[string]string{
		"empty": "", "a dot": ".", "two dots": "..", "encoded dots": "%2e%2e", "two segments": "a/b", "a query": "a?x=1",
		"a fragment": "a#b", "a space": "a b", "a newline": "a\nb", "too long": strings.Repeat("a", 200),
		"an href of another collection":           "https://api-sandbox.dwolla.com/customers/1",
		"an href of another host":                 "https://evil.test/mass-payments/1",
		"an href of the other environment":        "https://api.dwolla.com/mass-payments/1",
		"an href with a user":                     "https://u@api-sandbox.dwolla.com/mass-payments/1",
		"an href that only starts like Dwolla's":  "https://api-sandbox.dwolla.com.evil.test/mass-payments/1",
		"an href of something below the resource": "https://api-sandbox.dwolla.com/mass-payments/1/items",
		"an href of all with a query":             "https://api-sandbox.dwolla.com/mass-payments/?x=1",
		"an href with dots":                       "https://api-sandbox.dwolla.com/mass-payments/../customers",
		"a path of another collection":            "/transfers/1",
	}
	for name, id := range ids {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := client.MassPayments.Get(t.Context(), id)
			if arg, ok := errors.AsType[*dwolla.ArgumentError](err); !ok || arg.Argument != "id" || arg.Op != "MassPayments.Get" {
				t.Fatalf("got %v; want an *ArgumentError of MassPayments.Get about id", err)
			}
			if !errors.Is(err, dwolla.ErrInvalidArgument) || !errors.Is(err, dwolla.ErrNotSent) || dwolla.OutcomeOf(err) != dwolla.OutcomeNotSent {
				t.Errorf("kinds or outcome of %v", err)
			}
		})
	}
}

// refused checks that following an href sends nothing and fails as one of the kinds of links.
func refused(t *testing.T, href string, kind dwolla.Kind) {
	t.Helper()
	s := newStub(t, always(200, `{"id":"x"}`))
	link := dwolla.LinkTo[dwolla.Customer](href)
	if link.Href != href {
		t.Errorf("the link reads %q, want %q", link.Href, href)
	}
	_, err := dwolla.Follow(t.Context(), s.client, link)
	ends(t, err, dwolla.OutcomeNotSent, kind)
	for _, err := range dwolla.FollowAll(t.Context(), s.client, dwolla.LinkTo[dwolla.CustomerPage](href)) {
		ends(t, err, dwolla.OutcomeNotSent, kind)
	}
	_, err = s.client.Post(t.Context(), href, map[string]int{"a": 1}, nil)
	if href != "" {
		ends(t, err, dwolla.OutcomeNotSent, kind)
	} else {
		ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
	}
	s.sends(t, 0)
}

func refusedAll(t *testing.T, kind dwolla.Kind, hrefs ...string) {
	t.Helper()
	for _, href := range hrefs {
		t.Run(fmt.Sprintf("%.60q", href), func(t *testing.T) { refused(t, href, kind) })
	}
}

func followed(t *testing.T, href, want string) {
	t.Helper()
	s := newStub(t, always(200, `{"id":"x"}`))
	if _, err := dwolla.Follow(t.Context(), s.client, dwolla.LinkTo[dwolla.Customer](href)); err != nil {
		t.Fatal(err)
	}
	s.sends(t, 1)
	if got := s.requests()[0].URL; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
}

func TestFault049_AForeignHostIsReadAndNeverFetched(t *testing.T) {
	s := newStub(t, always(200, `{"_links":{"external-provider-session":{"href":"https://int-widgets.moneydesktop.com/md/connect/x"}}}`))
	session, err := s.client.ExchangeSessions.Get(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	link := session.Links.ExternalProviderSession
	if link.Href != "https://int-widgets.moneydesktop.com/md/connect/x" {
		t.Errorf("the link reads %q", link.Href)
	}
	_, err = dwolla.Follow(t.Context(), s.client, link)
	ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrForeignLink)
	s.sends(t, 1)
}

func TestFault050_HostsThatLookLikeDwollaAreRefused(t *testing.T) {
	refusedAll(
		t, dwolla.ErrForeignLink,
		"https://api-sandbox.dwolla.com.evil.test/x", "https://api-sandbox.dwolla.com@evil.test/x",
		"https://api-sandbox.dwolla.community/x", "https://evil.test/api-sandbox.dwolla.com",
		"https://api-sandbox.dwolla.com./x", "https://xapi-sandbox.dwolla.com/x", "https://dwolla.com/x",
		"https://api-ſandbox.dwolla.com/x", "https://apі-sandbox.dwolla.com/x", "https://xn--ap-sandbox-1jk.dwolla.com/x",
	)
}

func TestFault051_PlainHTTPBecomesHTTPSAndOtherPortsAreRefused(t *testing.T) {
	followed(t, "http://api-sandbox.dwolla.com/customers/x", sandbox+"/customers/x")
	refusedAll(
		t, dwolla.ErrForeignLink,
		"https://api-sandbox.dwolla.com:8443/x", "http://api-sandbox.dwolla.com:443/x", "https://api-sandbox.dwolla.com:80/x",
	)
}

func TestFault052_FormsThatHideTheHostAreRefused(t *testing.T) {
	refusedAll(t, dwolla.ErrForeignLink, "//evil.test/x", "file://evil.test/x", "https://user:pass@api-sandbox.dwolla.com/x")
	refusedAll(
		t, dwolla.ErrMalformedLink,
		`/\evil.test`, `\\evil.test`, "https:/evil.test", "https:evil.test", "https:///evil.test", "javascript:alert(1)",
		"file:/etc/passwd", "data:text/html,x", "///evil.test/x", "mailto:a@evil.test",
	)
}

func TestFault053_TheSameOriginInAnotherSpellingIsFollowed(t *testing.T) {
	followed(t, "HTTPS://API-SANDBOX.DWOLLA.COM:443/customers/x", sandbox+"/customers/x")
}

func TestFault054_RelativeHrefsAreResolved(t *testing.T) {
	followed(t, "customers/x", sandbox+"/customers/x")
	followed(t, "/customers/x", sandbox+"/customers/x")
	t.Run("a query alone leads to the next page of the same list", func(t *testing.T) {
		s := newStub(t, func(_ int, req *http.Request) *http.Response {
			if req.URL.Query().Get("offset") == "25" {
				return reply(200, `{"_embedded":{"customers":[{"id":"b"}]},"total":2}`)
			}
			return reply(200, `{"_links":{"next":{"href":"?limit=25&offset=25"}},"_embedded":{"customers":[{"id":"a"}]}}`)
		})
		if got := idsOf(t, s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{})); got != "a b" {
			t.Errorf("got %q", got)
		}
		s.sends(t, 2)
		if got := s.requests()[1].URL; got != sandbox+"/customers?limit=25&offset=25" {
			t.Errorf("asked for %s", got)
		}
	})
}

func TestFault055_HrefsThatAreNoURLsAreRefused(t *testing.T) {
	refused(t, "", dwolla.ErrNoLink)
	refusedAll(
		t, dwolla.ErrMalformedLink,
		" ", "https://api-sandbox.dwolla.com/a b", "/a\r\nHost: evil.test", "/a\x00", "/\t", "/%zz", "/a%",
		"/"+strings.Repeat("a", 1<<20), "https://api-sandbox.dwolla.com:port/", "://x", "?limit=1",
	)
}

func TestFault056_TemplatesAreNotSent(t *testing.T) {
	refusedAll(t, dwolla.ErrTemplatedLink, "/customers{?limit,offset}", "https://api-sandbox.dwolla.com/customers/{id}")
}

func TestFault057_TheOtherEnvironmentIsRefused(t *testing.T) {
	refusedAll(t, dwolla.ErrEnvironment, "https://api.dwolla.com/customers/x", "http://api.dwolla.com/customers/x")
	refusedAll(t, dwolla.ErrForeignLink, "https://api.dwolla.com/customers/x")
	client, err := dwolla.NewClient(dwolla.Production, "k", "s", dwolla.WithHTTPClient(&http.Client{Transport: unreachable{t}}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = dwolla.Follow(t.Context(), client, dwolla.LinkTo[dwolla.Customer](sandbox+"/customers/x"))
	ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrEnvironment)
}

func TestFault058_AddressesInsideTheNetworkAreRefused(t *testing.T) {
	refusedAll(
		t, dwolla.ErrForeignLink,
		"https://127.0.0.1/x", "http://169.254.169.254/latest/meta-data", "http://localhost/x", "https://[::1]/x",
		"https://[fe80::1%25eth0]/x", "https://0x7f000001/x", "https://2130706433/x", "https://0/x",
	)
}

func TestFault059_IDsThatArePathsAreRefused(t *testing.T) {
	for _, id := range []string{
		"", ".", "..", "%2e%2e", "a/b", "a?x=1", "a#b", "a%2fb", "../accounts/x", "a b", "a\r\nb", "é", "/", "//evil.test/customers/x",
		sandbox + "/funding-sources/x", sandbox + "/customers/", sandbox + "/customers/x/transfers", sandbox + "/customers/?y=1",
		strings.Repeat("a", 129),
	} {
		t.Run(fmt.Sprintf("%.60q", id), func(t *testing.T) {
			s := newStub(t, always(200, `{"id":"x"}`))
			_, err := s.client.Customers.Get(t.Context(), id)
			ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
			if len(id) > 8 && strings.Contains(err.Error(), id) {
				t.Errorf("the error repeats the id: %v", err)
			}
			_, err = s.client.Transfers.Cancel(t.Context(), id)
			ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
			s.sends(t, 0)
		})
	}
}

func TestFault060_AURLStandsForAnIDOnlyWhereItBelongs(t *testing.T) {
	for href, ok := range map[string]bool{
		sandbox + "/customers/x":                    true,
		"/customers/x":                              true,
		"http://api-sandbox.dwolla.com/customers/x": true,
		"https://api.dwolla.com/customers/x":        false,
		"https://evil.test/customers/x":             false,
		sandbox + "/accounts/x":                     false,
	} {
		t.Run(href, func(t *testing.T) {
			s := newStub(t, always(200, `{"id":"x"}`))
			_, err := s.client.Customers.Get(t.Context(), href)
			if !ok {
				ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
				s.sends(t, 0)
				return
			}
			ends(t, err, dwolla.OutcomeOK)
			s.sends(t, 1)
			if got := s.requests()[0].URL; got != sandbox+"/customers/x" {
				t.Errorf("asked for %s", got)
			}
		})
	}
}

func TestFault214_AQueryOrASlashAtTheEndOfAnHrefIsNoOtherResource(t *testing.T) {
	for _, href := range []string{
		sandbox + "/customers/c1/", sandbox + "/customers/c1?x-trace=1", sandbox + "/customers/c1/?x=1", sandbox + "/customers/c1#f",
		"/customers/c1/", "/customers/c1?x=1", "customers/c1/",
	} {
		t.Run(href, func(t *testing.T) {
			s := newStub(t, func(n int, _ *http.Request) *http.Response {
				if n == 1 {
					return reply(201, "", "Location", href)
				}
				return reply(200, `{"id":"c1"}`)
			})
			ref, err := s.client.Customers.Create(t.Context(), dwolla.CreateReceiveOnlyCustomer{})
			if err != nil || ref.ID() != "c1" || ref.Href != sandbox+"/customers/c1" {
				t.Fatalf("%q, %q: %v", ref.ID(), ref.Href, err)
			}
			if _, err := ref.Get(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := s.client.Customers.Get(t.Context(), href); err != nil {
				t.Error(err)
			}
			for _, sent := range s.requests()[1:] {
				if sent.URL != sandbox+"/customers/c1" {
					t.Errorf("asked for %s", sent.URL)
				}
			}
		})
	}
}

func TestFault215_AGatewaysPathIsInAURLOnce(t *testing.T) {
	for _, base := range []string{"https://gateway.example/dwolla", "https://gateway.example/of%2Fus"} {
		path := strings.TrimPrefix(base, "https://gateway.example")
		for name, prefix := range map[string]string{
			"not rewritten": sandbox, "rewritten": base, "rewritten to a path": path, "the API's path": "", "only the host is rewritten": "https://gateway.example",
		} {
			t.Run(name+" at "+path, func(t *testing.T) {
				s := newStubAt(t, base, func(_ int, req *http.Request) *http.Response {
					switch {
					case strings.HasSuffix(req.URL.Path, "/token"):
						return reply(200, `{"access_token":"t","token_type":"bearer","expires_in":3600}`)
					case req.Method == http.MethodPost:
						return reply(201, "", "Location", prefix+"/customers/c1")
					}
					return reply(200, `{"id":"c1"}`)
				})
				ref, err := s.client.Customers.Create(t.Context(), dwolla.CreateReceiveOnlyCustomer{})
				if err != nil || ref.ID() != "c1" {
					t.Fatalf("%v: %v", ref, err)
				}
				_, err = ref.Get(t.Context())
				_, byHref := s.client.Customers.Get(t.Context(), ref.Href)
				_, byID := s.client.Customers.Get(t.Context(), "c1")
				if err != nil || byHref != nil || byID != nil {
					t.Error(err, byHref, byID)
				}
				for _, sent := range s.requests()[2:] {
					if sent.URL != base+"/customers/c1" {
						t.Errorf("asked for %s", sent.URL)
					}
				}
			})
		}
	}
}

func TestFault216_ABaseURLHasOneSpelling(t *testing.T) {
	for _, base := range []string{"https://api.dwolla.com.", "https://gateway.example/?", "https://gateway.example./x"} {
		if _, err := dwolla.NewClient(dwolla.Sandbox, "k", "s", dwolla.WithBaseURL(base)); !errors.Is(err, dwolla.ErrConfiguration) {
			t.Errorf("%s: %v", base, err)
		}
	}
}

// hostileForms are hrefs, locations and ids that lead away from the origin, or seem to; evil and plain stand for the
// canaries' addresses, on https and http, and own for the client's own.
func hostileForms(evil, plain, own string) []string {
	host := func(base string) string { return strings.TrimPrefix(strings.TrimPrefix(base, "https://"), "http://") }
	e, p, o := host(evil), host(plain), host(own)
	forms := []string{
		evil, evil + "/", evil + "/x", plain, plain + "/x", "//" + e + "/x", "//" + p + "/x", "///" + e + "/x", "////" + e, `\\` + e, `/\` + e, `\/` + e,
		"https:/" + e, "https:" + e, "https:///" + e, "http:/" + p, "http:" + p, "http:///" + p, "HTTPS://" + e, "hTtP://" + p + "/x",
		"https://user@" + e + "/x", "https://user:pw@" + e + "/x", "https://" + o + "@" + e + "/x", "https://" + o + ":pw@" + e + "/x",
		"http://" + o + "@" + p + "/x", "https://" + e + "#@" + o + "/x", "https://" + e + "?@" + o + "/x", "https://" + e + `\@` + o + "/x",
		"https://" + e + "/" + own, "https://" + e + "/" + o, "https://" + e + "%2f" + o + "/x", "https://" + e + "%00." + o, "https://" + e + " ." + o,
		"https://" + o + "." + e, "https://" + o + "%2e" + e, "https://" + o + "。" + e, "https://" + o + "．" + e, "https://" + o + "\t" + e, "https://" + o + "\n" + e,
		" " + evil, "\t" + evil, "\n" + evil, "\x00" + evil, evil + " ", "\u00a0" + evil, "\ufeff" + evil, "\u2028" + evil,
		"https://[" + e + "]/x", "https://[::ffff:127.0.0.1]/x", "https://0/x", "https://0.0.0.0/x", "https://127.1/x", "https://2130706433/x",
		"https://0x7f.1/x", "https://017700000001/x", "https://localhost/x", "https://localhost./x", "http://169.254.169.254/latest", "http://[fd00:ec2::254]/",
		"http://metadata.google.internal/", "https://[::1]/x", "https://[::]/x", "https://[fe80::1%25lo]/x", "https://[0:0:0:0:0:0:0:1]/",
		"ftp://" + e + "/x", "ws://" + p + "/x", "wss://" + e + "/x", "gopher://" + p + "/_GET", "file:///etc/passwd", "file://" + e + "/x", "data:,x",
		"javascript:fetch('" + evil + "')", "mailto:a@" + e, "blob:" + evil, "view-source:" + evil, "about:blank", "ldap://" + p, "dict://" + p, "unix:///var/run/x",
		"jar:" + evil + "!/", "feed:" + evil, "http+unix://" + p, "x:" + evil, "://" + e, ":" + evil, "?" + evil, "#" + evil, "@" + e, "//@" + e, "//" + o + "@" + e,
		".//" + e, "..//" + e, "/..//" + e, "/.//" + e, "/%2e%2e//" + e, "/%2f" + e, "/%5c" + e, "%2f%2f" + e, "/;@" + e, "/:@" + e, "/" + evil, "x/" + evil,
		"https://api.dwolla.com/x", "https://api.dwolla.com.evil.test/x", "https://api.dwolla.com@" + e + "/x", "https://api.dwolla.community/x",
		"https://api-sandbox.dwolla.com.evil.test/x", "https://api-sandbox.dwolla.com@" + e + "/x", "https://api-sandbox.dwolla.com:1/x", "https://api-sandbox.dwolla.com./x",
		"http://api-sandbox.dwolla.com@" + p + "/x", "http://api-sandbox.dwolla.com:8080/x", "https://api-ſandbox.dwolla.com/x", "https://аpi-sandbox.dwolla.com/x",
		"https://xn--pi-sandbox-gzj.dwolla.com/x", "https://evil.test/api-sandbox.dwolla.com", "https://dwolla.com/x", "https://www.dwolla.com/x", "https://x.api-sandbox.dwolla.com/",
		own + "@" + e + "/x", own + ":pw@" + e + "/x", own + "." + e + "/x", own + "%40" + e, own + "\\@" + e, own + "1/x", "http://" + o + "@" + p,
		"{+base}" + evil, "https://{host}/x", evil + "{?limit}", "/customers{?limit,offset}", "https://%68ost/x", "https://e%76il.test/", "https://evil.test:443@" + e, strings.Repeat("a", 9<<10), evil + "/" + strings.Repeat("a", 9<<10),
	}
	if u, err := url.Parse(evil); err == nil { // the canary's host with the origin's port, and the other way round
		forms = append(forms, "https://"+u.Hostname()+":1/x", "https://localhost:"+u.Port()+"/x", "http://localhost:"+u.Port()+"/x", "https://127.0.0.1.:"+u.Port()+"/x")
	}
	return forms
}

// A canary is a listener that no byte must reach.
type canary struct {
	*httptest.Server
	bytes atomic.Int64
}

func jsonString(s string) (string, error) {
	out, err := json.Marshal(strings.ToValidUTF8(s, "?"))
	return string(out), err
}

type heardConn struct {
	net.Conn
	bytes *atomic.Int64
}

func (c *heardConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}

// A heard listener counts the bytes that arrive, and each connection as one.
type heard struct {
	net.Listener
	bytes *atomic.Int64
}

func (h *heard) Accept() (net.Conn, error) {
	conn, err := h.Listener.Accept()
	if err != nil {
		return nil, err
	}
	h.bytes.Add(1)
	return &heardConn{conn, h.bytes}, nil
}

func newCanary(t *testing.T, secure bool) *canary {
	t.Helper()
	c := &canary{}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }))
	c.Config.ErrorLog = log.New(io.Discard, "", 0)
	c.Listener = &heard{c.Listener, &c.bytes}
	if secure {
		c.StartTLS()
	} else {
		c.Start()
	}
	t.Cleanup(c.Close)
	return c
}

// TestGoal04_NothingLeavesTheOrigin offers every hostile form as a redirect, a link, a Location, a page and an id, to every
// kind of call, and listens where they would lead.
func TestGoal04_NothingLeavesTheOrigin(t *testing.T) {
	secure, plain := newCanary(t, true), newCanary(t, false)
	var status atomic.Int64
	var location, body atomic.Pointer[string]
	// Every origin but the client's own leads to a canary.
	away := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", plain.Listener.Addr().String())
		},
		DialTLSContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", secure.Listener.Addr().String())
		},
	}
	defer away.CloseIdleConnections()
	reach := &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.URL.Scheme+"://"+req.URL.Host != sandbox || req.Host != req.URL.Host || req.URL.Opaque != "" {
			return away.RoundTrip(req)
		}
		if req.Body != nil {
			_, _ = io.Copy(io.Discard, req.Body)
		}
		header := []string{"Location", *location.Load()}
		if req.URL.Path != "/token" {
			return reply(int(status.Load()), *body.Load(), header...), nil
		}
		if strings.HasPrefix(req.UserAgent(), "redirected") {
			return reply(int(status.Load()), "", header...), nil
		}
		return reply(200, `{"access_token":"bearer-canary","expires_in":3600}`), nil
	})}
	make1 := func(opts ...dwolla.Option) *dwolla.Client {
		client, err := dwolla.NewClient(dwolla.Sandbox, "key", "secret", append(opts,
			dwolla.WithHTTPClient(reach), dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}))...)
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
	client := make1()
	calls := map[string]func(context.Context, string){
		"a GET": func(ctx context.Context, form string) {
			_, _ = client.Customers.Get(ctx, form)
			_, _ = dwolla.Follow(ctx, client, dwolla.LinkTo[dwolla.Customer](form))
			_ = client.Get(ctx, form, nil, nil)
		},
		"a POST": func(ctx context.Context, form string) {
			_, _ = client.Transfers.Cancel(ctx, form)
			_, _ = client.Post(ctx, form, map[string]string{"a": "b"}, nil)
			if ref, err := client.Transfers.Create(ctx, aTransfer()); err == nil {
				_, _ = ref.Get(ctx)
			}
		},
		"paging": func(ctx context.Context, form string) {
			for range client.Customers.All(ctx, dwolla.ListCustomersParams{}) {
			}
			for range dwolla.FollowAll(ctx, client, dwolla.LinkTo[dwolla.CustomerPage](form)) {
			}
		},
		"an upload": func(ctx context.Context, form string) {
			body := dwolla.CreateDocument{DocumentType: dwolla.DocumentTypePassport, File: dwolla.File{Name: "a.png", Content: bytes.NewReader(pngDocument(99))}}
			if ref, err := client.Documents.CreateForCustomer(ctx, form, body); err == nil {
				_, _ = ref.Get(ctx)
			}
			body.File.Content = bytes.NewReader(pngDocument(99))
			if ref, err := client.Documents.CreateForCustomer(ctx, "customer", body); err == nil {
				_, _ = ref.Get(ctx)
			}
		},
		"a token": func(ctx context.Context, _ string) {
			_, _ = make1(dwolla.WithUserAgent("redirected")).Customers.Get(ctx, "x")
		},
	}
	forms := hostileForms(secure.URL, plain.URL, sandbox)
	tried := 0
	for i, form := range forms {
		location.Store(&form)
		page, _ := jsonString(form)
		text := `{"id":"x","_links":{"next":{"href":` + page + `},"self":{"href":` + page + `}},"_embedded":{"customers":[{"id":"a"}]}}`
		body.Store(&text)
		codes := []int64{201, 307}
		if os.Getenv("DWOLLA_SOAK") == "" {
			codes = codes[i%2:][:1] // the short form takes them in turns
		}
		for _, code := range codes {
			status.Store(code)
			for _, call := range calls {
				call(t.Context(), form)
				tried++
			}
		}
	}
	t.Logf("G4: %d forms x %d kinds of calls, %d tries: %d bytes at the canary on https, %d on http",
		len(forms), len(calls), tried, secure.bytes.Load(), plain.bytes.Load())
	if secure.bytes.Load()+plain.bytes.Load() > 0 {
		t.Error("something left the origin")
	}
	if len(forms) < 120 {
		t.Errorf("%d forms, want 120", len(forms))
	}
	for _, c := range []*canary{secure, plain} {
		if resp, err := reach.Get(c.URL); err == nil {
			_ = resp.Body.Close()
		}
		if c.bytes.Load() == 0 {
			t.Errorf("the canary at %s hears nothing", c.URL)
		}
	}
}
