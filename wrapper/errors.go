package dwolla

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/call"
)

// A Kind is a class of errors, to be asked for with errors.Is.
type Kind string

func (k Kind) Error() string { return "dwolla: " + string(k) }

// The kinds of errors. An error is of several kinds where that says more: a 400 for a bad field is both
// ErrRejected and ErrValidation. Dwolla's own codes are in [Code]; errors.Is takes them too.
const (
	ErrInvalidArgument Kind = "invalid argument"                    // found before anything was sent
	ErrConfiguration   Kind = "invalid configuration"               // NewClient was given something impossible
	ErrNotSent         Kind = "not sent"                            // Dwolla got nothing; safe to call again
	ErrRejected        Kind = "rejected"                            // Dwolla refused; nothing was done
	ErrValidation      Kind = "validation failed"                   // 400 with a list of fields, see Error.Fields
	ErrUnauthorized    Kind = "unauthorized"                        // 401, at the API or at the token endpoint
	ErrForbidden       Kind = "forbidden"                           // 403
	ErrNotFound        Kind = "not found"                           // 404
	ErrConflict        Kind = "conflict"                            // 409: the idempotency key is in use
	ErrRateLimited     Kind = "rate limited"                        // 429, see Error.RetryAfter
	ErrServer          Kind = "server error"                        // 5xx
	ErrBadResponse     Kind = "unusable response"                   // an answer that is not what the contract says
	ErrOutcomeUnknown  Kind = "outcome unknown"                     // see OutcomeUnknownError
	ErrRedirect        Kind = "redirect refused"                    // redirects are never followed
	ErrForeignLink     Kind = "link leads to another origin"        // readable, never fetched
	ErrMalformedLink   Kind = "malformed link"                      // readable, never fetched
	ErrTemplatedLink   Kind = "link is a template"                  // to be filled in by the caller, never sent as it is
	ErrEnvironment     Kind = "link leads to the other environment" // sandbox and production; also an ErrForeignLink
	ErrNoLink          Kind = "no such link"                        // the resource does not offer the relation now
	ErrTooLarge        Kind = "response too large"                  // above the size caps
	ErrKeyReused       Kind = "idempotency key reused"              // for another request; nothing was sent
	ErrKeyExpired      Kind = "idempotency key expired"             // 24 hours have passed: look the payment up first; nothing was sent
	ErrAmbiguous       Kind = "ambiguous"                           // Reconcile found something else than the one payment
	ErrAbsent          Kind = "not found after every look"          // Reconcile found nothing, often enough and for long enough
)

// Errors of reading lists and references, and of a client that is none.
var (
	// ErrNoClient says that a client or a service was used that NewClient did not make.
	ErrNoClient = call.ErrNoClient
	// ErrPagingLoop says that the pages of a list lead in a circle or never end.
	ErrPagingLoop = call.ErrPagingLoop
	// ErrIncompleteList says that a list ended before the total that it names: entries are missing.
	ErrIncompleteList = call.ErrIncompleteList
	// ErrListWindow says that there are more transfers than the 10,000 that can be listed; narrow the search by date.
	ErrListWindow = call.ErrListWindow
	// ErrNoLocation says that something was created and that Dwolla did not say where it is.
	ErrNoLocation = api.ErrNoLocation
)

// Error is a call that failed: Dwolla's answer when there was one, and what is known of the outcome.
type Error struct {
	Op         string // service and method, "MassPayments.Create"
	Method     string
	Path       string // template, "/mass-payments/{id}"
	Outcome    Outcome
	Committed  bool // with OutcomeBadResponse: Dwolla said that it was done
	StatusCode int  // 0 when there was no answer
	Code       Code
	Message    string // Dwolla's, for a person
	Fields     []FieldError
	About      Link[Object] // what the error is about: the existing resource of a DuplicateResource
	RequestID  string       // X-Request-Id; quote it to Dwolla's support
	RetryAfter time.Duration
	Attempts   int // how often the request was sent or tried to be sent

	// IdempotencyKey is the key that the request carried; empty for GET and DELETE.
	IdempotencyKey string

	Earlier []*Error // how the attempts before the last one ended, oldest first
	Err     error    // the cause, when it is not Dwolla's answer

	body    secret // the answer
	noToken bool   // nothing of the attempt was sent, for want of a token
}

// Error is one line without any value that the request or the answer carried, apart from Dwolla's own message.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("dwolla: ")
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	switch {
	case e.StatusCode != 0:
		fmt.Fprintf(&b, "%d", e.StatusCode)
		if e.Code != "" {
			b.WriteString(" " + string(e.Code))
		}
		if e.Message != "" {
			b.WriteString(": " + e.Message)
		}
	default:
		b.WriteString(string(e.Outcome))
	}
	for i, f := range e.Fields {
		if i == 5 {
			fmt.Fprintf(&b, "; and %d more", len(e.Fields)-i)
			break
		}
		fmt.Fprintf(&b, "; %s", f.Code)
		if f.Path != "" {
			b.WriteString(" at " + f.Path)
		}
		if f.Message != "" {
			b.WriteString(": " + f.Message)
		}
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if e.RequestID != "" {
		b.WriteString(" (request id " + e.RequestID + ")")
	}
	return b.String()
}

// Unwrap gives the cause, so that errors.Is finds context.Canceled and the like.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether the error is of a kind, or carries a code at its top or at one of its fields.
func (e *Error) Is(target error) bool {
	switch target := target.(type) {
	case Kind:
		return e.is(target)
	case Code:
		if errors.Is(e.Code, target) {
			return true
		}
		for _, f := range e.Fields {
			if errors.Is(Code(f.Code), target) {
				return true
			}
		}
	}
	return false
}

func (e *Error) is(k Kind) bool {
	switch k {
	case ErrNotSent:
		return e.Outcome == OutcomeNotSent
	case ErrRejected:
		return e.Outcome == OutcomeRejected
	case ErrBadResponse:
		return e.Outcome == OutcomeBadResponse
	case ErrOutcomeUnknown:
		return e.Outcome == OutcomeUnknown
	case ErrValidation:
		return e.StatusCode == 400 && (len(e.Fields) > 0 || errors.Is(e.Code, api.CodeValidationError))
	case ErrUnauthorized:
		return e.StatusCode == 401
	case ErrForbidden:
		return e.StatusCode == 403
	case ErrNotFound:
		return e.StatusCode == 404
	case ErrConflict:
		return e.StatusCode == 409
	case ErrRateLimited:
		return e.StatusCode == 429
	case ErrServer:
		return e.StatusCode >= 500
	case ErrRedirect:
		return e.StatusCode >= 300 && e.StatusCode < 400
	default:
		return false
	}
}

// Body is the answer as it came, up to the size cap. It may hold personal data: do not log it.
func (e *Error) Body() []byte { return []byte(e.body.reveal()) }

// LogValue is what a log may hold: no message, since Dwolla repeats values in some.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("op", e.Op), slog.String("outcome", string(e.Outcome))}
	if e.StatusCode != 0 {
		attrs = append(attrs, slog.Int("status", e.StatusCode))
	}
	if e.Code != "" {
		attrs = append(attrs, slog.String("code", string(e.Code)))
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", e.RequestID))
	}
	return slog.GroupValue(attrs...)
}

// ArgumentError is something impossible that the caller passed. Nothing was sent.
type ArgumentError struct {
	Op       string // empty when it is not about one operation
	Argument string // which one: "id", "body.items[3].amount"
	Reason   string // never holds the value
	Err      error
}

func (e *ArgumentError) Error() string {
	s := "dwolla: "
	if e.Op != "" {
		s += e.Op + ": "
	}
	s += e.Argument + ": " + e.Reason
	if e.Err != nil {
		s += ": " + strings.TrimPrefix(e.Err.Error(), "dwolla: ")
	}
	return s
}

// Unwrap gives the cause.
func (e *ArgumentError) Unwrap() error { return e.Err }

// Is reports whether the error is of a kind.
func (e *ArgumentError) Is(target error) bool {
	return target == ErrInvalidArgument || target == ErrNotSent
}

// ConfigurationError is something impossible that NewClient or one of its options was given.
type ConfigurationError struct {
	Option string
	Reason string
	Err    error
}

func (e *ConfigurationError) Error() string {
	s := "dwolla: " + e.Option + ": " + e.Reason
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *ConfigurationError) Unwrap() error { return e.Err }

// Is reports whether the error is of a kind.
func (e *ConfigurationError) Is(target error) bool { return target == ErrConfiguration }

// LinkError is a link that cannot be followed.
type LinkError struct {
	Kind   Kind // ErrNoLink, ErrForeignLink, ErrEnvironment, ErrMalformedLink or ErrTemplatedLink
	Reason string
}

func (e *LinkError) Error() string { return e.Kind.Error() + ": " + e.Reason }

// Is reports whether the error is of a kind.
func (e *LinkError) Is(target error) bool {
	return target == e.Kind || target == ErrNotSent || e.Kind == ErrEnvironment && target == ErrForeignLink
}

// Format writes the error's text, whatever the verb: the answer that it carries may hold personal data.
func (e *Error) Format(s fmt.State, _ rune) { write(s, e.Error()) }

// OutcomeUnknownError says that a request that may move money may have been carried out: it was sent, and no answer
// settles what became of it. Do not send it again with another key.
//
// For a payment with a correlation id, Reconcile of the service looks it up. Otherwise, or as well, [Resend] repeats
// the very same request with the same key, within 24 hours of the first attempt: Dwolla then answers with the first
// result, or with 409 as long as it keeps the key locked.
//
// The fields are what to write down for a later process; it can fill a new OutcomeUnknownError with them.
type OutcomeUnknownError struct {
	// IdempotencyKey is what the request carried.
	IdempotencyKey string
	// CorrelationID is the payment's own; empty when the request had none, and then it cannot be searched for.
	CorrelationID string
	// BodySHA256 is the hash, in hex, of the bytes that were sent. A repetition must have the same.
	BodySHA256 string
	// First is when the first attempt was made; the key holds for 24 hours from then.
	First time.Time
	// Err is the last thing that happened.
	Err *Error
}

func (e *OutcomeUnknownError) Error() string {
	const what = "dwolla: outcome unknown, look it up before paying again"
	if e.Err == nil {
		return what
	}
	return what + ": " + strings.TrimPrefix(e.Err.Error(), "dwolla: ")
}

// Unwrap gives the last thing that happened.
func (e *OutcomeUnknownError) Unwrap() error {
	if e.Err == nil {
		return nil
	}
	return e.Err
}

// Is reports whether the error is of the kind [ErrOutcomeUnknown].
func (e *OutcomeUnknownError) Is(target error) bool { return target == ErrOutcomeUnknown }

// LogValue is what a log may hold.
func (e *OutcomeUnknownError) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("idempotency_key", e.IdempotencyKey), slog.String("body_sha256", e.BodySHA256)}
	if e.Err != nil {
		attrs = append(attrs, slog.Any("last", e.Err))
	}
	return slog.GroupValue(attrs...)
}

// Format writes the error's text, whatever the verb.
func (e *OutcomeUnknownError) Format(s fmt.State, _ rune) { write(s, e.Error()) }

// withOp names the operation in an argument error that does not yet.
func withOp(err error, op string) error {
	if arg, ok := errors.AsType[*ArgumentError](err); ok && arg.Op == "" {
		named := *arg
		named.Op = op
		return &named
	}
	if link, ok := errors.AsType[*LinkError](err); ok {
		return &ArgumentError{Op: op, Argument: "href", Reason: "cannot be followed", Err: link}
	}
	return err
}

func argument(name, reason string) error { return &ArgumentError{Argument: name, Reason: reason} }

func argumentErr(name string, err error) error {
	return &ArgumentError{Argument: name, Reason: "cannot be paid", Err: err}
}

// An idReason says why something is no id; it never holds the value.
type idReason string

func (r idReason) Error() string { return string(r) }
