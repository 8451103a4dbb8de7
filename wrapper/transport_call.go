package dwolla

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

// A pendingCall is one logical call: what all its attempts share, and what is known of them.
type pendingCall struct {
	op     *call.Op
	url    *url.URL
	opts   call.Options
	header http.Header
	body   *payload // nil when there is none

	key           string
	correlationID string
	authorization string // of the attempt under way

	attempts  int
	earlier   []*Error  // how the attempts before this one ended
	first     time.Time // when the first attempt began
	ambiguous bool      // an attempt may have reached Dwolla and no answer settles it
}

type pendingCallKey struct{}

// pendingCallOf finds the call that a request of the chain belongs to.
func pendingCallOf(req *http.Request) *pendingCall {
	e, _ := req.Context().Value(pendingCallKey{}).(*pendingCall)
	return e
}

// request is the request of the whole call. Its attempts are clones of it.
func (e *pendingCall) request(ctx context.Context) *http.Request {
	req := http.Request{
		Method: e.op.Method, URL: e.url, Host: e.url.Host, Header: e.header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	return req.WithContext(context.WithValue(ctx, pendingCallKey{}, e))
}

// safe reports whether the request changes nothing at Dwolla; one more token is nothing.
func (e *pendingCall) safe() bool {
	return e.op.Method == http.MethodGet || e.op.Method == http.MethodHead || e.op.Public
}

// bodyHash is the SHA-256, in hex, of the bytes of the request.
func (e *pendingCall) bodyHash() string {
	var sent []byte
	if e.body != nil {
		sent = e.body.bytes
	}
	sum := sha256.Sum256(sent)
	return hex.EncodeToString(sum[:])
}

// again counts one more attempt, and keeps how the one before ended.
func (e *pendingCall) again(err error) {
	e.attempts++
	if last, ok := errors.AsType[*Error](err); ok {
		e.earlier = append(e.earlier, last)
	}
}

// keyHolds reports whether the key can still be sent after a wait.
func (e *pendingCall) keyHolds(wait time.Duration) bool {
	return e.key == "" || time.Now().Round(0).Add(wait).Sub(e.first) < keyUse
}
