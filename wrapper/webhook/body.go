package webhook

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// bodyTimeout is how long a sender may take to send the body. Events are small; a slower sender only holds a connection.
const bodyTimeout = 10 * time.Second

// typicalBody is enough for Dwolla's events, which have about 1 KiB.
const typicalBody = 4 << 10

// readBody returns the raw body, whose bytes are what Dwolla signs.
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
	controller := http.NewResponseController(w)
	// Not every ResponseWriter supports deadlines; then only the server's own timeouts apply.
	hasDeadline := !hasShorterTimeout(r) && controller.SetReadDeadline(time.Now().Add(bodyTimeout)) == nil
	var body bytes.Buffer
	if r.ContentLength > 0 {
		// With MinRead on top, ReadFrom need not grow the buffer to see the end. Content-Length is the sender's claim, so
		// no more than a typical event is allocated for it.
		body.Grow(int(min(r.ContentLength, typicalBody)) + bytes.MinRead)
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
	// The deadline stays after an error, since the server then still drains the body.
	if hasDeadline {
		_ = controller.SetReadDeadline(time.Time{})
	}
	return body.Bytes(), nil
}

// hasShorterTimeout reports whether the server allows less time for a request than bodyTimeout.
func hasShorterTimeout(r *http.Request) bool {
	server, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
	return ok && server.ReadTimeout > 0 && server.ReadTimeout < bodyTimeout
}
