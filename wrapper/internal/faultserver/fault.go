package faultserver

import (
	"net/http"
	"time"
)

// A Fault is how one request ends. Commit and Lock say whether the bank carried it out before.
type Fault struct {
	Name string

	Commit bool          // the request is carried out
	Lock   bool          // the key is locked: it is answered with 409 for 24 hours
	Work   time.Duration // how long it takes to carry out

	Wait time.Duration // before the answer
	End  End

	Answer *Answer // in place of the bank's own
	Raw    string  // in place of a whole HTTP response; HTTP/1.1 over a socket only
}

// End is how the connection ends.
type End int

// The ends of a connection.
const (
	Whole    End = iota // the whole answer is sent
	Refused             // no connection: in memory only; for sockets see Server.Close and Server.OnAccept
	Reset               // reset without an answer
	CutShort            // closed after half of the body
	Trickle             // the body is sent byte by byte and never ends
	Nameless            // the host name is not found: in memory only
	Busy                // the name server fails for now: in memory only
)

// Status is an error with a body in Dwolla's form.
func Status(status int, code string) *Fault {
	return &Fault{Name: http.StatusText(status), Answer: problem(status, code, "This is a fault.")}
}

// With adds a header to the answer.
func (f *Fault) With(name, value string) *Fault {
	own := *f
	a := *f.Answer
	a.Header = a.Header.Clone()
	a.Header.Add(name, value)
	own.Answer = &a
	return &own
}

// Committed is the fault after the request was carried out.
func (f *Fault) Committed() *Fault {
	own := *f
	own.Commit = true
	return &own
}

// Locked is the fault with a locked key.
func (f *Fault) Locked() *Fault {
	own := *f
	own.Lock = true
	return &own
}

// After is the fault after a delay.
func (f *Fault) After(d time.Duration) *Fault {
	own := *f
	own.Wait = d
	return &own
}

// Text is an answer with any status and body.
func Text(status int, contentType, body string) *Fault {
	return &Fault{Name: "text", Answer: &Answer{Status: status, Header: http.Header{"Content-Type": {contentType}}, Body: []byte(body)}}
}

// Drop resets the connection after the request.
func Drop() *Fault { return &Fault{Name: "reset", End: Reset} }

// Stall never answers.
func Stall() *Fault { return &Fault{Name: "stall", Wait: 24 * time.Hour, End: Reset} }

// RawAnswer writes raw bytes, which need not be valid HTTP/1.1, and closes the connection.
func RawAnswer(name, raw string) *Fault { return &Fault{Name: name, Raw: raw} }
