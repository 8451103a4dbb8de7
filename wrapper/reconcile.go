package dwolla

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/gen"
	"github.com/dwolla-go/dwolla-go/internal/call"
	"github.com/dwolla-go/dwolla-go/internal/option"
	"github.com/dwolla-go/dwolla-go/internal/paging"
	"github.com/dwolla-go/dwolla-go/internal/reference"
)

// Reconcile settles a transfer whose outcome is unknown: it looks for the transfer that was sent, by its correlation id,
// among the transfers of the source's owner. It returns the transfer if it finds exactly one that was created since the
// first attempt, of the same amount, source and destination; otherwise a *[ReconcileError] that is ErrAmbiguous, ErrAbsent
// or, if Dwolla could not be asked, ErrOutcomeUnknown. It only reads.
//
// A record whose method, path, origin, environment or hash of the body is not that of the payment, where it has one, is
// ErrInvalidArgument. Of the record it needs First alone: a process that died before it had the error fills a new record with the time before
// it sent. A correlation id need not be unique: transfers that were created more than 5 minutes before First are ignored.
// That is what the clocks may differ by; one that was created in these 5 minutes, or a day after First, or that does not
// say when, is ErrAmbiguous, and so is one that was found by the correlation id and does not name it exactly. Two payments
// of one correlation id within seconds cannot be told apart.
//
// A list whose total counts more than it lists, or that has an entry that cannot be read, may have lost the payment: if the
// payment is in it, it is found, but else it is no look that found nothing, and the outcome stays unknown.
//
// The transfer that it returns may have failed since: see its status.
func (s TransfersService) Reconcile(ctx context.Context, sent CreateTransfer, unknown *OutcomeUnknownError, look Lookup, opts ...CallOption) (*Transfer, error) {
	err := s.caller.reconcilable(sent.CorrelationID, "/transfers", unknown, look)
	if to := reference.Parse(sent.Links.Destination.Href); err == nil && to.ID == "" {
		err = argument("sent._links.destination", "names nothing to compare with")
	}
	if err != nil {
		return nil, option.Unsent(opts, unasked("Transfers.Reconcile", unknown, err))
	}
	first := passed(unknown.First)
	owners := owners{s.sources, option.Single(opts)}
	opts = append(slices.Clip(opts), whole)
	return reconcile(ctx, look, func(ctx context.Context) (*Transfer, error) {
		payer, err := owners.of(ctx, sent.Links.Source)
		if err != nil {
			return nil, err
		}
		list := s.AllForCustomer(ctx, payer.ID, ListCustomerTransfersParams{CorrelationID: sent.CorrelationID}, opts...)
		if payer.Collection == "accounts" {
			list = s.AllForAccount(ctx, payer.ID, ListAccountTransfersParams{CorrelationID: sent.CorrelationID}, opts...)
		}
		legs, lost, err := gather(list, func(t *Transfer) bool {
			fee := !t.Links.CreatedFromTransfer.IsZero()
			return mayBe(t.CorrelationID, sent.CorrelationID) && !fee
		})
		if err != nil {
			return nil, err
		}
		payment, err := owners.settle(ctx, &sent, first, legs)
		if payment == nil && err == nil {
			err = lost
		}
		return payment, err
	})
}

// Reconcile settles a mass payment whose outcome is unknown: it looks for the mass payment that was sent, by its correlation
// id, among the mass payments of the source's owner. It returns the mass payment if it finds exactly one that was created
// since the first attempt, of the same source, total and metadata as far as Dwolla tells them; otherwise an error as
// [TransfersService.Reconcile] does, which also says how times are compared. It only reads.
//
// The items are not compared: Dwolla does not document that all of them are listed at once, so that missing ones would prove
// nothing, and reading 5,000 takes many requests. Give every mass payment its own correlation id, and compare the items by
// theirs if that matters.
func (s MassPaymentsService) Reconcile(ctx context.Context, sent CreateMassPayment, unknown *OutcomeUnknownError, look Lookup, opts ...CallOption) (*MassPayment, error) {
	if err := s.caller.reconcilable(sent.CorrelationID, "/mass-payments", unknown, look); err != nil {
		return nil, option.Unsent(opts, unasked("MassPayments.Reconcile", unknown, err))
	}
	first := passed(unknown.First)
	owners := owners{s.sources, option.Single(opts)}
	opts = append(slices.Clip(opts), whole)
	return reconcile(ctx, look, func(ctx context.Context) (*MassPayment, error) {
		payer, err := owners.of(ctx, sent.Links.Source)
		if err != nil {
			return nil, err
		}
		list := s.AllForCustomer(ctx, payer.ID, ListCustomerMassPaymentsParams{CorrelationID: sent.CorrelationID}, opts...)
		if payer.Collection == "accounts" {
			list = s.AllForAccount(ctx, payer.ID, ListAccountMassPaymentsParams{CorrelationID: sent.CorrelationID}, opts...)
		}
		found, lost, err := gather(list, func(m *MassPayment) bool { return mayBe(m.CorrelationID, sent.CorrelationID) })
		if err != nil {
			return nil, err
		}
		payment, err := settleMassPayment(&sent, first, found)
		if payment == nil && err == nil {
			err = lost
		}
		return payment, err
	})
}

// reconcilable checks the arguments of Reconcile: what the record says must be of a payment that was sent to the path. Its
// hash is not compared, since middleware may have sent other bytes.
func (c *caller) reconcilable(correlationID, path string, unknown *OutcomeUnknownError, look Lookup) error {
	_, err := look.withDefaults()
	switch {
	case err != nil:
		return err
	case correlationID == "":
		return argument("sent.correlationId", "is empty, so that the payment cannot be searched for")
	case unknown == nil:
		return argument("unknown", "is nil")
	case unknown.CorrelationID != "" && unknown.CorrelationID != correlationID:
		return argument("unknown", "is of another correlation id")
	case unknown.First.IsZero() || inFuture(unknown.First):
		return argument("unknown.First", "is not a time that has passed")
	case c == nil:
		return nil
	}
	own := call.What{Method: http.MethodPost, Path: path, Origin: c.origin.String(), Environment: string(c.cfg.env)}
	of := unknown.what()
	of.Path, _, _ = strings.Cut(of.Path, "?")
	switch {
	case of.Method != "" && of.Method != own.Method, of.Path != "" && strings.TrimRight(of.Path, "/") != own.Path:
		return argument("unknown", "is of another operation")
	case of.Origin != "" && of.Origin != own.Origin, of.Environment != "" && of.Environment != own.Environment:
		return argument("unknown", "is of another origin or environment")
	}
	return nil
}

// passed returns a time that another machine has written, or now if that machine's clock is ahead.
func passed(first time.Time) time.Time { return earliest(time.Now(), first) }

// whole is the option of a list that must not be taken for an empty one, and of which an entry that moves counts once.
func whole(o *call.Options) { o.Whole, o.Distinct = true, true }

// gather returns the wanted entries of a list, and the error of an entry that cannot be read or of a list that is shorter
// than its total, which may count what the filter leaves out: who finds the payment in it needs no more, and for all others
// it may have lost the payment.
func gather[T any](list iter.Seq2[T, error], wanted func(*T) bool) (found []T, lost, err error) {
	for v, err := range list {
		if errors.Is(err, ErrIncompleteList) && !errors.Is(err, paging.ErrNoList) {
			return found, err, nil
		}
		if _, odd := errors.AsType[*EntryError](err); odd {
			lost = err
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if wanted(&v) {
			found = append(found, v)
		}
	}
	return found, lost, nil
}

// mayBe reports whether an entry that Dwolla's filter let through may have the correlation id: it names it, in any case, or
// none. Whether the filter compares exactly, and whether all entries name their id, is not documented.
func mayBe(found, sent string) bool { return found == "" || strings.EqualFold(found, sent) }

// clockPrecision is how far the clocks of machines differ that set them by the network, and what is cut off Dwolla's times.
const clockPrecision = 2 * time.Second

// A sighting is a payment that a look has found.
type sighting struct {
	id, correlationID string
	created           Time
}

// choose returns the index of the payment that was sent, or -1 if none was found that can be it.
func choose(found []sighting, correlationID string, first time.Time) (int, error) {
	chosen, candidates, later, nameless, reason := -1, 0, false, false, ""
	var ids []string
	for i, f := range found {
		created, err := f.created.Time()
		dated := err == nil && f.created.HasZone() // a local time may be of any day
		since := created.Sub(first)
		if dated && since < -clockSkew {
			continue // older
		}
		if f.id == "" {
			nameless = true
		} else {
			ids = append(ids, f.id)
		}
		if dated && since > 24*time.Hour+clockSkew {
			later = true
			continue // the key had expired
		}
		chosen = i
		candidates++
		switch {
		case f.correlationID != correlationID:
			reason = "what was found does not name the correlation id exactly"
		case !dated:
			reason = "what was found does not say when it was created"
		case since < -clockPrecision:
			reason = "what was found was created shortly before the first attempt, unless the clocks differ"
		}
	}
	switch {
	case nameless:
		reason = "what was found has no id"
	case candidates > 1:
		reason = "more than one payment has this correlation id"
	case candidates == 0 && later:
		reason = "the payment with this correlation id was created when the key had expired"
	}
	if reason != "" {
		return -1, ambiguous(reason, ids...)
	}
	return chosen, nil
}

// owners finds the owner of a funding source.
type owners struct {
	sources *gen.FundingSourcesService
	opts    []CallOption
}

// of returns the account or Customer that owns one side of a payment, or is that side itself.
func (o owners) of(ctx context.Context, side Link[FundingSource]) (reference.Reference, error) {
	if r := reference.Parse(side.Href); r.Collection == "accounts" || r.Collection == "customers" {
		return r, nil
	}
	source, err := o.sources.Get(ctx, side.Href, o.opts...)
	if err != nil {
		return reference.Reference{}, err
	}
	collection, href := "customers", source.Links.Customer.Href
	if href == "" {
		collection, href = "accounts", source.Links.Account.Href
	}
	owner, self := reference.Parse(href), reference.Parse(source.Links.Self.Href)
	switch {
	case href == "":
		return reference.Reference{}, &LinkError{Kind: ErrNoLink, Reason: "the funding source does not say whose it is"}
	case owner.Collection != collection || owner.ID == "", owner.Origin != "" && self.Origin != "" && owner.Origin != self.Origin:
		return reference.Reference{}, &LinkError{Kind: ErrNoLink, Reason: "the funding source is of an owner that is not of the API"}
	default:
		return owner, nil
	}
}

// settle compares what was found with what was sent, and returns nil if nothing of it can be it. A payment from bank to bank
// has several legs, which are transfers with links to each other; the later ones may be created days after the first.
func (o owners) settle(ctx context.Context, sent *CreateTransfer, first time.Time, all []Transfer) (*Transfer, error) {
	var payments [][]Transfer // each with its legs
	var found []sighting
	reached := map[string]bool{}
	for i := range all {
		if continues(&all[i], all) {
			continue
		}
		payment := withLater(&all[i], all)
		payments, found = append(payments, payment), append(found, sighting{all[i].ID, all[i].CorrelationID, all[i].Created})
		for j := range payment {
			reached[payment[j].ID] = true
		}
	}
	if slices.ContainsFunc(all, func(t Transfer) bool { return !reached[t.ID] }) {
		return nil, ambiguous("the legs of the payment have no first one", idsOf(all)...)
	}
	chosen, err := choose(found, sent.CorrelationID, first)
	if err != nil || chosen < 0 {
		return nil, err
	}
	payment := payments[chosen]
	switch {
	case slices.ContainsFunc(payment, func(t Transfer) bool { return !t.Amount.Equal(sent.Amount) }):
		return nil, ambiguous("the payment with this correlation id has another amount", idsOf(payment)...)
	case !fromSource(payment, sent.Links.Source):
		return nil, ambiguous("the payment with this correlation id has another source", idsOf(payment)...)
	}
	there, err := o.toDestination(ctx, payment, sent.Links.Destination)
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, ambiguous("the payment with this correlation id has another destination", idsOf(payment)...)
	}
	return &payment[0], nil
}

func idsOf(transfers []Transfer) []string {
	ids := make([]string, len(transfers))
	for i := range transfers {
		ids[i] = transfers[i].ID
	}
	return ids
}

// withLater returns a leg and those that continue it.
func withLater(first *Transfer, all []Transfer) []Transfer {
	legs := []Transfer{*first}
	for i := 0; i < len(legs); i++ {
		for j := range all {
			known := slices.ContainsFunc(legs, func(t Transfer) bool { return t.ID == all[j].ID })
			if !known && continues(&all[j], legs[i:i+1]) {
				legs = append(legs, all[j])
			}
		}
	}
	return legs
}

// continues reports whether a transfer is a later leg of one of the others.
func continues(t *Transfer, legs []Transfer) bool {
	return slices.ContainsFunc(legs, func(before Transfer) bool {
		return before.ID != t.ID && (reference.Same(before.ID, t.Links.FundingTransfer.Href) || reference.Same(before.Links.FundedTransfer.Href, t.ID))
	})
}

// fromSource reports whether a leg is from the source. Legs that do not name theirs count: they are of the owner's list.
func fromSource(legs []Transfer, source Link[FundingSource]) bool {
	sent, said := reference.Parse(source.Href), false
	for i := range legs {
		from := reference.Parse(legs[i].Links.SourceFundingSource.Href)
		if other := reference.Parse(legs[i].Links.Source.Href); from.ID == "" && other.Collection == "funding-sources" {
			from = other
		}
		if from.Same(sent) {
			return true
		}
		said = said || from.ID != ""
	}
	return !said || sent.Collection != "funding-sources" && sent.Collection != ""
}

// toDestination reports whether a leg pays the destination or, if Dwolla names only the payee, its owner.
func (o owners) toDestination(ctx context.Context, legs []Transfer, destination Link[FundingSource]) (bool, error) {
	sent := reference.Parse(destination.Href)
	var paid []reference.Reference // the payees of legs that name no funding source
	for i := range legs {
		source, payee := reference.Parse(legs[i].Links.DestinationFundingSource.Href), reference.Parse(legs[i].Links.Destination.Href)
		if source.Same(sent) || payee.Same(sent) {
			return true, nil
		}
		if source.ID == "" && payee.Collection != "funding-sources" {
			paid = append(paid, payee)
		}
	}
	if len(paid) == 0 {
		return false, nil
	}
	payee, err := o.of(ctx, destination)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(paid, payee.Same), nil
}

// settleMassPayment compares what was found with what was sent, and returns nil if nothing of it can be it.
func settleMassPayment(sent *CreateMassPayment, first time.Time, all []MassPayment) (*MassPayment, error) {
	found := make([]sighting, len(all))
	for i := range all {
		found[i] = sighting{all[i].ID, all[i].CorrelationID, all[i].Created}
	}
	chosen, err := choose(found, sent.CorrelationID, first)
	if err != nil || chosen < 0 {
		return nil, err
	}
	m := &all[chosen]
	if from := m.Links.Source.Href; from != "" && !reference.Same(from, sent.Links.Source.Href) {
		return nil, ambiguous("the mass payment with this correlation id has another source", m.ID)
	}
	amounts := make([]Money, len(sent.Items))
	for i := range sent.Items {
		amounts[i] = sent.Items[i].Amount
	}
	// Dwolla does not always give the total and the metadata.
	if total, err := api.Sum(amounts...); err == nil && !m.Total.IsZero() && !m.Total.Equal(total) {
		return nil, ambiguous("the mass payment with this correlation id has another total", m.ID)
	}
	if len(m.Metadata) > 0 && !maps.Equal(m.Metadata, sent.Metadata) {
		return nil, ambiguous("the mass payment with this correlation id has other metadata", m.ID)
	}
	return m, nil
}
