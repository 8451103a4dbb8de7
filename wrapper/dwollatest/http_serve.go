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
	"slices"
	"strconv"
	"strings"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

// maxBody is more than the largest request: a mass payment of 5,000 items, or a document of 10 MiB.
const maxBody = 64 << 20

// maxTokenBody is more than any request for a token, which can come from anybody.
const maxTokenBody = 64 << 10

// createToken is the operation that needs no access token.
const createToken = "createToken"

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
	entry := s.arrived(r)
	out := s.answer(rw, asked(r), entry) //nolint:contextcheck // a webhook that a request causes outlives it
	s.finish(entry, out.status)
	if out.dropped {
		panic(http.ErrAbortHandler) // how a handler breaks a connection; the in-process transport does the same
	}
	maps.Copy(rw.Header(), out.header)
	rw.Header().Set("X-Request-Id", entry.RequestID)
	if r.Method == http.MethodHead {
		rw.Header().Set("Content-Length", strconv.Itoa(len(out.body)))
		out.body = nil
	}
	rw.WriteHeader(out.status)
	// An error means that the caller is gone.
	_, _ = rw.Write(out.body)
}

// asked is the request whose answer is wanted: that of a HEAD is what a GET would have, without the body.
func asked(r *http.Request) *http.Request {
	if r.Method != http.MethodHead {
		return r
	}
	get := r.Clone(r.Context())
	get.Method = http.MethodGet
	return get
}

// answer finds the operation of a request, runs it and checks the response. Of a request that is not authenticated not even
// the body is read.
func (s *Server) answer(rw http.ResponseWriter, r *http.Request, entry *Request) response {
	h := hal{base: baseOf(r), state: s.state}
	op, err := s.strict.Operation(r)
	entry.Operation = op.ID
	forToken := op.ID == createToken
	if !forToken {
		if err := s.authorize(r); err != nil {
			return refuse(h, err)
		}
	}
	limit := int64(maxBody)
	if forToken {
		limit = maxTokenBody
	}
	body, tooLarge := readAll(rw, r, limit)
	if !forToken || s.credentials(r, body) {
		s.keep(entry, body)
	}
	switch {
	case tooLarge != nil:
		return refuse(h, tooLarge)
	case err != nil:
		return s.unknown(h, err)
	}
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

// readAll reads a body up to a limit.
func readAll(rw http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, limit))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, &apiError{
			status: http.StatusRequestEntityTooLarge, code: "PayloadTooLarge",
			message: fmt.Sprintf("The request is larger than %d bytes.", limit),
		}
	}
	if err != nil {
		return nil, badRequest("The request body is incomplete.")
	}
	return body, nil
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
	allowed := err.Allowed
	if slices.Contains(allowed, http.MethodGet) {
		allowed = append(slices.Clone(allowed), http.MethodHead)
	}
	out.header.Set("Allow", strings.Join(allowed, ", "))
	return out
}

// admit checks the Accept header, and runs a request with a key only once.
func (s *Server) admit(r *http.Request, req *request) response {
	if req.operation == createToken {
		req.violations = s.check(s.open, r, req) // not strictly: the form may hold the credentials
		return s.withFaults(r, req, func() response { return s.createToken(r, req) })
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
