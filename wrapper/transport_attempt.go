package dwolla

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
)

var (
	errNoAnswer = errors.New("the HTTP client gave neither an answer nor an error")
	errTimeout  = errors.New("the attempt took too long")
	errPanicked = errors.New("the HTTP client panicked")
)

// attempt sends a request once and reads the answer to its end, so that nothing but memory is left to fail and the
// connection can be used again.
func (c *caller) attempt(req *http.Request) (*http.Response, error) {
	e := pendingCallOf(req)
	limit := c.cfg.timeouts.Attempt
	if e.op.Slow {
		limit = c.cfg.timeouts.SlowAttempt
	}
	ctx, cancel := context.WithTimeoutCause(req.Context(), limit, errTimeout)
	defer cancel()
	sent := new(sending)
	req = req.WithContext(sent.trace(ctx, e.safe()))
	req.Header = maps.Clone(req.Header) // the values are read only
	req.Header["Authorization"] = []string{e.authorization}
	e.body.attach(req)
	resp, err := c.do(req)
	if err != nil {
		return nil, e.transportError(ctx, err, sent)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		// The status says enough, even if the text that explains it does not come whole.
		body, _ := readAtMost(resp.Body, resp.ContentLength, c.cfg.limits.ErrorBody)
		resp.Body = newInMemory(body)
		return resp, nil
	}
	body, err := read(resp, c.cfg.limits.Body)
	if err != nil {
		return e.brokenBody(ctx, resp, err)
	}
	resp.Body = body
	return resp, nil
}

// do calls the HTTP client and turns its panics and nothings into errors.
func (c *caller) do(req *http.Request) (resp *http.Response, err error) {
	defer noPanic(&err)
	if c.http.Jar == nil && c.http.Timeout == 0 {
		resp, err = c.http.Transport.RoundTrip(req) // all that Client.Do would add is for redirects
	} else {
		resp, err = c.http.Do(req)
	}
	if err == nil && (resp == nil || resp.Body == nil) {
		return nil, errNoAnswer
	}
	return resp, err
}

// noPanic is deferred around foreign code: a transport of the caller's own, and the bodies that it gives. What it
// panicked with is dropped, since it may hold anything.
func noPanic(err *error) {
	if recover() != nil {
		*err = errPanicked
	}
}

func isCertificateError(err error) bool {
	_, verification := errors.AsType[*tls.CertificateVerificationError](err)
	return verification
}

var errTooLarge = fmt.Errorf("%w than the cap", ErrTooLarge)

// permanent reports whether a failure to connect will be the same the next time.
func permanent(err error) bool {
	dns, ok := errors.AsType[*net.DNSError](err)
	return ok && dns.IsNotFound || errors.Is(err, ErrInvalidArgument)
}
