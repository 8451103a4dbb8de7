package contract

import (
	"errors"
	"fmt"
	"net/http"
)

// Transport checks everything that goes through next, which is [http.DefaultTransport] if nil.
//
// Unless v has [WithReport], a request that breaks the contract is not sent, and the caller gets the error in
// its place; so does the caller whose answer breaks it, though the request has been carried out by then.
// In production, use WithReport.
func Transport(next http.RoundTripper, v *Validator) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return &transport{next: next, validator: v}
}

type transport struct {
	next      http.RoundTripper
	validator *Validator
}

// RoundTrip checks req, sends it and checks the answer.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.WithContext(req.Context()) // a RoundTripper must not change the caller's request; its body is restored on a copy
	if err := t.validator.CheckRequest(req); err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // a RoundTripper always closes the body
		}
		return nil, err
	}
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if err := t.check(req, resp); err != nil {
		_ = resp.Body.Close() // the caller gets no response to close
		return nil, err
	}
	return resp, nil
}

func (t *transport) check(req *http.Request, resp *http.Response) error {
	data, err := readBody(&resp.Body, t.validator.limit)
	if errors.Is(err, errTooLarge) {
		return t.validator.tooLarge(req, resp)
	}
	if err != nil {
		return nil //nolint:nilerr // the caller meets the same error where it reads the body
	}
	return t.validator.CheckResponse(req, resp.StatusCode, resp.Header, data)
}

func (v *Validator) tooLarge(req *http.Request, resp *http.Response) error {
	op, _ := v.Operation(req) // unknown only if v reports; the violation does without
	c := &check{operation: op.ID}
	c.add(fmt.Sprintf("response %d body", resp.StatusCode), KeywordSize, fmt.Sprintf("is larger than %d bytes", v.limit))
	return v.settle(c)
}
