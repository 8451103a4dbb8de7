package dwolla

import (
	"errors"
	"log/slog"
	"strings"
	"time"
)

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

// unknown turns the last error of a call whose outcome nothing settles into what the caller needs to settle it. The
// key is remembered: whoever uses it again can only mean this request.
func (c *caller) unknown(e *exchange, err error) error {
	last, ok := errors.AsType[*Error](err)
	if !ok {
		return err // none, or an impossible argument
	}
	last.Attempts, last.Earlier = e.attempts, e.earlier
	if _, done := errors.AsType[*OutcomeUnknownError](err); done || last.Outcome != OutcomeUnknown {
		return err
	}
	if e.key != "" {
		c.keys.remember(e)
	}
	return &OutcomeUnknownError{
		IdempotencyKey: e.key, CorrelationID: e.correlationID, BodySHA256: e.bodyHash(), First: e.first, Err: last,
	}
}
