package dwolla

import (
	"net/http"
	"slices"
)

// A handler sends a request. It returns a response of 2xx whose body is in memory, or an error.
type handler func(*http.Request) (*http.Response, error)

// chain assembles the links that a call goes through. Each link is in the file of its name, transport_*.go; the order,
// from the outside in, is
//
//	decode > user's middleware > idempotency > retry > per attempt (auth > log > answer > attempt)
func (c *caller) chain() handler {
	h := c.attempt       // sends one request and reads the answer within the size caps
	h = answer(h)        // turns an answer other than 2xx into an *Error
	h = c.log(h)         // logs the attempt
	h = c.auth(h)        // adds the token, and replays once with a new one
	h = c.retry(h)       // repeats the attempt
	h = c.idempotency(h) // chooses the key, once
	h = c.finish(h)      // so that middleware sees the errors that the caller will see
	h = confine(h)
	for _, m := range slices.Backward(c.cfg.middleware) {
		next := h
		h = func(req *http.Request) (*http.Response, error) { return m(req, next) }
	}
	h = c.decode(h)
	return c.finish(h) // for the errors of middleware and of decode
}

// finish gives an error of a call its final form.
func (c *caller) finish(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		resp, err := next(req)
		if err == nil {
			return resp, nil
		}
		return resp, c.finalError(pendingCallOf(req), err)
	}
}

// confine lets middleware pass on only the request of its own call: the same method, to the same origin.
func confine(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		if req == nil || req.URL == nil || pendingCallOf(req) == nil {
			return nil, argument("middleware", "passed on a request that is not the call's")
		}
		p := pendingCallOf(req)
		if req.Method != p.op.Method || !same(req.URL, p.url) {
			return nil, argument("middleware", "changed the method or the origin")
		}
		req.Host = p.url.Host
		return next(req)
	}
}
