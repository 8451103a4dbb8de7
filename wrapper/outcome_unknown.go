package dwolla

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

// An OutcomeUnknownError means that a request that may move money may have been carried out: it was sent, and no answer
// says what became of it. Do not send it again with another key.
//
// For a payment with a correlation id, Reconcile of the service looks it up. Otherwise, or as well, [Resend] repeats
// the same request with the same key, within 23 hours and 55 minutes of the first attempt: Dwolla then answers with the
// first result, or with 409 as long as it keeps the key locked. It keeps a key for 24 hours; clocks may differ by five minutes.
//
// It is a record that another process can settle: write it down with encoding/json, and read it back. Apart from Err, of
// which the text is kept, nothing is lost.
type OutcomeUnknownError struct {
	// IdempotencyKey is the key of the request.
	IdempotencyKey string
	// CorrelationID is that of the payment. Without one, it is empty, and the payment cannot be searched for.
	CorrelationID string
	// BodySHA256 is the hash of the request's body, in hex. A repetition must have the same.
	BodySHA256 string
	// First is the time of the first attempt; the key can be sent for 23 hours and 55 minutes from then.
	First time.Time
	// Method and Path are those of the request; the path is that below the base URL, with its query.
	Method, Path string
	// Origin is the client's base URL, and Environment its environment. A key means nothing anywhere else.
	Origin, Environment string
	// Err is the error of the last attempt; nil in a record that was read back.
	Err *Error

	text string // of Err, in a record that was read back
}

// An unknownRecord is what is written of an OutcomeUnknownError.
type unknownRecord struct {
	IdempotencyKey string    `json:"idempotencyKey"`
	CorrelationID  string    `json:"correlationId,omitempty"`
	BodySHA256     string    `json:"bodySha256"`
	First          time.Time `json:"first"`
	Method         string    `json:"method"`
	Path           string    `json:"path"`
	Origin         string    `json:"origin"`
	Environment    string    `json:"environment"`
	Error          string    `json:"error,omitempty"`
}

// MarshalJSON implements [encoding/json.Marshaler].
func (e OutcomeUnknownError) MarshalJSON() ([]byte, error) {
	return json.Marshal(unknownRecord{
		e.IdempotencyKey, e.CorrelationID, e.BodySHA256, e.First.UTC(), e.Method, e.Path, e.Origin, e.Environment, e.cause(),
	})
}

// UnmarshalJSON implements [encoding/json.Unmarshaler]. It replaces the whole record, and refuses one that lacks a part, such
// as null or an empty object.
func (e *OutcomeUnknownError) UnmarshalJSON(data []byte) error {
	var r unknownRecord
	err := json.Unmarshal(data, &r)
	if err == nil && repeats(data) {
		err = errors.New("a member is there twice")
	}
	if err != nil {
		return fmt.Errorf("dwolla: the record of an unknown outcome cannot be read: %w", err)
	}
	read := OutcomeUnknownError{
		IdempotencyKey: r.IdempotencyKey, CorrelationID: r.CorrelationID, BodySHA256: r.BodySHA256, First: r.First,
		Method: r.Method, Path: r.Path, Origin: r.Origin, Environment: r.Environment, text: r.Error,
	}
	hole := read.hole()
	if hole == "" && read.First.IsZero() {
		hole = "time of the first attempt"
	}
	if hole != "" {
		return fmt.Errorf("dwolla: the record of an unknown outcome has no %s", hole)
	}
	*e = read
	return nil
}

// repeats reports whether an object of a JSON document has a name twice, in any case, as encoding/json matches it.
func repeats(document []byte) bool {
	twice, _ := repeatsNext(json.NewDecoder(bytes.NewReader(document)))
	return twice
}

// repeatsNext is repeats for the next value.
func repeatsNext(d *json.Decoder) (twice bool, err error) {
	open, err := d.Token()
	if open != json.Delim('{') && open != json.Delim('[') {
		return false, err
	}
	seen := map[string]bool{}
	for d.More() {
		if open == json.Delim('{') {
			name, err := d.Token()
			key := strings.ToLower(fmt.Sprint(name))
			if err != nil || seen[key] {
				return err == nil, err
			}
			seen[key] = true
		}
		if twice, err = repeatsNext(d); twice || err != nil {
			return twice, err
		}
	}
	_, err = d.Token()
	return false, err
}

// missing names a part of the record that a repetition needs and that is not there; a hole would disable a check.
func (e *OutcomeUnknownError) missing() string {
	if hole := e.hole(); hole != "" {
		return hole
	}
	if e.First.IsZero() || inFuture(e.First) {
		return "time of the first attempt that has passed"
	}
	return ""
}

// hole names a text of the record that is empty.
func (e *OutcomeUnknownError) hole() string {
	for _, part := range []struct{ name, value string }{
		{"idempotency key", e.IdempotencyKey},
		{"hash of the body", e.BodySHA256},
		{"method", e.Method},
		{"path", e.Path},
		{"origin", e.Origin},
		{"environment", e.Environment},
	} {
		if part.value == "" && (part.name != "idempotency key" || e.Method != http.MethodDelete) { // a DELETE has none
			return part.name
		}
	}
	return ""
}

// what is the request that the record is of, in the spelling of the client: other programs write records, too.
func (e *OutcomeUnknownError) what() call.What {
	return call.What{
		Method: e.Method, Path: e.Path, BodySHA256: strings.ToLower(e.BodySHA256), Origin: canonicalOrigin(e.Origin), Environment: strings.ToLower(e.Environment),
	}
}

// cause is the text of the last attempt's error.
func (e *OutcomeUnknownError) cause() string {
	if e.Err == nil {
		return e.text
	}
	return strings.TrimPrefix(e.Err.Error(), "dwolla: ")
}

func (e *OutcomeUnknownError) Error() string {
	if e == nil {
		return "dwolla: a nil *OutcomeUnknownError"
	}
	const what = "dwolla: outcome unknown, look it up before paying again"
	if cause := e.cause(); cause != "" {
		return oneLine(what + ": " + cause)
	}
	return what
}

// Unwrap returns the error of the last attempt.
func (e *OutcomeUnknownError) Unwrap() error {
	if e == nil || e.Err == nil {
		return nil
	}
	return e.Err
}

// Is reports whether the error is of the kind [ErrOutcomeUnknown].
func (e *OutcomeUnknownError) Is(target error) bool { return e != nil && target == ErrOutcomeUnknown }

// LogValue returns what a log may hold.
func (e *OutcomeUnknownError) LogValue() slog.Value {
	if e == nil {
		return slog.StringValue(e.Error())
	}
	attrs := []slog.Attr{slog.String("idempotency_key", e.IdempotencyKey), slog.String("body_sha256", e.BodySHA256)}
	if e.Err != nil {
		attrs = append(attrs, slog.Any("last", e.Err))
	}
	return slog.GroupValue(attrs...)
}

// Format writes the error's text for every verb.
func (e *OutcomeUnknownError) Format(s fmt.State, _ rune) { write(s, e.Error()) }
