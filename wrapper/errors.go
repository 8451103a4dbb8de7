package dwolla

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/call"
	"github.com/dwolla-go/dwolla-go/internal/paging"
	"github.com/dwolla-go/dwolla-go/internal/redact"
)

// A Kind is a class of errors, for errors.Is. Its value is a name that does not change, which JSON and logs have; the text
// that Error returns is for people, and may.
type Kind string

// Error returns what the kind means.
func (k Kind) Error() string {
	if text, ok := kindTexts[k]; ok {
		return "dwolla: " + text
	}
	return "dwolla: " + string(k)
}

// LogValue returns the name.
func (k Kind) LogValue() slog.Value { return slog.StringValue(string(k)) }

// The kinds of errors. An error may be of several kinds: a 400 for a bad field is both ErrRejected and ErrValidation.
// errors.Is also takes Dwolla's own codes, see [Code].
const (
	ErrInvalidArgument Kind = "invalid_argument" // an argument was refused before anything was sent
	ErrConfiguration   Kind = "configuration"    // NewClient was given an invalid option
	ErrNotSent         Kind = "not_sent"         // Dwolla got nothing; safe to call again
	ErrRejected        Kind = "rejected"         // Dwolla refused; nothing was done
	ErrValidation      Kind = "validation"       // 400 with a list of fields, see Error.Fields
	ErrUnauthorized    Kind = "unauthorized"     // 401, at the API or at the token endpoint
	ErrForbidden       Kind = "forbidden"        // 403
	ErrNotFound        Kind = "not_found"        // 404
	ErrConflict        Kind = "conflict"         // 409: the idempotency key is in use
	ErrRateLimited     Kind = "rate_limited"     // 429, see Error.RetryAfter
	ErrServer          Kind = "server"           // 5xx
	ErrBadResponse     Kind = "bad_response"     // an answer that is not what the contract says
	ErrOutcomeUnknown  Kind = "outcome_unknown"  // see OutcomeUnknownError
	ErrRedirect        Kind = "redirect"         // redirects are never followed
	ErrForeignLink     Kind = "foreign_link"     // can be read, is never fetched
	ErrMalformedLink   Kind = "malformed_link"   // can be read, is never fetched
	ErrTemplatedLink   Kind = "templated_link"   // fill it in first; it is never sent as it is
	ErrEnvironment     Kind = "environment"      // sandbox and production; also an ErrForeignLink
	ErrNoLink          Kind = "no_link"          // the resource does not have the relation at present
	ErrTooLarge        Kind = "too_large"        // above the size caps
	ErrKeyReused       Kind = "key_reused"       // for another request; this one was not sent, see WithIdempotencyKey
	ErrKeyExpired      Kind = "key_expired"      // 23 h 55 min have passed: look the payment up first; nothing was sent again
	ErrAmbiguous       Kind = "ambiguous"        // Reconcile did not find exactly the one payment
	ErrAbsent          Kind = "absent"           // Reconcile found nothing in all its looks
)

// kindTexts are what the kinds say in the text of an error.
var kindTexts = map[Kind]string{
	ErrInvalidArgument: "invalid argument",
	ErrConfiguration:   "invalid configuration",
	ErrNotSent:         "not sent",
	ErrRejected:        "rejected",
	ErrValidation:      "validation failed",
	ErrUnauthorized:    "unauthorized",
	ErrForbidden:       "forbidden",
	ErrNotFound:        "not found",
	ErrConflict:        "conflict",
	ErrRateLimited:     "rate limited",
	ErrServer:          "server error",
	ErrBadResponse:     "unusable response",
	ErrOutcomeUnknown:  "outcome unknown",
	ErrRedirect:        "redirect refused",
	ErrForeignLink:     "link leads to another origin",
	ErrMalformedLink:   "malformed link",
	ErrTemplatedLink:   "link is a template",
	ErrEnvironment:     "link leads to the other environment",
	ErrNoLink:          "no such link",
	ErrTooLarge:        "response too large",
	ErrKeyReused:       "idempotency key reused",
	ErrKeyExpired:      "idempotency key expired",
	ErrAmbiguous:       "ambiguous",
	ErrAbsent:          "not found after every look",
}

// Errors of reading lists and references, and of a zero Client.
var (
	// ErrNoClient means that a client or a service was used that NewClient did not make.
	ErrNoClient = call.ErrNoClient
	// ErrPagingLoop means that the pages of a list lead in a circle, repeat or never end.
	ErrPagingLoop = paging.ErrPagingLoop
	// ErrIncompleteList means that a list ended with fewer different entries than its own total: some are missing. The total
	// of a filtered list may count what the filter leaves out, and is not compared.
	ErrIncompleteList = paging.ErrIncompleteList
	// ErrListWindow means that there are more transfers than the 10,000 that can be listed; narrow the search by date.
	ErrListWindow = paging.ErrListWindow
	// ErrNoLocation means that something was created, and Dwolla did not say where it is.
	ErrNoLocation = api.ErrNoLocation
	// ErrStoredRef means that a [Ref] was used that no client made, such as one that was stored and read back.
	ErrStoredRef = api.ErrStoredRef
)

// Error describes a call that failed: Dwolla's answer if there was one, and what is known of the outcome.
type Error struct {
	Op         string // service and method, "MassPayments.Create"
	Method     string
	Path       string // template, "/mass-payments/{id}"
	Outcome    Outcome
	Committed  bool // with OutcomeBadResponse: Dwolla answered that it was done
	StatusCode int  // 0 when there was no answer
	Code       Code
	Message    string // Dwolla's, for people. It may name a person: do not log it
	Fields     []FieldError
	About      Link[Object] // what the error is about, such as the existing resource of a DuplicateResource
	RequestID  string       // X-Request-Id; tell it to Dwolla's support
	RetryAfter time.Duration
	Attempts   int // how many times sending was tried

	// IdempotencyKey is the key of the request; empty for GET and DELETE.
	IdempotencyKey string

	Earlier []*Error // how the attempts before the last one ended, oldest first
	Err     error    // the cause, if it is not Dwolla's answer

	body    secret // the answer
	noToken bool   // the attempt was not sent, since there was no token
	foreign bool   // the answer is not the API's own
}

// Error returns one line for a log: the operation, the status, codes, pointers and the request id. Dwolla's messages are
// not in it, since some name a person; Message and the Message of each field have them.
func (e *Error) Error() string {
	if e == nil {
		return nilError
	}
	var b strings.Builder
	b.WriteString("dwolla: ")
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	switch {
	case e.StatusCode != 0:
		fmt.Fprintf(&b, "%d", e.StatusCode)
		if e.Code != "" {
			b.WriteString(" " + redact.Word(string(e.Code)))
		}
	default:
		b.WriteString(string(e.outcome()))
	}
	for i, f := range e.Fields {
		if i == 5 {
			fmt.Fprintf(&b, "; and %d more", len(e.Fields)-i)
			break
		}
		b.WriteString("; " + f.String())
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if e.RequestID != "" {
		b.WriteString(" (request id " + e.RequestID + ")")
	}
	return oneLine(b.String())
}

// Unwrap returns the cause, so that errors.Is finds context.Canceled and the like.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// nilError is the text of a nil *Error, which is no error of this package's but one of its caller's.
const nilError = "dwolla: a nil *Error"

// Is reports whether the error is of a [Kind], or has a [Code], its own or that of one of its fields.
func (e *Error) Is(target error) bool {
	if e == nil {
		return false
	}
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
	if e.foreign && e.Outcome == OutcomeUnknown && e.StatusCode < 500 && k != ErrRedirect {
		return k == ErrOutcomeUnknown // what the status means is the word of Dwolla only
	}
	switch k {
	case ErrNotSent:
		return e.Outcome == OutcomeNotSent
	case ErrRejected:
		return e.Outcome == OutcomeRejected
	case ErrBadResponse:
		return e.Outcome == OutcomeBadResponse
	case ErrOutcomeUnknown:
		return e.outcome() == OutcomeUnknown
	case ErrValidation:
		return e.StatusCode == 400 && (len(e.Fields) > 0 || errors.Is(e.Code, CodeValidationError))
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

// outcome is that of the error. Of an Error that no call has made, nothing is known.
func (e *Error) outcome() Outcome { return cmp.Or(e.Outcome, OutcomeUnknown) }

// clone returns a copy whose owner may change it.
func (e *Error) clone() *Error {
	own := *e
	own.Fields, own.Earlier = slices.Clone(e.Fields), slices.Clone(e.Earlier)
	for i := range own.Fields {
		own.Fields[i].Extra = maps.Clone(own.Fields[i].Extra)
	}
	for i, earlier := range own.Earlier {
		own.Earlier[i] = earlier.clone()
	}
	return &own
}

// Body returns the answer as it came, up to the size cap. It may hold personal data: do not log it.
func (e *Error) Body() []byte {
	if e == nil {
		return nil
	}
	return []byte(e.body.reveal())
}

// MarshalJSON writes what a log may hold, for loggers that encode a value which an error is part of: no message, no body
// and no cause. It cannot be read back.
func (e Error) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Op        string       `json:"op,omitempty"`
		Outcome   Outcome      `json:"outcome,omitempty"`
		Status    int          `json:"status,omitempty"`
		Code      string       `json:"code,omitempty"`
		Fields    []shownField `json:"fields,omitempty"`
		RequestID string       `json:"request_id,omitempty"`
		Attempts  int          `json:"attempts,omitempty"`
	}{e.Op, e.outcome(), e.StatusCode, redact.Word(string(e.Code)), shownFields(e.Fields), oneLine(e.RequestID), e.Attempts})
}

// A shownField is what a log may hold of a FieldError.
type shownField struct {
	Code string `json:"code,omitempty"`
	Path string `json:"path,omitempty"`
}

// String is the form in a log of text.
func (f shownField) String() string { return FieldError{Code: f.Code, Path: f.Path}.String() }

func shownFields(fields []FieldError) []shownField {
	shown := make([]shownField, len(fields))
	for i, f := range fields {
		shown[i] = shownField{redact.Word(f.Code), redact.Word(f.Path)}
	}
	return shown
}

// LogValue returns what a log may hold, by the names that MarshalJSON uses. It has no message, as the text of Error.
func (e *Error) LogValue() slog.Value {
	if e == nil {
		return slog.StringValue(nilError)
	}
	attrs := []slog.Attr{slog.String("op", e.Op), slog.String("outcome", string(e.outcome()))}
	if e.StatusCode != 0 {
		attrs = append(attrs, slog.Int("status", e.StatusCode))
	}
	if e.Code != "" {
		attrs = append(attrs, slog.String("code", redact.Word(string(e.Code))))
	}
	if len(e.Fields) > 0 {
		attrs = append(attrs, slog.Any("fields", shownFields(e.Fields)))
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", oneLine(e.RequestID)))
	}
	if e.Attempts != 0 {
		attrs = append(attrs, slog.Int("attempts", e.Attempts))
	}
	return slog.GroupValue(attrs...)
}

// An ArgumentError reports an invalid argument; nothing was sent.
type ArgumentError struct {
	Op       string // empty if it is not about one operation
	Argument string // such as "id" or "body.items[3].amount"
	Reason   string // never holds the value
	Err      error
}

func (e *ArgumentError) Error() string {
	if e == nil {
		return "dwolla: a nil *ArgumentError"
	}
	s := "dwolla: "
	if e.Op != "" {
		s += e.Op + ": "
	}
	s += e.Argument + ": " + e.Reason
	if e.Err != nil {
		s += ": " + strings.TrimPrefix(e.Err.Error(), "dwolla: ")
	}
	return oneLine(s)
}

// Unwrap returns the cause.
func (e *ArgumentError) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// Is reports whether the error is of a kind.
func (e *ArgumentError) Is(target error) bool {
	if e == nil {
		return false
	}
	return target == ErrInvalidArgument || target == ErrNotSent
}

// A ConfigurationError reports an invalid argument of NewClient or of one of its options.
type ConfigurationError struct {
	Option string
	Reason string
	Err    error
}

func (e *ConfigurationError) Error() string {
	if e == nil {
		return "dwolla: a nil *ConfigurationError"
	}
	s := "dwolla: " + e.Option + ": " + e.Reason
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return oneLine(s)
}

// Unwrap returns the cause.
func (e *ConfigurationError) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// Is reports whether the error is of a kind.
func (e *ConfigurationError) Is(target error) bool {
	if e == nil {
		return false
	}
	return target == ErrConfiguration
}

// A LinkError reports a link that cannot be followed.
type LinkError struct {
	Kind   Kind // ErrNoLink, ErrForeignLink, ErrEnvironment, ErrMalformedLink or ErrTemplatedLink
	Reason string
}

func (e *LinkError) Error() string {
	if e == nil {
		return "dwolla: a nil *LinkError"
	}
	return oneLine(e.Kind.Error() + ": " + e.Reason)
}

// Is reports whether the error is of a kind.
func (e *LinkError) Is(target error) bool {
	if e == nil {
		return false
	}
	return target == e.Kind || target == ErrNotSent || e.Kind == ErrEnvironment && target == ErrForeignLink
}

// Format writes the error's text for every verb: the answer that it holds may have personal data.
func (e *Error) Format(s fmt.State, _ rune) { write(s, e.Error()) }

// withOp adds the operation to an argument error that does not name one, and makes an argument error of a link error.
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

// argument returns an ArgumentError.
func argument(name, reason string) error { return &ArgumentError{Argument: name, Reason: reason} }

// A hiddenKindsError hides which kinds an error is of, since they are about something else than the call that returns it: from
// a foreign error, all; from one that follows a creation, that nothing was sent; from one of a repetition the same, but not
// that an argument was refused.
type hiddenKindsError struct {
	err               error
	foreign, argument bool
}

// hideKinds hides the kinds of an error of the user's code.
func hideKinds(err error) error { return &hiddenKindsError{err: err, foreign: true} }

// followUp hides that nothing was sent to read what an earlier call has created.
func followUp(err error) error {
	if !errors.Is(err, ErrNotSent) {
		return err
	}
	return &hiddenKindsError{err: err}
}

func (e *hiddenKindsError) Error() string { return e.err.Error() }

// Is reports whether the error is another one, or of a kind that is not hidden.
func (e *hiddenKindsError) Is(target error) bool {
	if e.foreign {
		return !isOurTarget(target) && errors.Is(e.err, target)
	}
	if k, ok := target.(Kind); ok && (k == ErrNotSent || k == ErrInvalidArgument && !e.argument) {
		return false
	}
	return errors.Is(e.err, target)
}

// As finds errors of other packages in a foreign error.
func (e *hiddenKindsError) As(target any) bool {
	return (!e.foreign || !isOurType(target)) && errors.As(e.err, target)
}

// A reasonError says why a value is invalid. It never holds the value.
type reasonError string

func (r reasonError) Error() string { return string(r) }
