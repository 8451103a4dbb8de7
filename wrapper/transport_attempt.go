package dwolla

import (
	"context"
	"errors"
	"io"
	"net/http"
)

var (
	errNoAnswer = errors.New("the HTTP client gave neither an answer nor an error")
	errTimeout  = errors.New("the attempt took too long")
)

// attempt sends a request once and reads the answer to its end: the later links cannot fail on the network, and the
// connection is free for the next request.
func (c *caller) attempt(req *http.Request) (*http.Response, error) {
	p := pendingCallOf(req)
	if !p.keyHolds(0) { // middleware may have called next a day later, or the token may have taken as long
		return nil, p.notSent(ErrKeyExpired)
	}
	if !p.gate.pass() {
		return nil, p.notSent(argument("middleware", "called next after the call had ended"))
	}
	limit := c.cfg.timeouts.Attempt
	if p.slow() {
		limit = c.cfg.timeouts.SlowAttempt
	}
	ctx, cancel := context.WithTimeoutCause(req.Context(), limit, errTimeout)
	defer cancel()
	sent := new(sendTrace)
	u := *req.URL
	req = req.WithContext(sent.trace(ctx, p.safe()))
	req.URL = &u
	req.Header = req.Header.Clone()
	if !p.goesTo(req) { // redirectless looks once more, after a cookie jar has seen the URL
		return nil, p.notSent(argument("request", "is not to the origin of the client"))
	}
	req.Header["Authorization"] = []string{p.authorization}
	p.body.attach(req)
	if sent.foreign = !c.traced; sent.foreign && req.Body != nil {
		sent.body.ReadCloser = req.Body
		req.Body = &sent.body
	}
	resp, err := c.exchange(ctx, req)
	switch {
	case err == nil:
		return resp, nil
	case resp == nil:
		c.cfg.logPanic(ctx, err)
		return nil, p.transportError(ctx, err, sent)
	default:
		return p.brokenBody(ctx, resp, err)
	}
}

// slow reports whether the call may take longer, as a mass payment by Client.Post may, too.
func (p *pendingCall) slow() bool {
	return p.op.Slow || p.op.Method == http.MethodPost && isPath(p.origin.path(p.url), "/mass-payments")
}

// exchange sends a request and reads the answer into memory. With an answer, an error is about its body.
func (c *caller) exchange(ctx context.Context, req *http.Request) (*http.Response, error) {
	var resp *http.Response
	var err error
	if c.foreign {
		resp, err = isolate(ctx, func() (*http.Response, error) { return c.do(req) })
	} else {
		resp, err = c.do(req)
	}
	return resp, kept(ctx, err, true)
}

func (c *caller) do(req *http.Request) (resp *http.Response, err error) {
	if resp, err = c.roundTrip(req); err != nil {
		return resp, err
	}
	defer closeBody(resp.Body)
	if resp.StatusCode >= 300 || resp.StatusCode < 200 {
		// The status decides, even if the text that explains it cannot be read whole.
		data, err := readAnswer(req.Context(), resp, c.cfg.limits.errorBody())
		body := newMemoryBody(data)
		if large, ok := err.(tooLargeError); ok { //nolint:errorlint // one of the user's is not unwrapped here
			body.cut = large
		}
		resp.Body = body
		return resp, nil
	}
	body, err := readBody(req.Context(), resp, c.cfg.limits.body())
	resp.Body = body
	return resp, err
}

// roundTrip calls the HTTP client, and turns a panic or a nil response into an error.
func (c *caller) roundTrip(req *http.Request) (resp *http.Response, err error) {
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

// closeBody closes the body of an answer that has been read: nothing depends on whether that works.
func closeBody(body io.Closer) {
	var ignored error
	defer noPanic(&ignored)
	_ = body.Close()
}
