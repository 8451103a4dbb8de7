package dwolla

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

// A pendingCall is the state of one call: what all its attempts share, and what is known of them.
type pendingCall struct {
	op     *call.Op
	url    *url.URL
	origin *origin
	env    Environment
	opts   call.Options
	header http.Header
	body   *requestBody // nil when there is none

	key           string
	correlationID string
	authorization string // of the current attempt

	attempts  int
	earlier   []*Error  // how the attempts before the current one ended
	first     time.Time // when the first attempt began
	ambiguous bool      // an attempt may have reached Dwolla, and no answer has settled it
	sent      bool      // something was sent under the key
	settled   bool      // the last request under the key was answered with success

	gate   gate
	turn   chan struct{} // full while the chain below the middleware is at work on the call; nil without middleware
	answer error         // what that chain returned last; nil for success, too
	failed *Error        // the error of the attempt in it, which middleware may change
	last   Error         // failed, as it was
}

// A gate counts the attempts of a call that were allowed to send something. Once the caller has been told how the call
// ended, it lets no more through, whatever middleware still does.
type gate struct {
	mu     sync.Mutex
	sends  int
	closed bool
}

// pass reports whether an attempt may send.
func (g *gate) pass() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.sends++
	}
	return !g.closed
}

// close returns how many attempts have passed.
func (g *gate) close() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	return g.sends
}

// isClosed reports whether the call has ended.
func (g *gate) isClosed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.closed
}

// A gatedReader stops reading when the call has ended.
type gatedReader struct {
	io.Reader
	gate *gate
}

func (r gatedReader) Read(p []byte) (int, error) {
	if r.gate.isClosed() {
		return 0, errEnded
	}
	return r.Reader.Read(p)
}

var errEnded = errors.New("the call has ended")

// passed reports whether an attempt has passed.
func (g *gate) passed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.sends > 0
}

// left returns what can be said of a call at which code of the user's is still at work. What is copied has not changed
// since the first attempt.
func (p *pendingCall) left() *pendingCall {
	own := &pendingCall{op: p.op, url: p.url, origin: p.origin, env: p.env, opts: p.opts, attempts: p.gate.close()}
	if own.attempts > 0 {
		own.key, own.first, own.body, own.correlationID = p.key, p.first, p.body, p.correlationID
	}
	own.gate.sends = own.attempts
	return own
}

type pendingCallKey struct{}

// pendingCallOf returns the call that a request of the chain belongs to, or nil.
func pendingCallOf(req *http.Request) *pendingCall {
	p, _ := req.Context().Value(pendingCallKey{}).(*pendingCall)
	return p
}

// request returns the request that goes down the chain. Its URL is a copy: that of the call is never handed out.
func (p *pendingCall) request(ctx context.Context) *http.Request {
	u := *p.url
	req := http.Request{
		Method: p.op.Method, URL: &u, Host: u.Host, Header: p.header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	return req.WithContext(context.WithValue(ctx, pendingCallKey{}, p))
}

// goesTo reports whether a request is this call's: the same method, to the same origin, in no other form of a URL.
func (p *pendingCall) goesTo(req *http.Request) bool {
	u := req.URL
	return u != nil && req.Method == p.op.Method && same(u, p.url) && u.Opaque == "" && u.User == nil
}

// safe reports whether the call changes nothing at Dwolla. Creating one more token changes nothing.
func (p *pendingCall) safe() bool {
	return p.op.Method == http.MethodGet || p.op.Method == http.MethodHead || p.op.Public
}

// keyed reports whether the call has an idempotency key: every POST but the public one, for a token, does.
func (p *pendingCall) keyed() bool { return p.op.Method == http.MethodPost && !p.op.Public }

// bodyHash returns the SHA-256 of the request's body, in hex.
func (p *pendingCall) bodyHash() string {
	var sent []byte
	if p.body != nil {
		sent = p.body.bytes
	}
	sum := sha256.Sum256(sent)
	return hex.EncodeToString(sum[:])
}

// what returns the request as the record of an unknown outcome and the idempotency cache have it.
func (p *pendingCall) what() call.What {
	path := p.origin.path(p.url)
	if p.url.RawQuery != "" {
		path += "?" + p.url.RawQuery
	}
	return call.What{
		Method: p.op.Method, Path: path, BodySHA256: p.bodyHash(), Origin: p.origin.String(), Environment: string(p.env),
	}
}

// nextAttempt counts one more attempt, and keeps how the one before it ended.
func (p *pendingCall) nextAttempt(err error) {
	p.attempts++
	if last, ok := errors.AsType[*Error](err); ok {
		p.earlier = append(p.earlier, last)
	}
}

// keyHolds reports whether the key can still be sent after a wait.
func (p *pendingCall) keyHolds(wait time.Duration) bool {
	return p.key == "" || time.Now().Round(0).Add(wait).Sub(p.first) < keyLifetime
}
