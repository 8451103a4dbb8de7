package dwolla

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

// A CallOption configures a single call.
type CallOption = call.Option

// WithIdempotencyKey sends a POST with the given key instead of a new one: 1 to 255 visible ASCII characters. No other
// method has a key: such a call is refused. Choose the key before the first attempt and keep it: for 24 hours, Dwolla
// answers the same key and the same body as it did at first; the client sends it for 23 hours and 55 minutes.
//
// The client remembers which request a key was sent with, and refuses another one with ErrKeyReused. Once Dwolla has refused
// the first, a corrected request needs a new key, and the outcome is OutcomeNotSent. As long as the first may have been
// carried out, since it is in progress, was done or its outcome is unknown, that of the other is unknown too, with the record
// of the first, which decides; so is that of a repetition that fails. A key is free again if nothing was sent. Once the
// outcome of a key is unknown, only success settles it: a refusal of a repetition may be about the repetition alone. Keys whose outcome is
// unknown are remembered for as long as they are valid, and the latest 10,000 others; a new process remembers none. There,
// [Resend] makes the same checks from a record.
func WithIdempotencyKey(key string) CallOption {
	return func(o *call.Options) {
		if o.Resend != nil {
			o.Err = &ArgumentError{Argument: "idempotency key", Reason: "cannot be chosen for a request that is resent"}
			return
		}
		if o.HasIdempotencyKey && o.IdempotencyKey != key {
			o.Err = argument("idempotency key", "is given twice, and not the same")
		}
		o.IdempotencyKey, o.HasIdempotencyKey = key, true
		if len(key) == 0 || len(key) > MaxIdempotencyKeyLength || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
			o.Err = argument("idempotency key", fmt.Sprintf("must be 1 to %d visible ASCII characters", MaxIdempotencyKeyLength))
		}
	}
}

// Resend repeats a request whose outcome is unknown, with the same idempotency key. If the first attempt was carried out,
// Dwolla answers with its result. As long as no answer says what became of the request, the outcome stays unknown, also if
// the repetition is not sent: the error is an *[OutcomeUnknownError] with the key and the time of the first attempt, and has
// the cause in it, such as ErrKeyExpired if the first attempt was made 23 hours and 55 minutes ago or more: Dwolla keeps a key
// for 24 hours, and the clocks of two machines may differ by five minutes. It is never ErrNotSent.
//
// Nothing is sent, and the cause is ErrKeyReused, if the method, path, body, base URL or environment is not the one of the
// record. It is ErrInvalidArgument if the record is incomplete, or of a time more than 5 minutes ahead; a time that is less
// ahead counts as now, since clocks differ. An upload can be resent if its parts have the same content.
func Resend(unknown *OutcomeUnknownError) CallOption {
	var record OutcomeUnknownError // a copy: the caller may change its own
	if unknown != nil {
		record = *unknown
	}
	return func(o *call.Options) {
		chosen := o.HasIdempotencyKey
		if o.Resend == nil || *o.Resend == (call.Sent{}) { // before any check: whatever stops the call, the outcome stays unknown
			o.IdempotencyKey, o.HasIdempotencyKey, o.Resend = "", false, nil
			WithIdempotencyKey(record.IdempotencyKey)(o)
			sent := call.Sent{What: record.what(), First: record.First, CorrelationID: record.CorrelationID}
			o.Resend = &sent
			o.StillUnknown = func(err error) error {
				return unknownOutcome(record.IdempotencyKey, sent, &Error{Outcome: OutcomeUnknown, IdempotencyKey: record.IdempotencyKey, Err: err})
			}
		}
		switch missing := record.missing(); {
		case unknown == nil:
			o.Err = argument("Resend", "is nil")
		case missing != "":
			o.Err = argument("Resend", "the record has no "+missing)
		case chosen:
			o.Err = argument("idempotency key", "cannot be chosen for a request that is resent")
		}
	}
}

// reservedHeaders cannot be set by WithHeader, nor can guardedHeaders: the client or net/http sets them, or the client could
// not read an answer to them.
var reservedHeaders = []string{
	"Accept", "User-Agent", "Content-Type", "Content-Encoding", "Accept-Encoding", "Range", "If-Range", "Trailer", "Te", "Expect",
	"Keep-Alive", "Proxy-Connection", "Upgrade", "Http2-Settings", "Proxy-Authorization",
}

// WithHeader adds a header to the request. Those that the client sets itself, such as Authorization and Idempotency-Key,
// and those that are about the connection or the encoding are refused. For User-Agent, see [WithUserAgent].
func WithHeader(name, value string) CallOption {
	return func(o *call.Options) {
		name := textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case !isToken(name):
			o.Err = &ArgumentError{Argument: "header", Reason: "is no header name"}
		case slices.Contains(reservedHeaders, name), slices.Contains(guardedHeaders, name):
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

// isToken reports whether a text can be the name of a header.
func isToken(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool { return !isTokenRune(r) })
}

// isTokenRune reports whether the name of a header may have a character, by RFC 9110.
func isTokenRune(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

// misplaced says that a request is of another kind than one of its options is for. It would be without effect.
func misplaced(o *call.Options, req *call.Request) error {
	switch {
	case o.HasIdempotencyKey && (req.Op.Method != http.MethodPost || req.Op.Public):
		return argument("idempotency key", "is sent with a POST only")
	case o.PagesAhead != nil:
		return argument("WithPagesAhead", "is for an iteration over a list")
	case o.Distinct:
		return argument("WithDistinct", "is for an iteration over a list")
	case o.UncheckedDocument && req.Multipart == nil:
		return argument("WithUncheckedDocument", "is for an upload")
	}
	return nil
}

// A Response is what is known of an answer besides its body, see [WithResponse].
type Response struct {
	StatusCode     int // 0 when there was no answer
	Header         http.Header
	RequestID      string // X-Request-Id; tell it to Dwolla's support
	IdempotencyKey string // of the request
	Attempts       int
}

// WithResponse fills resp when the call ends, with success or failure. A call that fails before anything is sent leaves it
// empty, whatever was in it. After an iteration, it describes the last page.
func WithResponse(resp *Response) CallOption {
	return func(o *call.Options) {
		if resp == nil {
			o.Err = &ArgumentError{Argument: "WithResponse", Reason: "is nil"}
			return
		}
		o.Response = append(o.Response, func(r call.Response) {
			*resp = Response{
				StatusCode: r.StatusCode, Header: r.Header.Clone(), RequestID: r.Header.Get(headerRequestID),
				IdempotencyKey: r.IdempotencyKey, Attempts: r.Attempts,
			}
		})
	}
}

// Format writes the same as String for every verb.
func (r Response) Format(s fmt.State, _ rune) { write(s, r.String()) }

// String returns the status and the request id.
func (r Response) String() string {
	return fmt.Sprintf("dwolla.Response(%d, request id %q)", r.StatusCode, r.RequestID)
}

// LogValue returns what a log may hold, which excludes the header.
func (r Response) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("status", r.StatusCode), slog.String("request_id", r.RequestID), slog.Int("attempts", r.Attempts),
	)
}

// maxPagesAhead is the limit of WithPagesAhead: Dwolla would rate limit more.
const maxPagesAhead = 32

// WithPagesAhead sets how many pages an iteration over a list requests ahead of the one in use: 0 to 32. Default 2. With 0,
// a page is requested when the one before it has been used up. Once the first page has shown how many entries a page has,
// pages are requested in parallel; they are still yielded in order.
func WithPagesAhead(pages int) CallOption {
	return func(o *call.Options) {
		if pages < 0 || pages > maxPagesAhead {
			o.Err = &ArgumentError{Argument: "WithPagesAhead", Reason: fmt.Sprintf("is %d; it must be 0 to %d", pages, maxPagesAhead)}
			return
		}
		o.PagesAhead = &pages
	}
}

// WithDistinct makes an iteration over a list yield each id once, although entries move to the next page when others are
// created meanwhile. It cannot find what is skipped where entries leave the list meanwhile: collect a list before you change
// what it lists. With or without it, a page of nothing but entries that came before ends the iteration with [ErrPagingLoop],
// unless it is the last one or the list's total has grown by as many.
func WithDistinct() CallOption {
	return func(o *call.Options) { o.Distinct = true }
}

// WithUncheckedDocument sends a document without looking at its content. Otherwise its first bytes must be those of a type
// that Dwolla accepts: JPEG or PNG, and PDF unless it is the identity document of a person.
func WithUncheckedDocument() CallOption {
	return func(o *call.Options) { o.UncheckedDocument = true }
}
