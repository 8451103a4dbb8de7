// Package testkit has a RoundTripper that fails the test when a request breaks an invariant of the client.
package testkit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
)

// A T is the part of testing.TB that a Guard needs.
type T interface {
	Helper()
	Errorf(format string, args ...any)
}

// DefaultSends is how often one call may be sent: three attempts, three polls after a 409, one replay after a 401.
const DefaultSends = 7

// A Guard is a RoundTripper between the client and the server of a test. It fails the test on a request that leaves the
// origin, on a retry with another key, body, method or URL, on a POST without a key, and on a call that is sent more often
// than allowed.
//
// Tag must be a middleware of the client: it marks the attempts that belong to one call.
type Guard struct {
	// MaxSends is how often one call may be sent; DefaultSends if zero.
	MaxSends int

	t     T
	base  *url.URL
	next  http.RoundTripper
	sends atomic.Int64
	calls atomic.Int64
}

// New makes a guard for the base URL of a client. A violation fails t, and the request with ErrViolation.
func New(t T, base string, next http.RoundTripper) *Guard {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		t.Errorf("testkit: %q is no base URL", base)
		u = &url.URL{}
	}
	return &Guard{t: t, base: u, next: next}
}

// Client is an HTTP client that goes through the guard.
func (g *Guard) Client() *http.Client { return &http.Client{Transport: g} }

// Next is the transport behind the guard.
func (g *Guard) Next() http.RoundTripper { return g.next }

// Sends is how many requests have passed, without those for tokens.
func (g *Guard) Sends() int { return int(g.sends.Load()) }

// Calls is how many calls have passed Tag.
func (g *Guard) Calls() int { return int(g.calls.Load()) }

type recordKey struct{}

// A record is what the guard knows of one call.
type record struct {
	mu    sync.Mutex
	sends int
	first sent
}

type sent struct {
	method, url, key string
	body             [sha256.Size]byte
}

// Tag starts a call; it is a dwolla.Middleware.
func (g *Guard) Tag(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	g.calls.Add(1)
	return next(req.WithContext(context.WithValue(req.Context(), recordKey{}, new(record))))
}

// RoundTrip implements http.RoundTripper.
func (g *Guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.EqualFold(req.URL.Scheme, g.base.Scheme) || !strings.EqualFold(req.URL.Host, g.base.Host) {
		return nil, g.violation(req, "leaves the origin %s for %s", g.base.Host, req.URL.Host)
	}
	if req.Host != "" && req.Host != req.URL.Host {
		return nil, g.violation(req, "has the Host %s", req.Host)
	}
	if strings.HasSuffix(req.URL.Path, "/token") {
		return g.next.RoundTrip(req)
	}
	g.sends.Add(1)
	now, err := g.read(req)
	if err != nil {
		return nil, err
	}
	if req.Method == http.MethodPost && now.key == "" {
		return nil, g.violation(req, "is a POST without an idempotency key")
	}
	if req.GetBody != nil {
		return nil, g.violation(req, "has a GetBody, so that net/http could replay it")
	}
	if err := g.compare(req, now); err != nil {
		return nil, err
	}
	return g.next.RoundTrip(req)
}

// CloseIdleConnections closes those of the next transport.
func (g *Guard) CloseIdleConnections() {
	if c, ok := g.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// read reads the body and leaves a copy for the next transport.
func (g *Guard) read(req *http.Request) (sent, error) {
	now := sent{method: req.Method, url: req.URL.String(), key: Key(req.Header)}
	if req.Body == nil || req.Body == http.NoBody {
		return now, nil
	}
	body, err := io.ReadAll(req.Body)
	_ = req.Body.Close()
	if err != nil {
		return now, err
	}
	if req.ContentLength >= 0 && req.ContentLength != int64(len(body)) {
		return now, g.violation(req, "has %d bytes and says %d", len(body), req.ContentLength)
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	now.body = sha256.Sum256(body)
	return now, nil
}

func (g *Guard) compare(req *http.Request, now sent) error {
	r, _ := req.Context().Value(recordKey{}).(*record)
	if r == nil {
		return g.violation(req, "belongs to no call: Guard.Tag is not among the middleware")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sends++
	most := g.MaxSends
	if most == 0 {
		most = DefaultSends
	}
	switch {
	case r.sends == 1:
		r.first = now
	case now.key != r.first.key:
		return g.violation(req, "is a retry with another key")
	case now.body != r.first.body:
		return g.violation(req, "is a retry with other bytes")
	case now != r.first:
		return g.violation(req, "is a retry with another method or URL")
	case r.sends > most:
		return g.violation(req, "is number %d of a call that may be sent %d times", r.sends, most)
	}
	return nil
}

// ErrViolation is the error of a request that breaks an invariant.
var ErrViolation = errors.New("testkit: an invariant is broken")

func (g *Guard) violation(req *http.Request, format string, args ...any) error {
	g.t.Helper()
	reason := fmt.Sprintf(format, args...)
	g.t.Errorf("testkit: %s %s %s", req.Method, req.URL.Path, reason)
	return fmt.Errorf("%w: %s", ErrViolation, reason)
}

// Key is the idempotency key of a request, in whatever case the header is written.
func Key(h http.Header) string {
	for name, values := range h {
		if strings.EqualFold(name, "Idempotency-Key") && len(values) == 1 {
			return values[0]
		}
	}
	return ""
}
