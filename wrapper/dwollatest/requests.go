package dwollatest

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/dwolla-go/dwolla-go/gen"
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

// Requests are the authenticated requests so far in the order of their arrival, those for tokens included. They contain
// access tokens and personal data as they were sent. Headers and bodies are kept of the latest 64 MiB.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Request, 0, len(s.requests))
	for _, r := range s.requests {
		out = append(out, *r)
	}
	return out
}

// Calls are the requests of one operation, by its id in the contract or by the method of the client, as for [Server.Fault].
func (s *Server) Calls(operation string) []Request {
	operation = cmp.Or(gen.OperationIDOf(operation), operation)
	return slices.DeleteFunc(s.Requests(), func(r Request) bool { return r.Operation != operation })
}

// maxKept is how many bytes of headers and bodies are kept.
const maxKept = 64 << 20

func (r *Request) size() int {
	size := len(r.Body)
	for name, values := range r.Header {
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	return size
}

// arrived describes a request that comes in.
func (s *Server) arrived(r *http.Request) *Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &Request{Time: s.now(), Method: r.Method, Path: r.URL.RequestURI(), Header: r.Header.Clone(), RequestID: s.requestIDs.uuid()}
}

// keep enters an authenticated request in the history. The oldest ones lose their headers and bodies when there are too many
// bytes, and are dropped when there are too many requests.
func (s *Server) keep(entry *Request, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry.Body = body
	if s.history > 0 && len(s.requests) >= s.history {
		gone := len(s.requests) - s.history + 1
		for _, old := range s.requests[:gone] {
			s.kept -= old.size()
		}
		s.requests = slices.Delete(s.requests, 0, gone)
		s.emptied = max(0, s.emptied-gone)
	}
	s.requests = append(s.requests, entry)
	s.kept += entry.size()
	for s.kept > maxKept && s.emptied < len(s.requests) {
		old := s.requests[s.emptied]
		s.kept -= old.size()
		old.Header, old.Body = nil, nil
		s.emptied++
	}
}

func (s *Server) finish(entry *Request, status int) {
	s.mu.Lock()
	entry.Status, entry.Took = status, s.now().Sub(entry.Time)
	done := *entry
	s.mu.Unlock()
	s.observe(done)
}
