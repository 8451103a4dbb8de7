package contract

import (
	"fmt"
	"strings"
)

// Violation is one place where a message departs from the contract. It tells members by their names and never holds
// a value of the message.
type Violation struct {
	// Operation is the operationId, such as createTransfer. It is empty when the request matches no operation.
	Operation string
	// Where names the part of the message: "request body", "response 200 body", "query limit",
	// "header Idempotency-Key", "event".
	Where string
	// Pointer is the JSON Pointer (RFC 6901) of the offending value within a body; it is empty for the body itself and
	// outside of bodies. Names that a caller is free to choose, such as the keys of metadata, are given as *.
	Pointer string
	// Reason says which rule of the contract is broken.
	Reason string
	// Advisory marks what must be expected of a live API: a value of an answer or event that its enumeration does not
	// have yet. It is reported and never an error.
	Advisory bool
}

// Error gives operation, place and reason in one line.
func (v *Violation) Error() string {
	var b strings.Builder
	b.WriteString("contract: ")
	if v.Operation != "" {
		b.WriteString(v.Operation + ": ")
	}
	b.WriteString(v.Where)
	if v.Pointer != "" {
		b.WriteString(" " + v.Pointer)
	}
	b.WriteString(": " + v.Reason)
	return b.String()
}

// Violations are all that was found in one message: parameters first, then the body, sorted by pointer.
// [errors.AsType] finds the first *[Violation] in it, too.
type Violations []*Violation

// maxLines bounds the text of an error: one mistake can be repeated in each of 5,000 items.
const maxLines = 10

// Error gives one line for each violation, up to ten.
func (vs Violations) Error() string {
	lines := make([]string, 0, maxLines+1)
	for _, v := range vs[:min(len(vs), maxLines)] {
		lines = append(lines, v.Error())
	}
	if more := len(vs) - maxLines; more > 0 {
		lines = append(lines, fmt.Sprintf("contract: and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the violations to [errors.Is] and [errors.As].
func (vs Violations) Unwrap() []error {
	errs := make([]error, len(vs))
	for i, v := range vs {
		errs[i] = v
	}
	return errs
}
