package dwolla

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"time"
)

// keyUse is how long a request may be repeated under its key: Dwolla keeps keys for 24 hours, and the two clocks may
// differ by a few minutes. Later than that, a repetition could pay twice.
const keyUse = 24*time.Hour - 5*time.Minute

// idempotency gives every POST but that for a token one key, made once for the whole call: all attempts send it. The
// client never makes a second one for the same call. A call whose outcome nothing settles ends here as an
// *OutcomeUnknownError, so that middleware sees what the caller sees.
func (c *caller) idempotency(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		e := pendingCallOf(req)
		if e.first.IsZero() {
			e.first = time.Now().Round(0) // by the clock on the wall: a machine that slept has not stopped Dwolla's
		}
		if req.Method == http.MethodPost && !e.op.Public {
			if err := c.takeKey(e); err != nil {
				return nil, err
			}
			req.Header.Set(headerIdempotencyKey, e.key)
		}
		resp, err := next(req)
		return resp, c.unknown(e, err)
	}
}

// takeKey settles which key the call carries.
func (c *caller) takeKey(e *pendingCall) (err error) {
	switch {
	case e.key != "":
		return nil // a middleware that calls twice
	case e.opts.HasIdempotencyKey:
		e.key = e.opts.IdempotencyKey
		return c.keys.claim(e)
	}
	if e.key, err = newIdempotencyKey(rand.Reader); err != nil {
		return e.newError(OutcomeNotSent, err)
	}
	return nil
}

// NewIdempotencyKey makes a random key (a UUID of version 4), for a caller that writes the key down before it sends.
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
