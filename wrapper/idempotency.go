package dwolla

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
)

// idempotency gives every POST but that for a token one key, made once for the whole call: all attempts send it. The
// client never makes a second one for the same call.
func (c *caller) idempotency(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		e := exchangeOf(req)
		if req.Method != http.MethodPost || e.op.Path == tokenPath {
			return next(req)
		}
		key := e.opts.IdempotencyKey
		if !e.opts.HasIdempotencyKey {
			var err error
			if key, err = newIdempotencyKey(rand.Reader); err != nil {
				return nil, e.newError(OutcomeNotSent, err)
			}
		}
		e.key = key
		req.Header.Set(headerIdempotencyKey, key)
		return next(req)
	}
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
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:], nil
}
