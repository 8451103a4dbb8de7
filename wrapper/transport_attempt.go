package dwolla

import (
	"context"
	"errors"
	"maps"
	"net/http"
)

var (
	errNoAnswer = errors.New("the HTTP client gave neither an answer nor an error")
	errTimeout  = errors.New("the attempt took too long")
	errPanicked = errors.New("the HTTP client panicked")
)

// attempt sends a request once and reads the answer to its end: the later links cannot fail on the network, and the
// connection is free for the next request.
func (c *caller) attempt(req *http.Request) (*http.Response, error) {
	p := pendingCallOf(req)
	limit := c.cfg.timeouts.Attempt
	if p.op.Slow {
		limit = c.cfg.timeouts.SlowAttempt
	}
	ctx, cancel := context.WithTimeoutCause(req.Context(), limit, errTimeout)
	defer cancel()
	sent := new(sendTrace)
	req = req.WithContext(sent.trace(ctx, p.safe()))
	req.Header = maps.Clone(req.Header) // the values are not modified
	req.Header["Authorization"] = []string{p.authorization}
	p.body.attach(req)
	resp, err := c.do(req)
	if err != nil {
		return nil, p.transportError(ctx, err, sent)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		// The status decides, even if the text that explains it cannot be read whole.
		body, _ := readAtMost(resp.Body, resp.ContentLength, c.cfg.limits.ErrorBody)
		resp.Body = newMemoryBody(body)
		return resp, nil
	}
	body, err := readBody(resp, c.cfg.limits.Body)
	if err != nil {
		return p.brokenBody(ctx, resp, err)
	}
	resp.Body = body
	return resp, nil
}

// do calls the HTTP client, and turns a panic or a nil response into an error.
func (c *caller) do(req *http.Request) (resp *http.Response, err error) {
	defer noPanic(&err)
	if c.http.Jar == nil && c.http.Timeout == 0 {
		resp, err = c.http.Transport.RoundTrip(req) // Client.Do would only add what redirects need
	} else {
		resp, err = c.http.Do(req)
	}
	if err == nil && (resp == nil || resp.Body == nil) {
		return nil, errNoAnswer
	}
	return resp, err
}

// noPanic is deferred around the user's code: a transport, and the bodies that it returns. The value of the panic is
// dropped, since it may hold anything.
func noPanic(err *error) {
	if recover() != nil {
		*err = errPanicked
	}
}
