package faultserver

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A Protocol is what a Server speaks.
type Protocol string

// The protocols.
const (
	HTTP1    Protocol = "HTTP/1.1"
	HTTP1TLS Protocol = "HTTP/1.1 over TLS"
	HTTP2    Protocol = "HTTP/2"
)

// Protocols are all of them.
var Protocols = []Protocol{HTTP1, HTTP1TLS, HTTP2}

// A Server is a bank behind a listener.
type Server struct {
	*Bank

	URL         string
	Certificate *x509.Certificate // nil without TLS

	protocol Protocol
	http     *httptest.Server
	accepted atomic.Int64
	onAccept atomic.Pointer[func(n int, c net.Conn) bool]

	mu    sync.Mutex
	conns map[string]net.Conn // by the address of the client
}

// Serve starts a server that ends with the test.
func Serve(tb testing.TB, protocol Protocol, bank *Bank) *Server {
	tb.Helper()
	s := &Server{Bank: bank, protocol: protocol, conns: map[string]net.Conn{}}
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.http.Listener = &listener{s.http.Listener, s}
	s.http.Config.ConnState = s.forget
	s.http.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.http.EnableHTTP2 = protocol == HTTP2
	if protocol == HTTP1 {
		s.http.Start()
	} else {
		s.http.StartTLS()
		s.Certificate = s.http.Certificate()
	}
	s.URL = s.http.URL
	tb.Cleanup(s.Close)
	return s
}

// Close ends every connection and the server.
func (s *Server) Close() {
	s.mu.Lock()
	for _, c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.http.CloseClientConnections()
	s.http.Close()
}

// OnAccept sets a function that is called with each new connection and its number, from 1, and reports whether the
// connection is served.
func (s *Server) OnAccept(f func(n int, c net.Conn) bool) { s.onAccept.Store(&f) }

// Accepted is the number of connections so far.
func (s *Server) Accepted() int { return int(s.accepted.Load()) }

// Connections is the number of open connections.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// Trust makes a transport accept the server's certificate.
func (s *Server) Trust(t *http.Transport) {
	if s.Certificate == nil {
		return
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate)
	t.TLSClientConfig = &tls.Config{RootCAs: roots, ServerName: "example.com", MinVersion: tls.VersionTLS12}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/token") {
		s.token(w, r)
		return
	}
	s.Bank.mu.Lock()
	n := len(s.requests) + 1
	s.Bank.mu.Unlock()
	var f *Fault
	if s.Fault != nil {
		f = s.Fault(n, r)
	}
	answer := s.handle(r, f)
	if f == nil {
		s.write(w, answer)
		return
	}
	if f.Wait > 0 {
		select {
		case <-time.After(f.Wait):
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
	if f.Answer != nil {
		answer = f.Answer
	}
	switch {
	case f.Raw != "":
		s.raw(w, r, f.Raw)
	case f.End == Reset:
		ResetConn(s.conn(r))
		panic(http.ErrAbortHandler)
	case f.End == CutShort:
		a := *answer
		a.Header = a.Header.Clone()
		a.Header.Set("Content-Length", strconv.Itoa(len(a.Body)+100))
		s.write(w, &a)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case f.End == Trickle:
		s.trickle(w, r, answer)
	default:
		s.write(w, answer)
	}
}

func (s *Server) write(w http.ResponseWriter, a *Answer) {
	maps.Copy(w.Header(), a.Header)
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

// trickle writes byte by byte until the client gives up.
func (s *Server) trickle(w http.ResponseWriter, r *http.Request, a *Answer) {
	maps.Copy(w.Header(), a.Header)
	w.WriteHeader(a.Status)
	flusher := http.NewResponseController(w)
	for r.Context().Err() == nil {
		if _, err := w.Write([]byte(" ")); err != nil || flusher.Flush() != nil {
			break
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-r.Context().Done():
		}
	}
	panic(http.ErrAbortHandler) // not a clean end
}

// raw writes bytes that need not be HTTP. Over HTTP/2 it breaks the connection instead.
func (s *Server) raw(w http.ResponseWriter, r *http.Request, text string) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		ResetConn(s.conn(r))
		panic(http.ErrAbortHandler)
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = conn.Write([]byte(text))
	_ = conn.Close()
}

func (s *Server) conn(r *http.Request) net.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns[r.RemoteAddr]
}

// forget drops a connection that has ended.
func (s *Server) forget(c net.Conn, state http.ConnState) {
	if state == http.StateClosed || state == http.StateHijacked {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.conns, c.RemoteAddr().String())
	}
}

// ResetConn closes a connection so that the other side sees a reset.
func ResetConn(c net.Conn) {
	if t, ok := c.(interface{ SetLinger(int) error }); ok {
		_ = t.SetLinger(0)
	}
	if c != nil {
		_ = c.Close()
	}
}

type listener struct {
	net.Listener
	server *Server
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		n := int(l.server.accepted.Add(1))
		l.server.mu.Lock()
		l.server.conns[c.RemoteAddr().String()] = c
		l.server.mu.Unlock()
		if f := l.server.onAccept.Load(); f == nil || (*f)(n, c) {
			return c, nil
		}
	}
}

// Chunked is a raw HTTP/1.1 response with a chunked body; body includes the chunk sizes.
func Chunked(status int, header, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d %s\r\nTransfer-Encoding: chunked\r\n%s\r\n%s", status, http.StatusText(status), header, body)
}

// Sized is a raw HTTP/1.1 response with a Content-Length, which need not be that of the body.
func Sized(status, length int, header, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Length: %s\r\n%s\r\n%s", status, http.StatusText(status), strconv.Itoa(length), header, body)
}
