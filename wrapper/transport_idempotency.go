package dwolla

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"time"
)

// keyLifetime is how long a request may be repeated under its key: Dwolla keeps keys for 24 hours, and the clocks may
// differ by a few minutes. A later repetition could pay twice.
const keyLifetime = 24*time.Hour - 5*time.Minute

// idempotency gives every POST except the public one, for a token, an idempotency key. It is made once per call, and all
// attempts send it.
func (c *caller) idempotency(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		p := pendingCallOf(req)
		if p.first.IsZero() {
			p.first = time.Now().Round(0) // drops the monotonic clock, which stops while the machine is suspended
		}
		if req.Method == http.MethodPost && !p.op.Public {
			if err := c.chooseKey(p); err != nil {
				return nil, err
			}
			req.Header.Set(headerIdempotencyKey, p.key)
		}
		return next(req)
	}
}

// chooseKey sets the key of a call: the caller's own, or a new one.
func (c *caller) chooseKey(p *pendingCall) (err error) {
	switch {
	case p.key != "":
		return nil // middleware has called next twice
	case p.opts.HasIdempotencyKey:
		p.key = p.opts.IdempotencyKey
		return c.keys.claim(p)
	}
	if p.key, err = newIdempotencyKey(rand.Reader); err != nil {
		return p.notSent(err)
	}
	return nil
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
