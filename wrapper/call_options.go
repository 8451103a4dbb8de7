package dwolla

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

// A CallOption sets something of a single call.
type CallOption = call.Option

// WithIdempotencyKey sends a POST with a key of the caller's own instead of a fresh one: 1 to 255 visible ASCII
// characters. Choose it before the first attempt and keep it: with the same key and the same body, Dwolla answers for
// 24 hours what it answered first.
func WithIdempotencyKey(key string) CallOption {
	return func(o *call.Options) {
		o.IdempotencyKey, o.HasIdempotencyKey = key, true
		if len(key) == 0 || len(key) > 255 || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
			o.Err = &ArgumentError{Argument: "idempotency key", Reason: "must be 1 to 255 visible ASCII characters"}
		}
	}
}

// Resend repeats the request of an unknown outcome: the call carries the same idempotency key, and is refused with
// ErrKeyReused if its body is not the same, or with ErrKeyExpired if the first attempt was made 24 hours ago or more.
// Dwolla answers with the result of the first attempt, if that came through.
func Resend(unknown *OutcomeUnknownError) CallOption {
	return func(o *call.Options) {
		if unknown == nil {
			o.Err = argument("Resend", "is nil")
			return
		}
		WithIdempotencyKey(unknown.IdempotencyKey)(o)
		o.BodySHA256, o.First = unknown.BodySHA256, unknown.First
	}
}

// ownHeaders are the client's business alone.
var ownHeaders = []string{"Authorization", "Idempotency-Key", "Host", "Content-Length", "Transfer-Encoding", "Connection"}

// WithHeader adds a header to the request. The client's own (Authorization, Idempotency-Key and the like) cannot be set.
func WithHeader(name, value string) CallOption {
	return func(o *call.Options) {
		name := textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }):
			o.Err = &ArgumentError{Argument: "header", Reason: "is no header name"}
		case slices.Contains(ownHeaders, name):
			o.Err = &ArgumentError{Argument: "header " + name, Reason: "is set by the client"}
		case !validHeaderValue(value):
			o.Err = &ArgumentError{Argument: "header " + name, Reason: "is no header value"}
		default:
			if o.Header == nil {
				o.Header = http.Header{}
			}
			o.Header.Add(name, value)
		}
	}
}

// Response is what an answer says besides its body, see [WithResponse].
type Response struct {
	StatusCode     int // 0 when there was no answer
	Header         http.Header
	RequestID      string // X-Request-Id; quote it to Dwolla's support
	IdempotencyKey string // what the request carried
	Attempts       int
}

// WithResponse fills resp when the call ends, in success as well as in failure. Of an iteration, it holds the last page.
func WithResponse(resp *Response) CallOption {
	return func(o *call.Options) {
		if resp == nil {
			o.Err = &ArgumentError{Argument: "WithResponse", Reason: "is nil"}
			return
		}
		o.Response = append(o.Response, func(r call.Response) {
			*resp = Response{
				StatusCode: r.StatusCode, Header: maps.Clone(r.Header), RequestID: r.Header.Get(headerRequestID),
				IdempotencyKey: r.IdempotencyKey, Attempts: r.Attempts,
			}
		})
	}
}

// Format writes the status alone, whatever the verb.
func (r Response) Format(s fmt.State, _ rune) { write(s, r.String()) }

// String gives the status and the request id.
func (r Response) String() string {
	return fmt.Sprintf("dwolla.Response(%d, request id %q)", r.StatusCode, r.RequestID)
}

// LogValue is what a log may hold: no header.
func (r Response) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("status", r.StatusCode), slog.String("request_id", r.RequestID), slog.Int("attempts", r.Attempts),
	)
}

// maxPagesAhead bounds WithPagesAhead: more would only be rate limited.
const maxPagesAhead = 32

// WithPagesAhead sets how many pages a walk over a list asks for while the caller works on one: 0 to 32. Default 2.
// With 0 a page is asked for when the one before it is used up. Pages are asked for side by side once the first one
// has shown how many entries a page has; they come in order all the same.
func WithPagesAhead(pages int) CallOption {
	return func(o *call.Options) {
		if pages < 0 || pages > maxPagesAhead {
			o.Err = &ArgumentError{Argument: "WithPagesAhead", Reason: "must be 0 to 32"}
			return
		}
		o.PagesAhead = &pages
	}
}

// WithDistinct lets a walk over a list yield an entry once, by its id, though entries move from page to page when
// others are created meanwhile. It remembers every id.
func WithDistinct() CallOption {
	return func(o *call.Options) { o.Distinct = true }
}

// WithUncheckedDocument sends a document whatever its content looks like. Without it, a document must be what Dwolla
// takes by its first bytes: JPEG or PNG, and PDF where it is not the identity document of a person.
func WithUncheckedDocument() CallOption {
	return func(o *call.Options) { o.UncheckedDocument = true }
}
