package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A batch is what one mass payment pays. Its names are decided before anything is sent and follow from the content
// alone, so that a second run of the same file asks for the very same payment.
type batch struct {
	key           string // the idempotency key
	correlationID string
	recipients    []recipient
}

// plan turns the recipients of a source into batches. It returns an inputError for those that this source cannot pay.
func plan(name string, source *dwolla.FundingSource, recipients []recipient) ([]batch, error) {
	var found inputError
	var content strings.Builder
	fmt.Fprintf(&content, "%q %q\n", name, source.Links.Self.Href)
	for i := range recipients {
		r := &recipients[i]
		href, reason := hrefAt(source.Links.Self.Href, r.destination)
		if reason != "" {
			found = append(found, problem{r.line, "destination: " + reason})
		}
		r.destination = href
		fmt.Fprintf(&content, "%q %q %q %q\n", href, r.amount.Value, r.correlationID, r.metadata)
	}
	if len(found) > 0 {
		return nil, found
	}

	sum := sha256.Sum256([]byte(content.String()))
	digest := hex.EncodeToString(sum[:])
	var batches []batch
	for chunk := range slices.Chunk(recipients, dwolla.MaxMassPaymentItems) {
		b := batch{
			key:           fmt.Sprintf("%s-%d", digest[32:], len(batches)+1),
			correlationID: fmt.Sprintf("payout-%s-%d", digest[:16], len(batches)+1),
			recipients:    chunk,
		}
		for i := range chunk {
			if r := &chunk[i]; r.correlationID == "" { // the only way to know the row by its item
				r.correlationID = fmt.Sprintf("%s-line-%d", b.correlationID, r.line)
			}
		}
		batches = append(batches, b)
	}
	return batches, nil
}

// hrefAt returns the URL of a destination where the source is, or the reason why it cannot be paid from there.
func hrefAt(source, destination string) (href, reason string) {
	at := strings.LastIndexByte(source, '/') + 1
	if !strings.Contains(destination, "/") {
		destination = source[:at] + destination
	}
	own, err := url.Parse(source)
	if err != nil {
		return "", "the source has no usable URL"
	}
	to, err := url.Parse(destination)
	switch {
	case err != nil || !strings.EqualFold(own.Host, to.Host):
		return "", "leads to another host than the source"
	case strings.EqualFold(own.Path, to.Path):
		return "", "is the source itself"
	}
	return destination, ""
}

// request is the mass payment of the batch. Two requests of one batch are the same to the byte, which the idempotency
// key asks for.
func (b *batch) request(source *dwolla.FundingSource) dwolla.CreateMassPayment {
	payment := dwolla.CreateMassPayment{CorrelationID: b.correlationID}
	payment.Links.Source.Href = source.Links.Self.Href
	for _, r := range b.recipients {
		item := dwolla.CreateMassPaymentItem{Amount: r.amount, CorrelationID: r.correlationID, Metadata: r.metadata}
		item.Links.Destination.Href = r.destination
		payment.Items = append(payment.Items, item)
	}
	return payment
}
