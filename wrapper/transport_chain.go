package dwolla

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
)

// A handler sends a request. It returns a response of 2xx whose body is in memory, or an error.
type handler func(*http.Request) (*http.Response, error)

// chain assembles the links that a call goes through. Each link is in the file of its name, transport_*.go; the order,
// from the outside in, is
//
//	user's middleware > idempotency > retry > per attempt (auth > log > answer > attempt)
//
// What comes out of it is decoded in Call.
func (c *caller) chain() handler {
	h := c.attempt       // sends one request and reads the answer within the size caps
	h = answer(h)        // turns an answer other than 2xx into an *Error
	h = c.log(h)         // logs the attempt
	h = c.auth(h)        // adds the token, and replays once with a new one
	h = c.retry(h)       // repeats the attempt
	h = c.idempotency(h) // chooses the key, once
	h = c.finish(h)      // so that middleware sees the errors that the caller will see
	if len(c.cfg.middleware) == 0 {
		return h
	}
	h = c.confine(h)
	for _, m := range slices.Backward(c.cfg.middleware) {
		next := h
		h = func(req *http.Request) (resp *http.Response, err error) {
			if req == nil || pendingCallOf(req) == nil {
				return nil, argument("middleware", "passed on a request that is not the call's")
			}
			ctx := req.Context()
			defer func() {
				if panicked, ok := err.(*panicError); ok { //nolint:errorlint // one of the user's is not unwrapped here
					c.cfg.logPanic(ctx, panicked)
				}
			}()
			defer noPanic(&err) // the middleware around it may have called it in a goroutine of its own
			if req, err = c.shown(req); err != nil {
				return nil, err
			}
			return m(req, next)
		}
	}
	return c.around(h)
}

// finish gives an error of a call its final form.
func (c *caller) finish(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		resp, err := next(req)
		if err != nil {
			p := pendingCallOf(req)
			err = c.finalError(p, p.masked(err))
		}
		return resp, err
	}
}

// around gives the request its body, for the middleware to read, and settles what the middleware returns: whether its
// error hides an answer, the status of its response, which counts as one of the API's would, and the body, which is read to
// its end and closed.
func (c *caller) around(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		p := pendingCallOf(req)
		p.turn = make(chan struct{}, 1)
		if p.body != nil {
			req.Body = newMemoryBody(p.body.bytes)
		}
		resp, err := next(req)
		if resp != nil && resp.Body != nil {
			if _, ok := resp.Body.(*memoryBody); !ok {
				var broken error
				resp.Body, broken = c.readReplaced(req.Context(), resp.Body)
				if !failed(resp) { // otherwise the status decides
					err = cmp.Or(err, broken)
				}
			}
		}
		select {
		case p.turn <- struct{}{}:
			defer func() { <-p.turn }()
			p.gate.close() // the call belongs to its caller again
		default:
			return nil, &unfinishedError{kept(req.Context(), err, false)}
		}
		switch {
		case err != nil:
			return resp, c.foreignError(req.Context(), p, err)
		case resp == nil || resp.Body == nil && !failed(resp):
			return nil, c.conclude(p, p.noAnswer())
		case failed(resp):
			return resp, c.madeError(req.Context(), p, resp)
		}
		return resp, nil
	}
}

// readReplaced reads and closes a body that middleware made.
func (c *caller) readReplaced(ctx context.Context, body io.ReadCloser) (*memoryBody, error) {
	defer closeBody(body)
	data, err := readAtMost(ctx, body, -1, c.cfg.limits.body())
	return newMemoryBody(data), err
}

// shown returns the request as the next middleware sees it, with a body that none has read.
func (c *caller) shown(req *http.Request) (*http.Request, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return req, nil
	}
	data, err := c.bodyOf(req)
	if err != nil {
		return nil, err
	}
	own := req.WithContext(req.Context())
	own.Body, own.ContentLength = newMemoryBody(data), int64(len(data))
	own.GetBody = func() (io.ReadCloser, error) { return newMemoryBody(data), nil }
	return own, nil
}

// bodyOf returns the body that middleware left in a request. Reading a memoryBody does not use it up, neither for the next
// middleware nor for what is sent.
func (c *caller) bodyOf(req *http.Request) ([]byte, error) {
	if seen, ok := req.Body.(*memoryBody); ok {
		return seen.data, nil
	}
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	p := pendingCallOf(req)
	data, err := readAtMost(req.Context(), gatedReader{req.Body, &p.gate}, -1, c.cfg.limits.body())
	_ = req.Body.Close()
	if err != nil {
		return nil, &ArgumentError{Argument: "middleware", Reason: "made a body that cannot be read", Err: p.maskedForeign(kept(req.Context(), err, false))}
	}
	return data, nil
}

// confine lets middleware pass on only the request of its own call, and makes a copy of it that middleware cannot change
// any more.
func (c *caller) confine(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		if req == nil || pendingCallOf(req) == nil {
			return nil, argument("middleware", "passed on a request that is not the call's")
		}
		p := pendingCallOf(req)
		if !p.goesTo(req) {
			return nil, argument("middleware", "changed the method or the origin")
		}
		if strings.ContainsFunc(req.URL.RequestURI(), func(r rune) bool { return r <= ' ' || r == 0x7f }) {
			return nil, argument("middleware", "made a URL that cannot be sent")
		}
		select {
		case p.turn <- struct{}{}: // a second call of next waits for the first
			defer func() { <-p.turn }()
		case <-req.Context().Done():
			return nil, ended(req.Context())
		}
		if p.gate.isClosed() {
			return nil, argument("middleware", "called next after the call had ended")
		}
		if err := c.takeBody(p, req); err != nil {
			return nil, err
		}
		own := p.request(req.Context())
		*own.URL = *req.URL
		own.Header = make(http.Header, len(req.Header)+1)
		for name, values := range req.Header {
			if guarded(name) {
				continue
			}
			if !isToken(name) || slices.ContainsFunc(values, func(v string) bool { return !validHeaderValue(v) }) {
				return nil, argument("middleware", "made a header that cannot be sent")
			}
			own.Header[name] = slices.Clone(values)
		}
		p.answer, p.failed = errExited, nil // should next not return
		resp, err := next(own)
		p.answer, p.failed = err, nil
		if last, ok := errors.AsType[*Error](err); ok {
			p.failed, p.last = last, *last
		}
		return resp, err
	}
}

// takeBody makes the body that middleware left in a request that of the call. It cannot change once it was sent: every
// attempt under one key has the same bytes.
func (c *caller) takeBody(p *pendingCall, req *http.Request) error {
	data, err := c.bodyOf(req)
	if err != nil {
		return err
	}
	var before []byte
	if p.body != nil {
		before = p.body.bytes
	}
	switch {
	case bytes.Equal(data, before):
		return nil
	case p.gate.passed():
		return argument("middleware", "changed the body of a request that was sent")
	case len(data) == 0:
		p.body = nil
	default:
		p.body = newRequestBody(data)
	}
	return nil
}

// guardedHeaders say who sends a request, to whom, and under which key. Only the links below middleware set them.
var guardedHeaders = []string{"Authorization", "Idempotency-Key", "Host", "Content-Length", "Transfer-Encoding", "Connection"}

// guarded reports whether a header is a guarded one, in whatever case it is written.
func guarded(name string) bool {
	return slices.ContainsFunc(guardedHeaders, func(own string) bool { return strings.EqualFold(own, name) })
}
