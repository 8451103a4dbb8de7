package webhook

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// readLimit is the time for a body. Events are small, and a sender who takes longer only holds a connection.
const readLimit = 10 * time.Second

// usualBody holds Dwolla's events, which take about 1 KiB.
const usualBody = 4 << 10

// readBody reads the bytes that were signed.
func readBody(w http.ResponseWriter, r *http.Request, size int64) ([]byte, error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, refuse(http.StatusMethodNotAllowed, "the method is not POST")
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return nil, refuse(http.StatusUnsupportedMediaType, "the body is compressed, and the signature is of the plain one")
	}
	if r.ContentLength > size {
		return nil, refuse(http.StatusRequestEntityTooLarge, "the body is too large")
	}
	limit := http.NewResponseController(w)
	// Not every ResponseWriter has deadlines; the server's own limits hold then.
	limited := limit.SetReadDeadline(time.Now().Add(readLimit)) == nil
	var body bytes.Buffer
	if r.ContentLength > 0 {
		// MinRead spares ReadFrom a last growth. What is only announced is not trusted with more than a usual event takes.
		body.Grow(int(min(r.ContentLength, usualBody)) + bytes.MinRead)
	}
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, size))
	switch _, tooLarge := errors.AsType[*http.MaxBytesError](err); {
	case tooLarge:
		return nil, refuse(http.StatusRequestEntityTooLarge, "the body is too large")
	case err != nil:
		return nil, &refusal{status: http.StatusRequestTimeout, reason: "the body cannot be read", err: err}
	case body.Len() == 0 && r.ContentLength > 0:
		return nil, &refusal{status: http.StatusInternalServerError, reason: "the body was read before it came here", err: io.ErrUnexpectedEOF}
	}
	// Only after success: the server still drains a body that was not read to its end.
	if limited {
		_ = limit.SetReadDeadline(time.Time{})
	}
	return body.Bytes(), nil
}
