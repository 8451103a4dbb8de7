package faultserver

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"syscall"
	"time"
)

// Base is the base URL of a bank in memory.
const Base = "https://bank.test"

// Memory is a transport to the bank without sockets, for virtual time. It calls the httptrace hooks of a real transport.
func (b *Bank) Memory() http.RoundTripper { return &memory{b} }

type memory struct{ bank *Bank }

// RoundTrip implements http.RoundTripper.
func (m *memory) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	trace := httptrace.ContextClientTrace(req.Context())
	if trace == nil {
		trace = new(httptrace.ClientTrace)
	}
	call(trace.GetConn, req.URL.Host)
	if strings.HasSuffix(req.URL.Path, "/token") {
		w := httptest.NewRecorder()
		m.bank.token(w, req)
		if err := req.Context().Err(); err != nil {
			return nil, err
		}
		return finish(w.Result(), req), nil
	}
	m.bank.mu.Lock()
	n := len(m.bank.requests) + 1
	m.bank.mu.Unlock()
	var f *Fault
	if m.bank.Fault != nil {
		f = m.bank.Fault(n, req)
	}
	if err := refused(f); err != nil {
		m.bank.note(req, f)
		if err := pause(req, f.Wait); err != nil {
			return nil, err
		}
		return nil, err
	}
	call(trace.GotConn, httptrace.GotConnInfo{})
	own := req.Clone(req.Context())
	if own.Body == nil {
		own.Body = http.NoBody
	}
	if own.Host == "" {
		own.Host = own.URL.Host
	}
	answer := m.bank.handle(own, f)
	if trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
	call(trace.WroteRequest, httptrace.WroteRequestInfo{})
	if f != nil {
		if err := pause(req, f.Wait); err != nil {
			return nil, err
		}
		if f.End == Reset {
			return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
		}
		if f.Answer != nil {
			answer = f.Answer
		}
	}
	if trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	return m.respond(req, f, answer), nil
}

func (m *memory) respond(req *http.Request, f *Fault, a *Answer) *http.Response {
	var body io.Reader = bytes.NewReader(a.Body)
	if f != nil {
		switch f.End {
		case CutShort:
			body = io.MultiReader(bytes.NewReader(a.Body[:len(a.Body)/2]), broken{})
		case Trickle:
			body = trickle{req}
		}
	}
	return finish(&http.Response{StatusCode: a.Status, Header: a.Header.Clone(), Body: io.NopCloser(body), ContentLength: -1}, req)
}

func finish(resp *http.Response, req *http.Request) *http.Response {
	resp.Request, resp.Proto, resp.ProtoMajor, resp.ProtoMinor = req, "HTTP/1.1", 1, 1
	if resp.Header == nil {
		resp.Header = http.Header{}
	}
	return resp
}

// note records a request that did not reach the bank.
func (b *Bank) note(req *http.Request, f *Fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests = append(b.requests, Request{Method: req.Method, Path: req.URL.Path, At: b.now(), Fault: f})
}

func refused(f *Fault) error {
	if f == nil {
		return nil
	}
	switch f.End {
	case Refused:
		return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case Nameless:
		return &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "bank.test", IsNotFound: true}}
	case Busy:
		return &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "server misbehaving", Name: "bank.test", IsTemporary: true}}
	default:
		return nil
	}
}

// pause waits for d, or until the client gives up.
func pause(req *http.Request, d time.Duration) error {
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-req.Context().Done():
		return req.Context().Err()
	}
}

func call[T any](hook func(T), v T) {
	if hook != nil {
		hook(v)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) {
	return 0, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
}

// A trickle yields a byte a second until the client gives up.
type trickle struct{ req *http.Request }

func (t trickle) Read(p []byte) (int, error) {
	if err := pause(t.req, time.Second); err != nil {
		return 0, err
	}
	if len(p) == 0 {
		return 0, errors.New("faultserver: nothing to read into")
	}
	p[0] = ' '
	return 1, nil
}
