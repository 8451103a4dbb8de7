package dwolla

import (
	"net/http"
	"slices"
)

// A handler sends a request. It answers with a response of 2xx whose body is in memory, or with an error.
type handler func(*http.Request) (*http.Response, error)

// chain is the way of a call, one concern a file, from the outside in:
//
//	user's middleware > idempotency > retry > per attempt (auth > log > error mapping > http.Client)
func (c *caller) chain() handler {
	h := c.attempt       // attempt.go: one request over the wire, body read within the caps
	h = mapErrors(h)     // maperror.go: everything but 2xx becomes an *Error
	h = c.log(h)         // log.go
	h = c.authorize(h)   // auth.go: the token, and one replay with a new one
	h = c.retry(h)       // retry.go
	h = c.idempotency(h) // idempotency.go: the key, once
	h = confine(h)
	for _, m := range slices.Backward(c.cfg.middleware) {
		next := h
		h = func(req *http.Request) (*http.Response, error) { return m(req, next) }
	}
	return nilSafe(h)
}

// confine lets a middleware pass on only the call that it was given: with its method, to its origin.
func confine(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		if req == nil || req.URL == nil || pendingCallOf(req) == nil {
			return nil, argument("middleware", "passed on a request that is not the call's")
		}
		e := pendingCallOf(req)
		if req.Method != e.op.Method || !same(req.URL, e.url) {
			return nil, argument("middleware", "changed the method or the origin")
		}
		req.Host = e.url.Host
		return next(req)
	}
}

// nilSafe keeps a middleware that answers with nothing at all from crashing the client.
func nilSafe(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		resp, err := next(req)
		if err == nil && (resp == nil || resp.Body == nil) {
			return nil, pendingCallOf(req).noAnswer()
		}
		return resp, err
	}
}
