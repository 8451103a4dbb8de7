package dwolla

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// A countedConn counts what was written to it, so that a failed attempt knows whether any of its bytes left.
type countedConn struct {
	net.Conn
	written atomic.Int64
}

// Write counts before it writes: in doubt, bytes have left.
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

// counted finds the counted connection under TLS; nil when a caller's own transport made the connection.
func counted(conn net.Conn) *countedConn {
	if secure, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secure.NetConn()
	}
	c, _ := conn.(*countedConn)
	return c
}

// A sending knows whether bytes of a request may have left, and whether any of an answer came.
type sending struct {
	traced, wrote, answered atomic.Bool

	on    atomic.Pointer[connection]
	hooks httptrace.ClientTrace
}

// A connection is what an attempt was given, and how much had been written to it before.
type connection struct {
	*countedConn
	before int64
}

// trace has net/http tell what becomes of a request. Of one that changes nothing, it does not matter what has left, and
// each hook costs allocations.
func (s *sending) trace(ctx context.Context, safe bool) context.Context {
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

// got notes the connection. net/http takes a second one only where the first carried nothing, or for a safe request.
func (s *sending) got(conn *countedConn) {
	if conn == nil {
		s.on.Store(nil)
		return
	}
	s.on.Store(&connection{countedConn: conn, before: conn.written.Load()})
}

// maybe reports whether Dwolla may have got any of the request. A transport that does not trace is asked by its error:
// only a failure to connect is sure.
func (s *sending) maybe(cause error) bool {
	if !s.traced.Load() {
		return !neverConnected(cause)
	}
	if !s.wrote.Load() {
		return false
	}
	on := s.on.Load()
	return on == nil || on.written.Load() > on.before
}

func neverConnected(cause error) bool {
	if op, ok := errors.AsType[*net.OpError](cause); ok && op.Op == "dial" {
		return true
	}
	_, dns := errors.AsType[*net.DNSError](cause)
	return dns || isCertificateError(cause)
}
