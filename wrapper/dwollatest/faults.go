package dwollatest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/dwolla-go/dwolla-go/gen"
)

// A Fault is what goes wrong with an operation. The zero value does nothing; the fields can be combined.
type Fault struct {
	// Status is that of the response in place of the real one, such as 500 or 429.
	Status int
	// Code is the error code of that response; by default the documented one for the status.
	Code string
	// Header is added to that response, for instance Retry-After.
	Header http.Header
	// Body replaces the JSON of that response, for instance by the HTML page of a proxy.
	Body string
	// AfterCommit lets the operation happen first: the caller gets the fault, but the money has moved.
	AfterCommit bool
	// Delay delays the response, before or after the request is carried out. It takes real time, which inside
	// testing/synctest is that of the bubble, and ends early when the caller gives up.
	Delay time.Duration
	// Drop breaks the connection without a response.
	Drop bool
	// Lock holds the idempotency key of the request for 24 hours, as a 500 can do: further requests with it are 409.
	Lock bool
	// Skip is how many calls pass before the fault begins.
	Skip int
	// Times is how many calls it hits; 0 is all of them.
	Times int
}

// An activeFault is a fault that waits for calls of its operation.
type activeFault struct {
	Fault
	operation string
	hits      int
}

// Fault adds a fault to an operation, by its id in the contract or by the method of the client: createMassPayment or
// MassPayments.Create. Faults of one operation are used up in the order in which they were set. A repetition under an
// idempotency key is a call like any other; a call that is refused for its token, its Accept header or its key is hit by
// none. An operation that does not exist is reported.
func (s *Server) Fault(operation string, f Fault) {
	operation = cmp.Or(gen.OperationIDOf(operation), operation)
	if s.behaviors[operation] == nil && operation != createToken {
		s.problem(fmt.Errorf("fault for the unknown operation %q", operation))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &activeFault{Fault: f, operation: operation})
}

// ClearFaults removes all faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault returns the fault of this call, if any.
func (s *Server) takeFault(operation string) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		switch {
		case f.operation != operation, f.Times > 0 && f.hits >= f.Times:
		case f.Skip > 0:
			f.Skip--
			return Fault{}, false
		default:
			f.hits++
			return f.Fault, true
		}
	}
	return Fault{}, false
}

// withFaults runs an operation with its next fault.
func (s *Server) withFaults(r *http.Request, req *request, run func() response) response {
	f, hit := s.takeFault(req.operation)
	if !hit {
		return run()
	}
	var out response
	if f.AfterCommit {
		out = run()
		req.carriedOut(out)
	}
	if f.Lock {
		req.keyInUse.Lock()
	}
	s.delay(r.Context(), req, f.Delay)
	switch {
	case f.Drop:
		return response{dropped: true}
	case f.Status != 0:
		return f.response(req.hal)
	case f.AfterCommit:
		return out
	}
	return run()
}

// delay waits, and counts as a transfer from its balance meanwhile.
func (s *Server) delay(ctx context.Context, req *request, d time.Duration) {
	if d <= 0 {
		return
	}
	s.mu.Lock()
	s.state.called(req.hal.base)
	source := s.heldBalance(req)
	s.mu.Unlock()
	s.hold(source, 1)
	defer s.hold(source, -1)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (f Fault) response(h hal) response {
	out := refuse(h, &apiError{status: f.Status, code: f.code(), message: "A fault of the test."})
	if f.Body != "" {
		out.header.Set("Content-Type", "text/html")
		out.body = []byte(f.Body)
		if json.Valid(out.body) {
			out.header.Set("Content-Type", mediaType)
		}
	}
	for name, values := range f.Header {
		out.header[http.CanonicalHeaderKey(name)] = values
	}
	out.faked = true // the contract does not apply
	return out
}

func (f Fault) code() string {
	if f.Code != "" {
		return f.Code
	}
	switch f.Status {
	case http.StatusBadRequest:
		return "BadRequest"
	case http.StatusUnauthorized:
		return "ExpiredAccessToken"
	case http.StatusForbidden:
		return "Forbidden"
	case http.StatusNotFound:
		return "NotFound"
	case http.StatusConflict:
		return "Conflict"
	case http.StatusTooManyRequests:
		return "TooManyRequests"
	}
	return "ServerError"
}

// heldBalance is the funding source of a transfer. It is called with the lock held.
func (s *Server) heldBalance(req *request) string {
	if req.operation != "createTransfer" {
		return ""
	}
	var in transferRequest
	if err := json.Unmarshal(req.body, &in); err != nil {
		return ""
	}
	return s.state.idIn(in.Links.Source.Href, "funding-sources")
}

func (s *Server) hold(source string, by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if source != "" {
		s.heldBalances[source] += by
	}
}

// contended reports whether a fault delays another transfer from the same balance. Without such a fault transfers are
// never concurrent, so that a test does not depend on timing.
func (s *Server) contended(req *request) bool {
	f := s.state.sourceByID[s.heldBalance(req)]
	return f != nil && f.kind == balance && s.heldBalances[f.id] > 0
}

func tooManyTransfers() error {
	return &apiError{
		status:  http.StatusTooManyRequests,
		code:    "TooManyRequests",
		message: "Concurrent transfers from this funding source are not supported.",
	}
}

var errDropped = errors.New("dwollatest: connection dropped by a fault")
