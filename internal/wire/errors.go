package wire

import (
	"errors"
	"fmt"

	"github.com/dwolla-go/dwolla-go/internal/redact"
)

// This file has the two errors of the codec, one for each direction.

// DecodeError reports where a document is not what was expected. It never contains values of the document.
type DecodeError struct {
	// Offset is the position in the document, in bytes from its start, at which the problem was seen.
	Offset int
	// Path is the JSON pointer (RFC 6901) of the value at Offset, or of an ancestor where it would be very long.
	// It is empty for the document itself.
	Path string
	// Problem says what is wrong, in a few words.
	Problem string
}

// Error describes the problem and its place.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("wire: decode %q: %s (offset %d)", redact.Word(e.Path), e.Problem, e.Offset)
}

// EncodeError reports which part of a value cannot be written. It never contains the value itself.
type EncodeError struct {
	// Path is the JSON pointer (RFC 6901) of the part, or of an ancestor where it would be very long. It is empty
	// for the document itself.
	Path string
	// Problem says what is wrong, in a few words.
	Problem string

	cause error
}

// Error describes the problem and its place.
func (e *EncodeError) Error() string {
	return fmt.Sprintf("wire: encode %q: %s", redact.Word(e.Path), e.Problem)
}

// Is reports whether the error that a type reported through Encoder.Fail is another one. There is no Unwrap: the text of
// that error may hold the value.
func (e *EncodeError) Is(target error) bool { return e.cause != nil && errors.Is(e.cause, target) }

// As finds what the error that a type reported wraps.
func (e *EncodeError) As(target any) bool { return e.cause != nil && errors.As(e.cause, target) }
