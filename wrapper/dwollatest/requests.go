package dwollatest

import (
	"net/http"
	"slices"
	"time"
)

// Request is one request that the server got.
type Request struct {
	Time      time.Time
	Operation string // the operation id; empty for a path that the API does not have
	Method    string
	Path      string // with the query
	Header    http.Header
	Body      []byte
	RequestID string // the X-Request-Id of the answer
	Status    int    // of the answer; 0 if there was none, because it is not over or was dropped
	Took      time.Duration
}

// Requests are the requests so far in the order of their arrival, those for tokens included. They contain access
// tokens and personal data as they were sent.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Request, 0, len(s.requests))
	for _, r := range s.requests {
		out = append(out, *r)
	}
	return out
}

// Calls are the requests of one operation.
func (s *Server) Calls(operation string) []Request {
	return slices.DeleteFunc(s.Requests(), func(r Request) bool { return r.Operation != operation })
}

// log records a request as it comes in.
func (s *Server) log(r *http.Request, body []byte) *Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry := &Request{
		Time:      s.now(),
		Method:    r.Method,
		Path:      r.URL.RequestURI(),
		Header:    r.Header.Clone(),
		Body:      body,
		RequestID: s.requestIDs.uuid(),
	}
	if s.history > 0 && len(s.requests) >= s.history {
		s.requests = slices.Delete(s.requests, 0, len(s.requests)-s.history+1)
	}
	s.requests = append(s.requests, entry)
	return entry
}

func (s *Server) name(entry *Request, operation string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry.Operation = operation
}

func (s *Server) finish(entry *Request, status int) {
	s.mu.Lock()
	entry.Status, entry.Took = status, s.now().Sub(entry.Time)
	done := *entry
	s.mu.Unlock()
	s.observe(done)
}
