package dwolla

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"time"
)

// clockSkew is how far the clocks of two machines may differ.
const clockSkew = 5 * time.Minute

// keyLifetime is how long a request may be repeated under its key: shorter than Dwolla remembers it, since the clocks may
// differ. A later repetition could pay twice.
const keyLifetime = IdempotencyKeyLifetime - clockSkew

// inFuture reports whether a time is later than the clock of any machine can say.
func inFuture(t time.Time) bool { return time.Until(t) > clockSkew }

// idempotency gives every call that has one its idempotency key. It is made once per call, and all
// attempts send it.
func (c *caller) idempotency(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		p := pendingCallOf(req)
		if p.first.IsZero() {
			p.first = time.Now().Round(0) // drops the monotonic clock, which stops while the machine is suspended
		}
		if !p.keyed() {
			return next(req)
		}
		if p.opts.HasIdempotencyKey {
			p.key = p.opts.IdempotencyKey
			if err := c.keys.claim(p); err != nil {
				return nil, err
			}
			defer c.keys.release(p) // also of a call that panics
		}
		if p.key == "" { // not middleware that has called next twice
			var err error
			if p.key, err = newIdempotencyKey(rand.Reader); err != nil {
				return nil, p.notSent(err)
			}
		}
		req.Header.Set(headerIdempotencyKey, p.key)
		p.ambiguous = p.ambiguous || p.settled // middleware calls next again: what now fails does not undo the success
		before := p.sent
		p.sent = true // should next panic
		resp, err := next(req)
		p.sent, p.settled = before || !nothingSent(err, p.earlier), carriedOut(err)
		return resp, err
	}
}

// NewIdempotencyKey makes a random key (a UUID of version 4), for a caller that stores the key before it sends.
func NewIdempotencyKey() (string, error) { return newIdempotencyKey(rand.Reader) }

func newIdempotencyKey(random io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("dwolla: no randomness for an idempotency key: %w", err)
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var text [36]byte
	at := 0
	for _, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if at > 0 {
			text[at] = '-'
			at++
		}
		at += hex.Encode(text[at:], part)
	}
	return string(text[:]), nil
}
