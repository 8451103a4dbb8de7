package faultserver

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http/httptest"
	"sync"
	"testing"
)

// Frames is an HTTP/2 server that sends single frames, for what net/http's own server never sends. It does not decode
// headers: it tells requests apart by their order.
type Frames struct {
	URL string

	listener net.Listener
	script   func(n int, s *Stream)
	all      sync.WaitGroup
	server   *Server // for its certificate

	mu       sync.Mutex
	conns    []net.Conn
	requests int
}

// A Stream is one request of a connection.
type Stream struct {
	ID   uint32
	conn io.Writer
	end  func()
}

// ServeFrames starts a server that ends with the test. The script answers request n, from 1, over all connections.
func ServeFrames(tb testing.TB, script func(n int, s *Stream)) *Frames {
	tb.Helper()
	pair := httptest.NewUnstartedServer(nil)
	pair.EnableHTTP2 = true
	pair.StartTLS()
	config := pair.TLS.Clone()
	certificate := pair.Certificate()
	pair.Close()
	config.NextProtos = []string{"h2"}
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		tb.Fatal(err)
	}
	f := &Frames{URL: "https://" + l.Addr().String(), listener: l, script: script, server: &Server{Certificate: certificate}}
	f.all.Go(f.accept)
	tb.Cleanup(f.close)
	return f
}

// Server has the certificate to trust.
func (f *Frames) Server() *Server { return f.server }

// Requests is how many streams have been opened.
func (f *Frames) Requests() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests
}

func (f *Frames) close() {
	_ = f.listener.Close()
	f.mu.Lock()
	for _, c := range f.conns {
		_ = c.Close()
	}
	f.mu.Unlock()
	f.all.Wait()
}

func (f *Frames) accept() {
	for {
		c, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		f.conns = append(f.conns, c)
		f.mu.Unlock()
		f.all.Go(func() { f.talk(c) })
	}
}

// The frames of RFC 9113 that are used here.
const (
	frameData     = 0
	frameHeaders  = 1
	frameReset    = 3
	frameSettings = 4
	framePing     = 6
	frameGoAway   = 7

	frameContinuation = 9

	flagAck        = 1
	flagEndStream  = 1
	flagEndHeaders = 4
)

// Codes of RFC 9113.
const (
	NoError       = 0
	InternalError = 2
	RefusedStream = 7
)

func (f *Frames) talk(c net.Conn) {
	defer c.Close()
	preface := make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
	if _, err := io.ReadFull(c, preface); err != nil {
		return
	}
	frame(c, frameSettings, 0, 0, nil)
	head := make([]byte, 9)
	open := map[uint32]bool{}
	for {
		if _, err := io.ReadFull(c, head); err != nil {
			return
		}
		size := int(head[0])<<16 | int(head[1])<<8 | int(head[2])
		body := make([]byte, size)
		if _, err := io.ReadFull(c, body); err != nil {
			return
		}
		kind, flags, id := head[3], head[4], binary.BigEndian.Uint32(head[5:])&(1<<31-1)
		switch {
		case kind == frameSettings && flags&flagAck == 0:
			frame(c, frameSettings, flagAck, 0, nil)
		case kind == framePing && flags&flagAck == 0:
			frame(c, framePing, flagAck, 0, body)
		case kind == frameHeaders:
			open[id] = true
		}
		if (kind == frameHeaders || kind == frameData) && flags&flagEndStream != 0 && open[id] {
			delete(open, id)
			f.mu.Lock()
			f.requests++
			n := f.requests
			f.mu.Unlock()
			f.script(n, &Stream{ID: id, conn: c, end: func() { _ = c.Close() }})
		}
	}
}

func frame(w io.Writer, kind, flags byte, id uint32, body []byte) {
	out := []byte{byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body)), kind, flags}
	out = binary.BigEndian.AppendUint32(out, id)
	_, _ = w.Write(append(out, body...))
}

// Header sends the header of an answer: a status, and fields by their names and values in turn.
func (s *Stream) Header(status string, fields ...string) {
	s.Fields(append([]string{":status", status}, fields...)...)
}

// Fields sends a header, which need not have a status.
func (s *Stream) Fields(fields ...string) {
	const most = 16 << 10 // in a frame
	var block []byte
	for i := 0; i+1 < len(fields); i += 2 {
		block = text(text(append(block, 0), fields[i]), fields[i+1]) // a literal without indexing
	}
	for kind := byte(frameHeaders); ; kind = frameContinuation {
		part := block[:min(most, len(block))]
		if block = block[len(part):]; len(block) == 0 {
			frame(s.conn, kind, flagEndHeaders, s.ID, part)
			return
		}
		frame(s.conn, kind, 0, s.ID, part)
	}
}

// text appends a string literal of HPACK: its length as an integer with a prefix of seven bits, and its bytes.
func text(block []byte, v string) []byte {
	const prefix = 1<<7 - 1
	n := len(v)
	if n < prefix {
		return append(append(block, byte(n)), v...)
	}
	block = append(block, prefix)
	for n -= prefix; n >= 1<<7; n >>= 7 {
		block = append(block, byte(n)|1<<7)
	}
	return append(append(block, byte(n)), v...)
}

// Part sends a part of a body that is not the last.
func (s *Stream) Part(body string) { frame(s.conn, frameData, 0, s.ID, []byte(body)) }

// Data sends the last part of a body.
func (s *Stream) Data(body string) { frame(s.conn, frameData, flagEndStream, s.ID, []byte(body)) }

// Raw sends bytes that need not be a frame.
func (s *Stream) Raw(v string) { _, _ = io.WriteString(s.conn, v) }

// Reset ends the stream.
func (s *Stream) Reset(code uint32) {
	frame(s.conn, frameReset, 0, s.ID, binary.BigEndian.AppendUint32(nil, code))
}

// GoAway ends the connection; streams after last were not processed.
func (s *Stream) GoAway(last, code uint32) {
	frame(s.conn, frameGoAway, 0, 0, binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, last), code))
}

// Close closes the connection.
func (s *Stream) Close() { s.end() }
