package payout

import (
	"context"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A Result is what became of a row.
type Result struct {
	Status Status `json:"s"`
	// Transfer is the id of the transfer that pays the row.
	Transfer string `json:"t,omitempty"`
	// Item is the id of the row in its mass payment.
	Item string `json:"i,omitempty"`
	// RetriedBy is the batch that pays the row again.
	RetriedBy string `json:"r,omitempty"`
	// At is when it was noticed that the payment came back.
	At time.Time `json:"a,omitzero"`
	// Code, Message and Path say why the row failed or was returned, or why nothing is known of it.
	Code    string `json:"c,omitempty"`
	Message string `json:"m,omitempty"`
	Path    string `json:"p,omitempty"`
}

// Codes of results that this package makes; the others are Dwolla's.
const (
	codeMissing  = "payout.Missing"    // Dwolla did not list the row
	codeOdd      = "payout.Unreadable" // Dwolla listed an item that cannot be read
	codeTwice    = "payout.Twice"      // Dwolla listed two items for the row
	codeMismatch = "payout.Mismatch"   // what was listed is not what was sent
	codeReturned = "payout.Returned"   // the payment came back, and Dwolla does not say why
	codeRefused  = "payout.Refused"    // Dwolla refused the row, and the record has lost why
)

// settle gives every row of a finished mass payment its result. Dwolla may go on with the items after that: they are
// listed again until each row has a final result, for as long as [Options.SettleTimeout]. A row without one is never paid
// again by a retry.
func (s *step) settle(ctx context.Context) error {
	c := &s.chunk
	l, err := s.list(ctx, c.MassPayment, c.Status)
	if err != nil || s.failure != nil {
		return err
	}
	results := l.results()
	if err := s.report(ctx, results); err != nil {
		return err
	}
	totals, final := l.totals(results)
	totals.Failed.add(c.refused())
	if err := totals.check(c.Tally); err != nil {
		return err
	}
	c.Totals = totals
	if !final && s.now.time().Sub(c.Finished) < s.runner.opts.SettleTimeout {
		s.poll(max(s.runner.opts.MaxPoll, settlePoll))
		return nil
	}
	return c.settle(totals)
}

// settlePoll is the longest wait between two lists of the items of a finished mass payment, of which 5,000 take 25 requests.
const settlePoll = 15 * time.Minute

// results are those of all rows.
func (l *listing) results() []Result {
	results := make([]Result, len(l.rows))
	for i := range l.rows {
		results[i] = l.result(i)
	}
	return results
}

// totals adds the results up; final says that none of them may still change.
func (l *listing) totals(results []Result) (totals Totals, final bool) {
	final = true
	for i := range l.rows {
		cents, _ := l.rows[i].Amount.Cents()
		totals.count(results[i].Status, Tally{1, cents})
		final = final && results[i].Status.final()
	}
	return totals, final
}

func (l *listing) result(i int) Result {
	item := l.found[i]
	switch {
	case l.twice[i]:
		return Result{Status: Unknown, Code: codeTwice, Message: "Dwolla lists two items for this row"}
	case item == nil && l.odd > 0:
		return Result{Status: Unknown, Code: codeOdd, Message: "Dwolla lists an item that cannot be read, which may be this row"}
	case item == nil:
		return Result{Status: Unknown, Code: codeMissing, Message: "Dwolla does not list this row"}
	case !l.pays(i):
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
