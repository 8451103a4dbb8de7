package dwollatest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"strings"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

// maxBody is more than the largest request: a mass payment of 5,000 items, or a document of 10 MiB.
const maxBody = 64 << 20

// A response is what goes over the wire.
type response struct {
	status int
	header http.Header
	body   []byte

	faked   bool // not of the contract: made by a fault, or a HAL form
	dropped bool // the connection is broken instead
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxBody))
	if err != nil {
		http.Error(rw, "cannot read the request", http.StatusBadRequest)
		return
	}
	entry := s.log(r, body)
	out := s.answer(r, body, entry) //nolint:contextcheck // a webhook that a request causes outlives it
	s.finish(entry, out.status)
	if out.dropped {
		panic(http.ErrAbortHandler) // how a handler breaks a connection; the in-process transport does the same
	}
	maps.Copy(rw.Header(), out.header)
	rw.Header().Set("X-Request-Id", entry.RequestID)
	rw.WriteHeader(out.status)
	// An error means that the caller is gone.
	_, _ = rw.Write(out.body)
}

// answer finds the operation of a request, runs it and checks the response.
func (s *Server) answer(r *http.Request, body []byte, entry *Request) response {
	h := hal{base: baseOf(r), state: s.state}
	op, err := s.strict.Operation(r)
	if err != nil {
		return s.unknown(h, err)
	}
	s.name(entry, op.ID)
	req := &request{
		operation: op.ID,
		path:      strings.TrimSuffix(r.URL.Path, "/"),
		id:        strings.ToLower(op.PathParams["id"]),
		query:     r.URL.Query(),
		header:    r.Header,
		body:      body,
		hal:       h,
	}
	out := s.admit(r, req)
	if out.faked || out.dropped {
		return out
	}
	if err := s.strict.CheckResponse(r, out.status, out.header, out.body); err != nil {
		s.problem(fmt.Errorf("the server's own answer: %w", err))
	}
	return out
}

// unknown answers a path or method that the API does not have, which is reported.
func (s *Server) unknown(h hal, err error) response {
	if !s.allowInvalid {
		s.problem(fmt.Errorf("unexpected call: %w", err))
	}
	unknown, ok := errors.AsType[*contract.UnknownOperationError](err)
	if ok && len(unknown.Allowed) > 0 {
		return failed405(h, unknown)
	}
	return refuse(h, notFound("Resource"))
}

func failed405(h hal, err *contract.UnknownOperationError) response {
	out := refuse(h, &apiError{
		status:  http.StatusMethodNotAllowed,
		code:    "MethodNotAllowed",
		message: err.Method + " is not supported here.",
	})
	out.header.Set("Allow", strings.Join(err.Allowed, ", "))
	return out
}

// admit checks the access token and the Accept header, and runs a request with a key only once.
func (s *Server) admit(r *http.Request, req *request) response {
	if req.operation == "createToken" {
		req.violations = s.check(s.open, r, req) // not strictly: the form may hold the credentials
		return s.withFaults(r, req, func() response { return s.createToken(r, req) })
	}
	if err := s.authorize(r); err != nil {
		return refuse(req.hal, err)
	}
	if !acceptsHAL(r.Header) {
		return refuse(req.hal, &apiError{
			status:  http.StatusNotAcceptable,
			code:    "InvalidVersion",
			message: "The Accept header must name " + mediaType + ".",
		})
	}
	req.violations = s.check(s.strict, r, req)
	key := r.Header.Get("Idempotency-Key")
	if key == "" || r.Method != http.MethodPost {
		return s.withFaults(r, req, func() response { return s.run(req) })
	}
	req.key = key
	return s.withKey(r, req, func() response { return s.run(req) })
}

// run carries out the operation.
func (s *Server) run(req *request) response {
	do := s.behaviors[req.operation]
	if do == nil {
		s.problem(fmt.Errorf("%s has no behavior", req.operation))
		return refuse(req.hal, &apiError{
			status:  http.StatusNotImplemented,
			code:    "NotImplemented",
			message: "dwollatest does not have the operation " + req.operation + ".",
		})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.called(req.hal.base)
	if s.contended(req) {
		return refuse(req.hal, tooManyTransfers())
	}
	s.state.catchUp(s.now())
	if wantsHALForm(req.header) {
		if out, found := s.state.halForm(req); found {
			sent := send(req.hal, out)
			sent.faked = true
			return sent
		}
	}
	out, err := do(s.state, req)
	if err != nil {
		return refuse(req.hal, err)
	}
	s.refresh()
	return send(req.hal, out)
}

// send makes the response of a result.
func send(h hal, r result) response {
	out := response{status: r.status, header: http.Header{}}
	if r.location != "" {
		out.header.Set("Location", h.base+h.state.quirks.id(r.location))
	}
	if r.body != nil {
		out.header.Set("Content-Type", mediaType)
		out.body = h.state.quirks.rewrite(encode(r.body))
	}
	return out
}

// refuse makes the response of an error. Any but an *apiError is a bug of this package and becomes a 500.
func refuse(h hal, err error) response {
	e, ok := errors.AsType[*apiError](err)
	if !ok {
		e = &apiError{status: http.StatusInternalServerError, code: "ServerError", message: err.Error()}
	}
	return response{
		status: e.status,
		header: http.Header{"Content-Type": {mediaType}},
		body:   encode(e.body(h)),
	}
}

// encode writes JSON as Dwolla does, with a plain & in hrefs. Everything in this package can be encoded.
func encode(v any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return []byte(`{"code":"ServerError","message":"the answer cannot be encoded"}`)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// baseOf is the URL by which the server was addressed.
func baseOf(r *http.Request) string {
	if r.URL.Host != "" {
		return r.URL.Scheme + "://" + r.URL.Host
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// acceptsHAL reports whether the Accept header names the media type of version 1; a wildcard is not enough.
func acceptsHAL(header http.Header) bool {
	for _, value := range header.Values("Accept") {
		for part := range strings.SplitSeq(value, ",") {
			name, _, err := mime.ParseMediaType(part)
			if err == nil && name == mediaType {
				return true
			}
		}
	}
	return false
}
