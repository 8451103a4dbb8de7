package dwolla_test

import (
	"bytes"
	"context"
	"encoding/json"
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

// A canary is a listener that must never hear anything.
type canary struct {
	*httptest.Server
	bytes atomic.Int64
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

// heard counts the bytes that arrive at a listener, and each connection as one.
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

type heardConn struct {
	net.Conn
	bytes *atomic.Int64
}

func (c *heardConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}

// TestG4_NothingLeavesTheOrigin offers every hostile form as a redirect, a link, a Location, a page and an id, to every
// kind of call, and listens where they would lead.
func TestG4_NothingLeavesTheOrigin(t *testing.T) {
	secure, plain := newCanary(t, true), newCanary(t, false)
	var status atomic.Int64
	var location, body atomic.Pointer[string]
	// Everything but the client's own origin leads to a canary, whatever its name.
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

func jsonString(s string) (string, error) {
	out, err := json.Marshal(strings.ToValidUTF8(s, "?"))
	return string(out), err
}
