package faultserver

import (
	"net/http"
	"time"
)

// A Fault is how one request ends. Whatever the fault, Commit and Lock say what the bank did before.
type Fault struct {
	Name string

	Commit bool          // it is done all the same
	Lock   bool          // its key answers 409 for the 24 hours that it lives
	Work   time.Duration // how long doing it takes

	Wait time.Duration // before anything is answered; longer than the client's patience is never
	End  End

	Answer *Answer // in the place of the bank's own
	Raw    string  // in the place of a whole HTTP answer; HTTP/1.1 over a socket only
}

// End is how the connection ends.
type End int

// The ends of a connection.
const (
	Whole    End = iota // the answer comes whole
	Refused             // no connection: in memory only, see Server.Close and Server.Accept for sockets
	Reset               // nothing is answered
	CutShort            // half of the body is answered, and the connection closed
	Trickle             // the body comes a byte a second, for ever
	Nameless            // the name of the host is not known: in memory only
	Busy                // the name server does not answer: in memory only
)

// Status is a refusal or a failure with a body of Dwolla's form.
func Status(status int, code string) *Fault {
	return &Fault{Name: http.StatusText(status), Answer: problem(status, code, "This is a fault.")}
}

// With sets a header of the answer.
func (f *Fault) With(name, value string) *Fault {
	own := *f
	a := *f.Answer
	a.Header = a.Header.Clone()
	a.Header.Add(name, value)
	own.Answer = &a
	return &own
}

// Committed is the fault after the thing was done.
func (f *Fault) Committed() *Fault {
	own := *f
	own.Commit = true
	return &own
}

// Locked is the fault that leaves the key locked.
func (f *Fault) Locked() *Fault {
	own := *f
	own.Lock = true
	return &own
}

// After is the fault after a while.
func (f *Fault) After(d time.Duration) *Fault {
	own := *f
	own.Wait = d
	return &own
}

// Text is an answer of any status and body.
func Text(status int, contentType, body string) *Fault {
	return &Fault{Name: "text", Answer: &Answer{Status: status, Header: http.Header{"Content-Type": {contentType}}, Body: []byte(body)}}
}

// Drop is a connection that is reset once the request is there.
func Drop() *Fault { return &Fault{Name: "reset", End: Reset} }

// Stall is no answer at all.
func Stall() *Fault { return &Fault{Name: "stall", Wait: 24 * time.Hour, End: Reset} }

// RawAnswer is what a server writes that does not keep to HTTP/1.1; the connection is closed after it.
func RawAnswer(name, raw string) *Fault { return &Fault{Name: name, Raw: raw} }
