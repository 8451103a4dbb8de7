package dwolla

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/dwolla-go/dwolla-go/gen"
	"github.com/dwolla-go/dwolla-go/internal/call"
	"github.com/dwolla-go/dwolla-go/internal/reference"
	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// validateBody checks what Dwolla would refuse anyway in requests that move money: amounts, the number of items, metadata
// and correlation ids. Everything else is left to Dwolla.
func validateBody(body any) error {
	switch b := body.(type) {
	case *CreateTransfer:
		return validateTransfer(b)
	case *CreateMassPayment:
		return validateMassPayment(b)
	case call.Missing:
		return argument("body", "is nil")
	default:
		return nil
	}
}

// validateAny checks a payment that [Client.Post] sends, whatever its type is: a model, or any value that is encoded as data
// and sent to the path of an operation that moves money.
func validateAny(path string, body any, data []byte) error {
	if string(data) == "null" {
		return argument("body", "is nil: it is encoded as null")
	}
	given, _ := body.(anyBody)
	switch v := given.v.(type) {
	case CreateTransfer:
		return validateTransfer(&v)
	case CreateMassPayment:
		return validateMassPayment(&v)
	case *CreateTransfer:
		return validateTransfer(v)
	case *CreateMassPayment:
		return validateMassPayment(v)
	}
	var payment any
	switch {
	case isPath(path, "/transfers"):
		payment = new(CreateTransfer)
	case isPath(path, "/mass-payments"):
		payment = new(CreateMassPayment)
	default:
		return nil
	}
	if err := wire.Unmarshal(data, payment); err != nil {
		return &ArgumentError{Argument: "body", Reason: "is not a payment that can be checked", Err: err}
	}
	return validateBody(payment)
}

// correlationIDOf returns the correlation id of a payment, or an empty string.
func correlationIDOf(body any, data []byte) string {
	if _, ok := body.(anyBody); !ok {
		return gen.CorrelationIDOf(body)
	}
	var members map[string]json.RawMessage
	id := ""
	if json.Unmarshal(data, &members) == nil && json.Unmarshal(members["correlationId"], &id) == nil {
		return id
	}
	return ""
}

func validateTransfer(t *CreateTransfer) error {
	if t.Links.Source.IsZero() {
		return argument("body._links.source", "is missing")
	}
	if t.Links.Destination.IsZero() {
		return argument("body._links.destination", "is missing")
	}
	if err := validatePayment("body", t.Amount, t.CorrelationID, t.Metadata); err != nil {
		return err
	}
	for i, fee := range t.Fees {
		if err := fee.Amount.ValidatePayment(); err != nil {
			return unpayable(fmt.Sprintf("body.fees[%d].amount", i), err)
		}
	}
	return nil
}

func validateMassPayment(m *CreateMassPayment) error {
	switch {
	case m.Links.Source.IsZero():
		return argument("body._links.source", "is missing")
	case len(m.Items) == 0:
		return argument("body.items", "is empty")
	case len(m.Items) > MaxMassPaymentItems:
		return argument("body.items", fmt.Sprintf("has %d items; a mass payment holds at most %d", len(m.Items), MaxMassPaymentItems))
	}
	if err := validateLabels("body", m.CorrelationID, m.Metadata); err != nil {
		return err
	}
	source := reference.Parse(m.Links.Source.Href)
	for i := range m.Items {
		if err := validateItem(&m.Items[i], source); err != nil {
			return within(fmt.Sprintf("body.items[%d]", i), err)
		}
	}
	return nil
}

func validateItem(item *CreateMassPaymentItem, source reference.Reference) error {
	if item.Links.Destination.IsZero() {
		return argument("._links.destination", "is missing")
	}
	if source.IsOf(item.Links.Destination.Href) {
		return argument("._links.destination", "is the source")
	}
	return validatePayment("", item.Amount, item.CorrelationID, item.Metadata)
}

// within prefixes the argument that an error of one of its parts names.
func within(at string, err error) error {
	if part, ok := errors.AsType[*ArgumentError](err); ok {
		part.Argument = at + part.Argument
	}
	return err
}

func validatePayment(at string, amount Money, correlationID string, metadata map[string]string) error {
	if err := amount.ValidatePayment(); err != nil {
		return unpayable(at+".amount", err)
	}
	return validateLabels(at, correlationID, metadata)
}

func validateLabels(at, correlationID string, metadata map[string]string) error {
	if err := ValidateCorrelationID(correlationID); correlationID != "" && err != nil {
		return argument(at+".correlationId", err.Error())
	}
	if err := ValidateMetadata(metadata); err != nil {
		return argument(at+".metadata", err.Error())
	}
	return nil
}

// ValidateCorrelationID returns an error unless id has 1 to 255 characters of A-Z a-z 0-9 - . _
func ValidateCorrelationID(id string) error {
	if id == "" || len(id) > MaxCorrelationIDLength {
		return reasonError(fmt.Sprintf("must have 1 to %d characters", MaxCorrelationIDLength))
	}
	for i := range len(id) {
		c := id[i]
		if ('a' > c || c > 'z') && ('A' > c || c > 'Z') && ('0' > c || c > '9') && c != '-' && c != '_' && c != '.' {
			return reasonError("has a character other than A-Z a-z 0-9 - . _")
		}
	}
	return nil
}

// ValidateMetadata returns an error unless there are at most ten pairs, with keys and values below 255 characters.
func ValidateMetadata(metadata map[string]string) error {
	if len(metadata) > MaxMetadataPairs {
		return reasonError(fmt.Sprintf("has %d pairs; at most %d are allowed", len(metadata), MaxMetadataPairs))
	}
	for k, v := range metadata {
		if k == "" {
			return reasonError("has an empty key")
		}
		if longMetadata(k) || longMetadata(v) {
			return reasonError(fmt.Sprintf("has a key or value of %d characters or more", MaxMetadataLength+1))
		}
	}
	return nil
}

// longMetadata reports whether a key or value is too long. It counts characters only if there are that many bytes.
func longMetadata(s string) bool {
	return len(s) > MaxMetadataLength && utf8.RuneCountInString(s) > MaxMetadataLength
}

func unpayable(name string, err error) error {
	return &ArgumentError{Argument: name, Reason: "cannot be paid", Err: err}
}

// isPath reports whether a path may name a collection to a server: in any case and with any escapes.
func isPath(path, collection string) bool {
	if plain, err := url.PathUnescape(path); err == nil {
		path = plain
	}
	return strings.EqualFold(strings.TrimRight(path, "/"), collection)
}
