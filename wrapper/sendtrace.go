package dwolla

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// A sendTrace follows a request through net/http: whether bytes of it may have left, and whether an answer began.
type sendTrace struct {
	traced, wrote, answered atomic.Bool

	conn    atomic.Pointer[tracedConn]
	hooks   httptrace.ClientTrace
	foreign bool       // the transport is not net/http's, and may send by ways that call no hook
	body    tracedBody // for such a transport
}

// A tracedBody knows whether a transport has read of the body of a request.
type tracedBody struct {
	io.ReadCloser
	state atomic.Int32
}

// The states of a tracedBody.
const (
	bodyUnread = iota
	bodyRead
	bodyRefused
)

func (b *tracedBody) Read(p []byte) (int, error) {
	if !b.state.CompareAndSwap(bodyUnread, bodyRead) && b.state.Load() == bodyRefused {
		return 0, http.ErrBodyReadAfterClose
	}
	return b.ReadCloser.Read(p)
}

// unread reports whether there is a body of which nothing was read. Nothing can be from then on.
func (b *tracedBody) unread() bool {
	return b.ReadCloser != nil && (b.state.CompareAndSwap(bodyUnread, bodyRefused) || b.state.Load() == bodyRefused)
}

// A tracedConn is the connection of an attempt, and how many bytes had been written to it before.
type tracedConn struct {
	*countedConn
	before int64
}

// trace adds the hooks to a context. For a safe request it does not matter what has left, and each hook allocates.
func (s *sendTrace) trace(ctx context.Context, safe bool) context.Context {
	if safe {
		s.hooks.GotFirstResponseByte = func() { s.answered.Store(true) }
	} else {
		s.hooks = httptrace.ClientTrace{
			GetConn:          func(string) { s.traced.Store(true) },
			GotConn:          func(info httptrace.GotConnInfo) { s.got(counted(info.Conn)) },
			WroteHeaderField: func(string, []string) { s.wrote.Store(true) },
			WroteHeaders:     func() { s.wrote.Store(true) },
			WroteRequest:     func(httptrace.WroteRequestInfo) { s.wrote.Store(true) },
		}
	}
	return httptrace.WithClientTrace(ctx, &s.hooks)
}

// got records the connection. net/http takes a second one only if the first has carried nothing, or for a safe request.
func (s *sendTrace) got(conn *countedConn) {
	if conn == nil {
		s.conn.Store(nil)
		return
	}
	s.conn.Store(&tracedConn{countedConn: conn, before: conn.written.Load()})
}

// mayHaveArrived reports whether Dwolla may have received some of the request. A transport that is not net/http's may have
// sent it by another way than the one that was traced or that failed: only if it has read nothing of the body is a failure
// to connect certain.
func (s *sendTrace) mayHaveArrived(cause error) bool {
	if s.foreign && !s.body.unread() {
		return true
	}
	if !s.traced.Load() {
		return !s.foreign || !neverConnected(cause)
	}
	if !s.wrote.Load() {
		return false
	}
	conn := s.conn.Load()
	return conn == nil || conn.written.Load() > conn.before
}

func neverConnected(cause error) bool {
	if op, ok := errors.AsType[*net.OpError](cause); ok && op.Op == "dial" {
		return true
	}
	_, dns := errors.AsType[*net.DNSError](cause)
	return dns || isCertificateError(cause)
}

func isCertificateError(err error) bool {
	_, verification := errors.AsType[*tls.CertificateVerificationError](err)
	return verification
}

// A countedConn counts the bytes written to it, so that a failed attempt knows whether any of its own have left.
type countedConn struct {
	net.Conn
	written atomic.Int64
}

// Write counts before it writes: in doubt, the bytes have left.
func (c *countedConn) Write(p []byte) (int, error) {
	c.written.Add(int64(len(p)))
	n, err := c.Conn.Write(p)
	c.written.Add(int64(n - len(p)))
	return n, err
}

func countedDial(dial func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &countedConn{Conn: conn}, nil
	}
}

// counted returns the countedConn below TLS, or nil when a transport of the user's made the connection.
func counted(conn net.Conn) *countedConn {
	if secure, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secure.NetConn()
	}
	c, _ := conn.(*countedConn)
	return c
}
