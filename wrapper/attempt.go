package dwolla

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// Caps of what is read, after decompression.
const (
	maxBody      = 32 << 20
	maxErrorBody = 1 << 20
	maxTokenBody = 64 << 10
)

var (
	errNoAnswer = errors.New("the HTTP client gave neither an answer nor an error")
	errTimeout  = errors.New("the attempt took too long")
)

// attempt sends a request once and reads the answer to its end, so that nothing but memory is left to fail and the
// connection can be used again.
func (c *caller) attempt(req *http.Request) (*http.Response, error) {
	e := exchangeOf(req)
	limit := c.cfg.timeouts.Attempt
	if e.op.Slow {
		limit = c.cfg.timeouts.SlowAttempt
	}
	ctx, cancel := context.WithTimeoutCause(req.Context(), limit, errTimeout)
	defer cancel()
	sent := new(sending)
	req = req.WithContext(httptrace.WithClientTrace(ctx, sent.trace()))
	e.body.attach(req)
	resp, err := c.do(req)
	if err != nil {
		return nil, e.transportError(ctx, err, sent)
	}
	defer resp.Body.Close()
	size := int64(maxBody)
	if resp.StatusCode >= 300 {
		size = maxErrorBody
	}
	body, err := readAtMost(resp.Body, size)
	if err != nil {
		return e.brokenBody(ctx, resp, err)
	}
	resp.Body = &inMemory{Reader: bytes.NewReader(body), data: body}
	return resp, nil
}

// inMemory is a body that has been read already.
type inMemory struct {
	*bytes.Reader
	data []byte
}

func (*inMemory) Close() error { return nil }

// readAll is the body of an answer, without a copy unless a middleware put another body there.
func readAll(resp *http.Response) ([]byte, error) {
	if m, ok := resp.Body.(*inMemory); ok {
		return m.data, nil
	}
	return io.ReadAll(io.LimitReader(resp.Body, maxBody))
}

// do calls the HTTP client and turns its panics and nothings into errors.
func (c *caller) do(req *http.Request) (resp *http.Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			resp, err = nil, errors.New("the HTTP client panicked")
		}
	}()
	resp, err = c.http.Do(req)
	if err == nil && (resp == nil || resp.Body == nil) {
		return nil, errNoAnswer
	}
	if err == nil {
		setAside(resp.Header, "location", "Location") // of a redirect, see redirect.go
	}
	return resp, err
}

// attach gives a request a fresh reader over the body. GetBody stays nil, so that net/http does not replay the request
// behind our back; a POST without a body would be replayed all the same when it carries the canonical header, and so
// carries it in lower case.
func (p *payload) attach(req *http.Request) {
	req.GetBody = nil
	if p != nil {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(p.bytes)), int64(len(p.bytes))
		return
	}
	req.Body, req.ContentLength = nil, 0
	if key, ok := req.Header[headerIdempotencyKey]; ok {
		req.Header = req.Header.Clone()
		delete(req.Header, headerIdempotencyKey)
		req.Header["idempotency-key"] = key
	}
}

// brokenBody is an answer whose body did not come whole. A creation that says where its result is has succeeded.
func (e *exchange) brokenBody(ctx context.Context, resp *http.Response, cause error) (*http.Response, error) {
	if resp.StatusCode == http.StatusCreated && resp.Header.Get("Location") != "" {
		resp.Body = http.NoBody
		return resp, nil
	}
	err := e.newError(OutcomeBadResponse, cause)
	switch {
	case errors.Is(cause, errTooLarge):
		err.Committed = !e.safe() && resp.StatusCode < 300
	case !e.safe():
		err.Outcome = OutcomeUnknown
	case ctx.Err() != nil:
		err.Err = context.Cause(ctx)
	}
	err.StatusCode, err.RequestID = resp.StatusCode, resp.Header.Get(headerRequestID)
	return nil, err
}

// transportError is an attempt without an answer.
func (e *exchange) transportError(ctx context.Context, cause error, sent *sending) *Error {
	outcome := OutcomeNotSent
	if sent.maybe(cause) && !e.safe() {
		outcome = OutcomeUnknown
	}
	switch {
	case errors.Is(context.Cause(ctx), errTimeout):
		cause = fmt.Errorf("%w: %w", errTimeout, context.DeadlineExceeded)
	case ctx.Err() != nil:
		cause = context.Cause(ctx)
		if outcome == OutcomeNotSent {
			outcome = OutcomeCanceled
		}
	default:
		cause = plainCause(cause)
	}
	return e.newError(outcome, cause)
}

// A sending knows whether bytes of a request may have left.
type sending struct {
	connected, wrote atomic.Bool
}

func (s *sending) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { s.connected.Store(true) },
		WroteHeaderField:     func(string, []string) { s.wrote.Store(true) },
		WroteHeaders:         func() { s.wrote.Store(true) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { s.wrote.Store(true) },
		GotFirstResponseByte: func() { s.wrote.Store(true) },
	}
}

// maybe reports whether Dwolla may have got the request. A transport that does not trace is asked by its error: only
// a failure to connect is sure.
func (s *sending) maybe(cause error) bool {
	if s.wrote.Load() {
		return true
	}
	if s.connected.Load() {
		return false
	}
	if op, ok := errors.AsType[*net.OpError](cause); ok && op.Op == "dial" {
		return false
	}
	if _, ok := errors.AsType[*net.DNSError](cause); ok {
		return false
	}
	return !isCertificateError(cause)
}

func isCertificateError(err error) bool {
	_, verification := errors.AsType[*tls.CertificateVerificationError](err)
	return verification
}

var errTooLarge = fmt.Errorf("%w than the cap", ErrTooLarge)

// readAtMost reads to the end, or fails when there is more than size.
func readAtMost(r io.Reader, size int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, size+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > size {
		return nil, errTooLarge
	}
	return body, nil
}

// permanent reports whether a failure to connect will be the same the next time.
func permanent(err error) bool {
	dns, ok := errors.AsType[*net.DNSError](err)
	return ok && dns.IsNotFound || errors.Is(err, ErrInvalidArgument)
}
