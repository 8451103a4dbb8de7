package payout

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/dwolla-go/dwolla-go/internal/reference"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A Result is what became of a row.
type Result struct {
	Status Status `json:"s"`
	// Transfer is the id of the transfer that pays the row.
	Transfer string `json:"t,omitempty"`
	// Item is the id of the row in its mass payment.
	Item string `json:"i,omitempty"`
	// Code, Message and Path say why the row failed, or why nothing is known of it.
	Code    string `json:"c,omitempty"`
	Message string `json:"m,omitempty"`
	Path    string `json:"p,omitempty"`
}

// Codes of results that this package makes; the others are Dwolla's.
const (
	codeMissing  = "payout.Missing"  // Dwolla did not list the row
	codeTwice    = "payout.Twice"    // Dwolla listed two items for the row
	codeMismatch = "payout.Mismatch" // what was listed is not what was sent
	codeRefused  = "payout.Refused"  // the mass payment was refused as a whole
)

// reject gives every row of a refused mass payment its result.
func (s *step) reject(err error, body *dwolla.CreateMassPayment) error {
	s.failure = err
	s.results = make([]Result, len(body.Items))
	general := Result{Status: Failed, Code: codeRefused, Message: "the mass payment was refused"}
	e := asError(err)
	if e != nil && e.Code != "" {
		general.Code, general.Message = string(e.Code), e.Message
	}
	for i := range s.results {
		s.results[i] = general
	}
	if e != nil {
		for _, f := range e.Fields {
			if i, ok := itemIndex(f.Path); ok && i < len(s.results) {
				s.results[i] = Result{Status: Failed, Code: f.Code, Message: f.Message, Path: f.Path}
			}
		}
	}
	return s.chunk.reject(err)
}

// itemIndex reads the number in a path such as "/items/3/amount".
func itemIndex(path string) (int, bool) {
	rest, ok := strings.CutPrefix(path, "/items/")
	if !ok {
		return 0, false
	}
	number, _, _ := strings.Cut(rest, "/")
	i, err := strconv.Atoi(number)
	return i, err == nil && i >= 0
}

// settle gives every row of a finished mass payment its result. The items are listed again a few times while some row
// has no final result; then that row is unknown, and never paid again by a retry.
func (s *step) settle(ctx context.Context) error {
	c := &s.chunk
	rows, err := s.rows(ctx)
	if err != nil {
		return err
	}
	l := newListing(rows, c.Status)
	for item, err := range s.runner.gateway.Items(ctx, c.MassPayment) {
		if err != nil {
			s.fail(err)
			return nil
		}
		l.add(&item)
	}
	results, totals, final := l.results()
	if !final && c.Lists < s.runner.opts.Looks {
		c.Lists++
		s.poll()
		return nil
	}
	if err := totals.check(c.Tally); err != nil {
		return err
	}
	s.results = results
	return c.settle(totals)
}

// A listing matches the items of a mass payment to its rows, by the line in their metadata. Their order does not
// matter, and an item that the pages repeat counts once.
type listing struct {
	rows   []Row
	status dwolla.MassPaymentStatus
	found  []*dwolla.MassPaymentItem // by row
	twice  map[int]bool
}

func newListing(rows []Row, status dwolla.MassPaymentStatus) *listing {
	return &listing{rows: rows, status: status, found: make([]*dwolla.MassPaymentItem, len(rows)), twice: map[int]bool{}}
}

func (l *listing) add(item *dwolla.MassPaymentItem) {
	line, err := strconv.Atoi(item.Metadata[metadataRow])
	if err != nil {
		return
	}
	i, ok := slices.BinarySearchFunc(l.rows, line, func(r Row, line int) int { return r.Line - line })
	if !ok {
		return
	}
	switch known := l.found[i]; {
	case known == nil:
		l.found[i] = item
	case known.ID != item.ID:
		l.twice[i] = true
	case known.Status == dwolla.MassPaymentItemStatusPending:
		l.found[i] = item // decided while the pages were read
	}
}

// results are those of all rows; final says that none of them may still change.
func (l *listing) results() (results []Result, totals Totals, final bool) {
	results, final = make([]Result, len(l.rows)), true
	for i := range l.rows {
		results[i] = l.result(i)
		cents, _ := l.rows[i].Amount.Cents()
		totals.count(results[i].Status, Tally{1, cents})
		final = final && results[i].Status != Pending && results[i].Status != Unknown
	}
	return results, totals, final
}

func (l *listing) result(i int) Result {
	item, row := l.found[i], &l.rows[i]
	switch {
	case l.twice[i]:
		return Result{Status: Unknown, Code: codeTwice, Message: "Dwolla lists two items for this row"}
	case item == nil:
		return Result{Status: Unknown, Code: codeMissing, Message: "Dwolla does not list this row"}
	case !item.Amount.Equal(row.Amount) || !item.Links.Destination.IsZero() &&
		!reference.Same(item.Links.Destination.Href, row.Destination):
		return Result{Status: Unknown, Item: item.ID, Code: codeMismatch, Message: "Dwolla lists another amount or destination"}
	}
	r := Result{Item: item.ID, Transfer: item.Links.Transfer.ID()}
	switch item.Status {
	case dwolla.MassPaymentItemStatusSuccess:
		r.Status = Paid
	case dwolla.MassPaymentItemStatusFailed:
		r.Status = Failed
		if len(item.Embedded.Errors) > 0 {
			first := item.Embedded.Errors[0]
			r.Code, r.Message, r.Path = first.Code, first.Message, first.Path
		}
	case dwolla.MassPaymentItemStatusPending:
		r.Status = Pending
		if l.status == dwolla.MassPaymentStatusCancelled {
			r.Status = Cancelled
		}
	default:
		r.Status, r.Code = Unknown, string(item.Status)
	}
	return r
}

func asError(err error) *dwolla.Error {
	e, _ := errors.AsType[*dwolla.Error](err)
	return e
}
