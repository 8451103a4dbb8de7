package contract

import (
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Violation is one place where a message breaks the contract. It tells members by their names and never holds
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
	// Keyword is the broken rule, for programs: a keyword of JSON Schema, such as "required", "pattern" or "enum", for a
	// value that breaks its schema, or one of the Keyword constants for all else. A parameter, header or body that is not
	// there is "required" too.
	Keyword string
	// Members are the names of the members that are missing (of "required" and "dependentRequired") or must not be there
	// (of "additionalProperties"), sorted; Pointer is that of the object around them. With other keywords it is nil.
	Members []string
	// Reason says in English which rule is broken.
	Reason string
	// Advisory marks what must be expected of a live API: a value of an answer or event that its enumeration does not
	// have yet. It is reported and never an error.
	Advisory bool
}

// The keywords of rules that are not those of a schema.
const (
	KeywordOperation  = "operation"  // no operation has the path and method
	KeywordStatus     = "status"     // the operation has no answer of this status
	KeywordMediaType  = "mediaType"  // the body, or a file in it, is of another media type
	KeywordSyntax     = "syntax"     // the query or the body cannot be decoded
	KeywordSize       = "size"       // the body, or a file in it, is too large
	KeywordRepeated   = "repeated"   // a single value is given more than once
	KeywordUndeclared = "undeclared" // WithStrict: the operation has no such query parameter, or no body
)

// required is the keyword of JSON Schema for what is missing.
const required = "required"

// Error gives operation, place and reason in one line.
func (v *Violation) Error() string {
	if v == nil {
		return "contract: a nil *Violation"
	}
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

// A check collects the violations of one message.
type check struct {
	operation string
	// open says that an unknown value of an enumeration is only advice, as in answers and events.
	open  bool
	found Violations
}

func (c *check) add(where, keyword, reason string) {
	c.found = append(c.found, &Violation{Operation: c.operation, Where: where, Keyword: keyword, Reason: reason})
}

// malformed adds the error of decoding a body.
func (c *check) malformed(where string, err error) {
	keyword := KeywordSyntax
	if m, ok := errors.AsType[malformed](err); ok {
		keyword = m.keyword
	}
	c.add(where, keyword, err.Error())
}

// value checks a decoded value against a schema; without a schema everything goes.
func (c *check) value(where string, schema *jsonschema.Schema, value any) {
	if schema == nil {
		return
	}
	err := schema.Validate(value)
	if err == nil {
		return
	}
	for _, f := range brokenRules(err) {
		c.found = append(c.found, &Violation{
			Operation: c.operation,
			Where:     where,
			Pointer:   f.pointer,
			Keyword:   f.keyword,
			Members:   f.members,
			Reason:    f.reason,
			Advisory:  c.open && f.unlisted,
		})
	}
}

// settle reports the violations of a check, or returns them as its error.
func (v *Validator) settle(c *check) error {
	if v.report != nil {
		for _, violation := range c.found {
			v.report(*violation)
		}
		return nil
	}
	var failing Violations
	for _, violation := range c.found {
		if !violation.Advisory {
			failing = append(failing, violation)
		}
	}
	if len(failing) == 0 {
		return nil
	}
	return failing
}

// unknown reports a request that is no operation of the contract, or returns its error.
func (v *Validator) unknown(err *UnknownOperationError, where string) error {
	if v.report == nil {
		return err
	}
	v.report(Violation{Where: where, Keyword: KeywordOperation, Reason: err.reason()})
	return nil
}
