package payout

import (
	"errors"
	"fmt"
	"iter"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/reference"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A Row is one payment of the input.
type Row struct {
	// Line is where it stands in the input, from 1, in ascending order. It names the row in errors and reports.
	Line int
	// Destination is the funding source that is paid: an id, which is a UUID, or a URL of one without user, query and fragment. Spellings
	// of the same are the same. The report has it as the input does.
	Destination string
	// Amount is what is paid: US dollars with at most two decimals.
	Amount dwolla.Money
	// CorrelationID names the payment at Dwolla: the transfer carries it and can be searched for by it. Optional;
	// default is the batch's id and the line.
	CorrelationID string
	// Metadata is sent with the payment: at most nine pairs, keys and values shorter than 255 characters. The tenth
	// is the package's own.
	Metadata map[string]string
	// Clearing is how fast the bank is credited; empty is Dwolla's default.
	Clearing dwolla.DestinationClearing
	// Addenda is a text that the bank can show on the statement: at most 80 letters, digits, spaces and -_.~!*'();:@&=+$,/?%#[].
	// It has to be enabled for the application.
	Addenda string
	// Channel is the network that credits the bank; empty is ACH. Others need a balance as the source.
	Channel dwolla.ProcessingChannelName
}

// An Input is a sequence of rows. A [*RowError] among them is reported and the reading goes on; any other error ends
// it.
type Input = iter.Seq2[Row, error]

// metadataRow is the key of an item's metadata that has the line of its row. Listed items are matched to rows by it.
const metadataRow = "payout-row"

const maxRowMetadata = dwolla.MaxMetadataPairs - 1

// check gives every reason for which Dwolla would refuse the row.
func (r *Row) check(source *fundingSource) (problems []RowError) {
	add := func(column, value string, err error) {
		if err != nil {
			problems = append(problems, RowError{Line: r.Line, Column: column, Value: value, Reason: reasonOf(err)})
		}
	}
	add(columnDestination, r.Destination, r.checkDestination(source))
	if err := r.checkAmount(); isOf[*api.CurrencyMismatchError](err) {
		add(columnCurrency, r.Amount.Currency, errCurrency)
	} else if err != nil {
		add(columnAmount, r.Amount.Amount, err)
		problems[len(problems)-1].Hint = plainAmount(r.Amount.Amount)
	}
	if r.CorrelationID != "" {
		add(columnCorrelationID, r.CorrelationID, dwolla.ValidateCorrelationID(r.CorrelationID))
	}
	if len(r.Metadata) > 0 {
		add("metadata", "", r.checkMetadata())
	}
	if r.Clearing != "" && !r.Clearing.Known() {
		add(columnClearing, string(r.Clearing), errClearing)
	}
	if r.Channel != "" && !r.Channel.Known() {
		add(columnChannel, string(r.Channel), errChannel)
	}
	add(columnAddenda, "", r.checkAddenda())
	return problems
}

var (
	errCurrency = errors.New("must be USD")
	errClearing = fmt.Errorf("must be empty or %q, which is same-day ACH", dwolla.DestinationClearingNextAvailable)
	errChannel  = fmt.Errorf("must be empty, %q or %q", dwolla.ProcessingChannelNameInstant, dwolla.ProcessingChannelNameRealTimePayments)
)

func (r *Row) checkAmount() error {
	if err := r.Amount.ValidatePayment(); err != nil {
		return err
	}
	_, err := r.Amount.Cents()
	return err
}

const (
	maxAddenda   = 80
	addendaRunes = "-_.~!*'();:@&=+$,/?%#[] "
)

func (r *Row) checkAddenda() error {
	odd := strings.IndexFunc(r.Addenda, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune(addendaRunes, c)
	})
	switch {
	case odd >= 0:
		return errors.New("has a character other than letters, digits, spaces and " + strings.TrimSpace(addendaRunes))
	case len(r.Addenda) > maxAddenda:
		return fmt.Errorf("has %d characters; at most %d are allowed", len(r.Addenda), maxAddenda)
	}
	return nil
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

// checkDestination checks the form; with a source, also that both are at the same API and not the same.
func (r *Row) checkDestination(source *fundingSource) error {
	to, err := parseFundingSource(r.Destination)
	switch {
	case err != nil:
		return err
	case to.beside == "" && !reference.IsUUID(to.id): // such as the word "Total" below the last row
		return errNoID
	case source == nil:
		return nil
	case to.beside != "" && to.beside != source.beside:
		return errors.New("is not at the API of the source")
	case to.id == source.id:
		return errors.New("is the source")
	}
	return nil
}

var errNoID = errors.New("is neither an id of a funding source, such as 01234567-89ab-cdef-0123-456789abcdef, nor its URL")

// A fundingSource is the one form of what can be spelled in many ways: an id, which is compared, and what stands before
// it in its URL, which is empty for an id alone.
type fundingSource struct{ beside, id string }

// href is the URL of a funding source at the API of another.
func (f *fundingSource) href(id string) string { return f.beside + id }

// parseFundingSource reads an id or the URL of a funding source. A URL that has more in it is refused: Dwolla and this
// package might read it differently.
func parseFundingSource(s string) (fundingSource, error) {
	if s == "" {
		return fundingSource{}, errors.New("is missing")
	}
	if !strings.Contains(s, "/") {
		if !isID(s) {
			return fundingSource{}, errNoID
		}
		return fundingSource{id: reference.ID(s)}, nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return fundingSource{}, errors.New("is no URL")
	}
	if u.User != nil || strings.ContainsAny(s, "?#") {
		return fundingSource{}, errors.New("is a URL with a user, a query or a fragment")
	}
	dir, id := path.Split(u.Path)
	if !strings.HasSuffix(dir, "/funding-sources/") || !isID(id) || path.Clean(u.Path) != u.EscapedPath() {
		return fundingSource{}, errors.New("is not the URL of a funding source")
	}
	return fundingSource{beside: reference.Parse(s).Origin + dir, id: reference.ID(id)}, nil
}

// fundingSourceID is the id by which a funding source that was checked is compared.
func fundingSourceID(s string) string {
	f, _ := parseFundingSource(s)
	return f.id
}

func isID(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-'
	})
}

func reasonOf(err error) string {
	return strings.TrimPrefix(strings.TrimPrefix(err.Error(), "dwolla: "), "amount: ")
}

func isOf[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
