package dwolla

import (
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/gen"
	"github.com/dwolla-go/dwolla-go/internal/option"
)

// Reconcile settles a transfer whose outcome is unknown: it looks for the transfer that was sent, by its correlation id,
// among the transfers of the source's owner. It returns the transfer if it finds exactly one, of the same amount, source and
// destination; otherwise a *[ReconcileError] that is ErrAmbiguous, ErrAbsent or, if Dwolla could not be asked,
// ErrOutcomeUnknown. It only reads.
//
// The transfer that it returns may have failed since: see its status.
func (s TransfersService) Reconcile(ctx context.Context, sent CreateTransfer, look Lookup, opts ...CallOption) (*Transfer, error) {
	if sent.CorrelationID == "" {
		return nil, option.Unsent(opts, argument("sent.correlationId", "is empty, so that the transfer cannot be searched for"))
	}
	if sent.Links.Destination.ID() == "" {
		return nil, option.Unsent(opts, argument("sent._links.destination", "names nothing to compare with"))
	}
	owners := owners{s.sources, option.Single(opts)}
	return reconcile(ctx, look, func(ctx context.Context) (*Transfer, error) {
		payer, err := owners.of(ctx, sent.Links.Source)
		if err != nil {
			return nil, err
		}
		list := s.AllForCustomer(ctx, payer.ID(), ListCustomerTransfersParams{CorrelationID: sent.CorrelationID}, opts...)
		if payer.Collection() == "accounts" {
			list = s.AllForAccount(ctx, payer.ID(), ListAccountTransfersParams{CorrelationID: sent.CorrelationID}, opts...)
		}
		legs, err := gather(list, func(t *Transfer) bool {
			fee := !t.Links.CreatedFromTransfer.IsZero()
			return t.CorrelationID == sent.CorrelationID && !fee
		})
		if err != nil || len(legs) == 0 {
			return nil, err
		}
		return owners.settle(ctx, &sent, legs)
	})
}

// Reconcile settles a mass payment whose outcome is unknown: it looks for the mass payment that was sent, by its correlation
// id, among the mass payments of the source's owner. It returns the mass payment if it finds exactly one, of the same source,
// total and metadata as far as Dwolla tells them; otherwise an error as [TransfersService.Reconcile] does. It only reads.
//
// The items are not compared: Dwolla does not document that all of them are listed at once, so that missing ones would prove
// nothing, and reading 5,000 takes many requests. Give every mass payment its own correlation id, and compare the items by
// theirs if that matters.
func (s MassPaymentsService) Reconcile(ctx context.Context, sent CreateMassPayment, look Lookup, opts ...CallOption) (*MassPayment, error) {
	if sent.CorrelationID == "" {
		return nil, option.Unsent(opts, argument("sent.correlationId", "is empty, so that the mass payment cannot be searched for"))
	}
	owners := owners{s.sources, option.Single(opts)}
	return reconcile(ctx, look, func(ctx context.Context) (*MassPayment, error) {
		payer, err := owners.of(ctx, sent.Links.Source)
		if err != nil {
			return nil, err
		}
		list := s.AllForCustomer(ctx, payer.ID(), ListCustomerMassPaymentsParams{CorrelationID: sent.CorrelationID}, opts...)
		if payer.Collection() == "accounts" {
			list = s.AllForAccount(ctx, payer.ID(), ListAccountMassPaymentsParams{CorrelationID: sent.CorrelationID}, opts...)
		}
		found, err := gather(list, func(m *MassPayment) bool { return m.CorrelationID == sent.CorrelationID })
		if err != nil || len(found) == 0 {
			return nil, err
		}
		return settleMassPayment(&sent, found)
	})
}

// gather returns the wanted entries of a list, since Dwolla's filter may not compare exactly.
func gather[T any](list iter.Seq2[T, error], wanted func(*T) bool) ([]T, error) {
	var found []T
	for v, err := range list {
		if err != nil {
			return nil, err
		}
		if wanted(&v) {
			found = append(found, v)
		}
	}
	return found, nil
}

// owners finds the owner of a funding source.
type owners struct {
	sources *gen.FundingSourcesService
	opts    []CallOption
}

// of returns the account or Customer that owns one side of a payment, or is that side itself.
func (o owners) of(ctx context.Context, side Link[FundingSource]) (Link[Object], error) {
	if c := side.Collection(); c == "accounts" || c == "customers" {
		return LinkTo[Object](side.Href), nil
	}
	source, err := o.sources.Get(ctx, side.Href, o.opts...)
	switch {
	case err != nil:
		return Link[Object]{}, err
	case !source.Links.Customer.IsZero():
		return LinkTo[Object](source.Links.Customer.Href), nil
	case !source.Links.Account.IsZero():
		return LinkTo[Object](source.Links.Account.Href), nil
	default:
		return Link[Object]{}, &LinkError{Kind: ErrNoLink, Reason: "the funding source does not say whose it is"}
	}
}

// settle compares what was found with what was sent. A payment from bank to bank has several legs, which are transfers with
// links to each other.
func (o owners) settle(ctx context.Context, sent *CreateTransfer, legs []Transfer) (*Transfer, error) {
	ids := make([]string, len(legs))
	for i := range legs {
		ids[i] = legs[i].ID
	}
	var first *Transfer
	for i := range legs {
		if continues(&legs[i], legs) {
			continue
		}
		if first != nil {
			return nil, ambiguous("more than one payment has this correlation id", ids...)
		}
		first = &legs[i]
	}
	if first == nil {
		return nil, ambiguous("the legs of the payment have no first one", ids...)
	}
	for i := range legs {
		if !legs[i].Amount.Equal(sent.Amount) {
			return nil, ambiguous("the payment with this correlation id has another amount", ids...)
		}
	}
	if !fromSource(legs, sent.Links.Source) {
		return nil, ambiguous("the payment with this correlation id has another source", ids...)
	}
	there, err := o.toDestination(ctx, legs, sent.Links.Destination)
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, ambiguous("the payment with this correlation id has another destination", ids...)
	}
	return first, nil
}

// continues reports whether a transfer is a later leg of one of the others.
func continues(t *Transfer, legs []Transfer) bool {
	return slices.ContainsFunc(legs, func(before Transfer) bool {
		return before.ID != t.ID && (before.ID == t.Links.FundingTransfer.ID() || before.Links.FundedTransfer.ID() == t.ID)
	})
}

// fromSource reports whether a leg is from the source. Legs that do not name theirs count: they are of the owner's list.
func fromSource(legs []Transfer, source Link[FundingSource]) bool {
	said := false
	for i := range legs {
		from := legs[i].Links.SourceFundingSource.ID()
		if from == "" && legs[i].Links.Source.Collection() == "funding-sources" {
			from = legs[i].Links.Source.ID()
		}
		if from == source.ID() {
			return true
		}
		said = said || from != ""
	}
	return !said || source.Collection() != "funding-sources"
}

// toDestination reports whether a leg pays the destination or, if Dwolla names only the payee, its owner.
func (o owners) toDestination(ctx context.Context, legs []Transfer, destination Link[FundingSource]) (bool, error) {
	var paid []Link[Object] // the payees of legs that name no funding source
	for i := range legs {
		to := &legs[i].Links
		if to.DestinationFundingSource.ID() == destination.ID() || to.Destination.ID() == destination.ID() {
			return true, nil
		}
		if to.DestinationFundingSource.IsZero() && to.Destination.Collection() != "funding-sources" {
			paid = append(paid, to.Destination)
		}
	}
	if len(paid) == 0 {
		return false, nil
	}
	payee, err := o.of(ctx, destination)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(paid, func(l Link[Object]) bool { return l.ID() == payee.ID() }), nil
}

// settleMassPayment compares what was found with what was sent.
func settleMassPayment(sent *CreateMassPayment, found []MassPayment) (*MassPayment, error) {
	ids := make([]string, len(found))
	for i := range found {
		ids[i] = found[i].ID
	}
	if len(found) > 1 {
		return nil, ambiguous("more than one mass payment has this correlation id", ids...)
	}
	m := &found[0]
	if from := m.Links.Source.ID(); from != "" && from != sent.Links.Source.ID() {
		return nil, ambiguous("the mass payment with this correlation id has another source", ids...)
	}
	amounts := make([]Money, len(sent.Items))
	for i := range sent.Items {
		amounts[i] = sent.Items[i].Amount
	}
	// Dwolla does not always give the total and the metadata.
	if total, err := api.Sum(amounts...); err == nil && !m.Total.IsZero() && !m.Total.Equal(total) {
		return nil, ambiguous("the mass payment with this correlation id has another total", ids...)
	}
	if len(m.Metadata) > 0 && !maps.Equal(m.Metadata, sent.Metadata) {
		return nil, ambiguous("the mass payment with this correlation id has other metadata", ids...)
	}
	return m, nil
}
