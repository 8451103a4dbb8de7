package payout

import (
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/dwolla-go/dwolla-go/api"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A Row is one payment of the input.
type Row struct {
	// Line is where it stands in the input, from 1, in ascending order. It names the row in errors and reports.
	Line int
	// Destination is the funding source that is paid: an id, or the URL of one.
	Destination string
	// Amount is what is paid: US dollars with at most two decimals.
	Amount dwolla.Money
	// CorrelationID names the payment at Dwolla: the transfer carries it and can be searched for by it. Optional;
	// default is the batch's id and the line.
	CorrelationID string
	// Metadata is sent with the payment: at most nine pairs, keys and values shorter than 255 characters. The tenth
	// is the package's own.
	Metadata map[string]string
}

// An Input is a sequence of rows. A [*RowError] among them is reported and the reading goes on; any other error ends
// it.
type Input = iter.Seq2[Row, error]

// metadataRow is the key of an item's metadata that has the line of its row. Listed items are matched to rows by it.
const metadataRow = "payout-row"

const maxRowMetadata = 9

// check gives every reason for which Dwolla would refuse the row. An id as the destination becomes a URL beside the
// source's.
func (r *Row) check(source *url.URL) (reasons []error) {
	add := func(field string, err error) {
		if err != nil {
			reasons = append(reasons, reasonOf(field, err))
		}
	}
	add("destination", r.checkDestination(source))
	add("amount", r.checkAmount())
	if r.CorrelationID != "" {
		add("correlation_id", dwolla.ValidateCorrelationID(r.CorrelationID))
	}
	if len(r.Metadata) > 0 {
		add("metadata", r.checkMetadata())
	}
	return reasons
}

func (r *Row) checkAmount() error {
	if err := r.Amount.ValidatePayment(); err != nil {
		return err
	}
	_, err := r.Amount.Cents()
	return err
}

func (r *Row) checkMetadata() error {
	if len(r.Metadata) > maxRowMetadata {
		return fmt.Errorf("has %d pairs; at most %d are allowed", len(r.Metadata), maxRowMetadata)
	}
	for k, v := range r.Metadata {
		switch {
		case k == metadataRow:
			return errors.New("the key " + metadataRow + " is taken by package payout")
		case !utf8.ValidString(k) || !utf8.ValidString(v):
			return errors.New("is not UTF-8")
		}
	}
	return dwolla.ValidateMetadata(r.Metadata)
}

// checkDestination also turns an id into a URL beside the source's, since Dwolla wants URLs. Without a source only the
// form is checked.
func (r *Row) checkDestination(source *url.URL) error {
	if r.Destination == "" {
		return errors.New("is missing")
	}
	if !strings.Contains(r.Destination, "/") {
		if strings.ContainsFunc(r.Destination, func(c rune) bool { return !isIDRune(c) }) {
			return errors.New("is neither an id nor a URL")
		}
		if source == nil {
			return nil
		}
		r.Destination = source.JoinPath("..", r.Destination).String()
	}
	at, err := url.Parse(r.Destination)
	if err != nil {
		return errors.New("is no URL")
	}
	link := dwolla.LinkTo[dwolla.FundingSource](r.Destination)
	switch {
	case link.Collection() != "funding-sources" || link.ID() == "":
		return errors.New("is not the URL of a funding source")
	case source == nil:
		return nil
	case at.Scheme != source.Scheme || at.Host != source.Host:
		return errors.New("is not at the API of the source")
	case link.ID() == dwolla.LinkTo[dwolla.FundingSource](source.String()).ID():
		return errors.New("is the source")
	}
	return nil
}

func isIDRune(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-'
}

func reasonOf(field string, err error) error {
	if mismatch, ok := errors.AsType[*api.CurrencyMismatchError](err); ok {
		return fmt.Errorf("%s: the currency is not %s", field, mismatch.Want)
	}
	return fmt.Errorf("%s: %s", field, strings.TrimPrefix(strings.TrimPrefix(err.Error(), "dwolla: "), "amount: "))
}
