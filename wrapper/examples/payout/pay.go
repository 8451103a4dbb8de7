package main

import (
	"context"
	"os"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// A payer is a client and the funding source whose money it pays with.
type payer struct {
	client *dwolla.Client
	source string  // URL
	memory *memory // nil when it is Dwolla's
}

// input is the rows of the file; in memory, with the destinations that the recipients have there.
func (p *payer) input(of people) payout.Input {
	if p.memory != nil {
		return p.memory.input(of)
	}
	return of.rows()
}

// record is the path of the record. A Dwolla in memory ends with the program, and so does its record.
func (p *payer) record(path string) string {
	if p.memory != nil {
		return p.memory.record()
	}
	return path
}

func (p *payer) close() {
	if p.memory != nil {
		p.memory.close()
	}
}

// options run one mass payment after the other and show the progress at every poll.
func (p *payer) options(ctx context.Context, progress *progress) payout.Options {
	o := payout.Options{MaxOpen: 1, Progress: func(e payout.Event) {
		switch {
		case e.State == payout.StateCreated && e.Was != payout.StateCreated:
			progress.note("mass payment " + dwolla.LinkTo[dwolla.MassPayment](e.MassPayment).ID() + " is at Dwolla")
		case e.State == payout.StateCreated:
			p.watch(ctx, &e, progress)
		case e.State == payout.StateUnknown:
			progress.note("the answer got lost; looking for the mass payment by its correlation id")
		case e.Was != e.State && e.State != payout.StateSending && e.State != payout.StatePlanned:
			progress.add(e.Rows)
		}
	}}
	if p.memory != nil || os.Getenv("DWOLLA_BASE_URL") != "" { // a test server can be polled often
		o.Poll, o.MaxPoll = 200*time.Millisecond, 200*time.Millisecond
		o.LookSpan = 10 * time.Second
	}
	return o
}

// watch shows how many items of a mass payment Dwolla has tried.
func (p *payer) watch(ctx context.Context, e *payout.Event, progress *progress) {
	left, err := p.client.MassPayments.ListItems(ctx, e.MassPayment, dwolla.ListMassPaymentItemsParams{
		Status: []dwolla.MassPaymentItemStatus{dwolla.MassPaymentItemStatusPending}, Limit: 1,
	})
	if err == nil { // otherwise the next poll shows it
		progress.show(e.Rows - left.Total)
	}
}
