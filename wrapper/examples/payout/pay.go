package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A state is what is known of a recipient's money.
type state string

const (
	unpaid  state = "not paid" // Dwolla was not asked, or refused the whole mass payment
	unknown state = "unknown"  // Dwolla may or may not have been asked to pay
	pending state = "pending"  // Dwolla was asked, and its answer was not waited for
	failed  state = "failed"   // Dwolla refused this one
	paid    state = "paid"     // Dwolla created the transfer
)

// An outcome is what became of one recipient.
type outcome struct {
	recipient

	state  state
	code   string // why it failed
	reason string
}

// A result is what became of one batch.
type result struct {
	batch

	massPayment string // its id; empty when there is none, or none that is known
	outcomes    []outcome
	err         error // what kept the outcomes from being final
}

// pay pays the batches one after the other. After one that could not be followed to its end, nothing more is sent.
func (p *payer) pay(ctx context.Context, batches []batch, progress *progress) []result {
	defer progress.end()
	results := make([]result, 0, len(batches))
	for _, b := range batches {
		r := newResult(b)
		if len(results) == 0 || results[len(results)-1].err == nil {
			r.err = p.payBatch(ctx, &r, progress)
		} else {
			r.err = errors.New("not sent, because the mass payment before has an open end")
		}
		results = append(results, r)
	}
	return results
}

// payBatch makes one mass payment, waits until Dwolla has tried all of its items, and reads what became of each.
func (p *payer) payBatch(ctx context.Context, r *result, progress *progress) (err error) {
	if r.massPayment, err = p.submit(ctx, r, progress); err != nil {
		return err
	}
	r.setAll(pending)
	done, err := p.client.MassPayments.WaitFor(ctx, r.massPayment, p.watched(ctx, r, progress))
	switch {
	case err != nil:
		return fmt.Errorf("sent, and not watched to its end: %w", err)
	case done.Status == dwolla.MassPaymentStatusCancelled:
		r.setAll(unpaid)
		return errors.New("somebody has cancelled the mass payment")
	}
	progress.add(len(r.recipients))
	return p.collect(ctx, r)
}

// submit returns the id of the batch's mass payment: the one that an earlier run made, or a new one. Where the answer
// leaves open whether there is one now, Dwolla is asked for its correlation id before that is called unknown.
func (p *payer) submit(ctx context.Context, r *result, progress *progress) (string, error) {
	request := r.request(p.source)
	// One look is enough here: if it comes too early to find the payment, the key still keeps it from being made twice.
	earlier, err := p.client.MassPayments.Reconcile(ctx, request, dwolla.Lookup{Looks: 1, Over: time.Nanosecond})
	switch {
	case err == nil:
		progress.note("an earlier run has sent mass payment " + earlier.ID + "; nothing is sent again")
		return earlier.ID, nil
	case errors.Is(err, dwolla.ErrAmbiguous):
		r.setAll(unknown)
		return "", err
	case !errors.Is(err, dwolla.ErrAbsent):
		return "", fmt.Errorf("not sent, since an earlier run could not be looked for: %w", err)
	}

	ref, err := p.client.MassPayments.Create(ctx, request, dwolla.WithIdempotencyKey(r.key))
	if err == nil && ref.Href != "" {
		return ref.ID(), nil
	}
	if err == nil {
		err = dwolla.ErrNoLocation
	}
	if !mayExist(err) {
		return "", err
	}
	r.setAll(unknown)
	progress.note("the answer got lost; looking for the mass payment by its correlation id")
	made, lookup := p.client.MassPayments.Reconcile(ctx, request, dwolla.Lookup{})
	if lookup != nil {
		return "", fmt.Errorf("%w; %w", err, lookup)
	}
	return made.ID, nil
}

// mayExist reports whether a failed creation may have created something.
func mayExist(err error) bool {
	if dwolla.OutcomeOf(err) == dwolla.OutcomeUnknown {
		return true
	}
	e, ok := errors.AsType[*dwolla.Error](err)
	return ok && e.Committed
}

// watched shows how many items Dwolla has tried whenever the wait has had a look.
func (p *payer) watched(ctx context.Context, r *result, progress *progress) dwolla.Wait {
	wait := p.wait
	wait.Progress = func(string) {
		left, err := p.client.MassPayments.ListItems(ctx, r.massPayment, dwolla.ListMassPaymentItemsParams{
			Status: []dwolla.MassPaymentItemStatus{dwolla.MassPaymentItemStatusPending}, Limit: 1,
		})
		if err == nil { // if not, the next look will tell
			progress.show(len(r.recipients) - left.Total)
		}
	}
	return wait
}

// collect reads the items of a complete mass payment.
func (p *payer) collect(ctx context.Context, r *result) error {
	r.setAll(unknown) // until an item says otherwise
	byID := make(map[string]*outcome, len(r.outcomes))
	for i := range r.outcomes {
		byID[r.outcomes[i].correlationID] = &r.outcomes[i]
	}
	for item, err := range p.client.MassPayments.AllItems(ctx, r.massPayment, dwolla.ListMassPaymentItemsParams{Limit: 200}) {
		if err != nil {
			return fmt.Errorf("the items could not be read: %w", err)
		}
		if o, ok := byID[item.CorrelationID]; ok {
			o.settle(&item)
			delete(byID, item.CorrelationID)
		}
	}
	if len(byID) > 0 {
		return fmt.Errorf("%d rows are not among the items of the mass payment", len(byID))
	}
	return nil
}

// settle takes the state over from the item.
func (o *outcome) settle(item *dwolla.MassPaymentItem) {
	switch item.Status {
	case dwolla.MassPaymentItemStatusSuccess:
		o.state = paid
	case dwolla.MassPaymentItemStatusFailed:
		o.state = failed
	case dwolla.MassPaymentItemStatusPending:
		o.state = pending
	}
	if len(item.Embedded.Errors) > 0 {
		o.code, o.reason = item.Embedded.Errors[0].Code, item.Embedded.Errors[0].Message
	}
}

func newResult(b batch) result {
	r := result{batch: b, outcomes: make([]outcome, 0, len(b.recipients))}
	for _, to := range b.recipients {
		r.outcomes = append(r.outcomes, outcome{recipient: to, state: unpaid})
	}
	return r
}

func (r *result) setAll(s state) {
	for i := range r.outcomes {
		r.outcomes[i].state = s
	}
}
