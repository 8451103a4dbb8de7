package payout

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/option"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A Gateway has the calls that a run makes; [Dwolla] makes them with a client. [dwolla.OutcomeOf] of an error says what
// became of the call.
type Gateway interface {
	// Create sends a mass payment and returns its URL, which is empty when Dwolla did not say it. Every request with
	// one key has the same bytes. Nothing may be sent once the key is too old.
	Create(ctx context.Context, key KeyUse, body *dwolla.CreateMassPayment) (href string, err error)
	// Find returns all mass payments of the source's owner that have the correlation id, in any case, or do not tell
	// theirs. An answer that is not wholly a list of mass payments, or of which an entry cannot be read, is an error, also
	// beside what was found: nobody may take it for an empty one.
	Find(ctx context.Context, source, correlationID string) ([]dwolla.MassPayment, error)
	// Get reads a mass payment.
	Get(ctx context.Context, href string) (*dwolla.MassPayment, error)
	// Update runs or cancels a deferred mass payment.
	Update(ctx context.Context, href string, status dwolla.UpdateMassPaymentStatus) error
	// Items reads every item of a mass payment. It goes on after a [*dwolla.EntryError], as Returned does.
	Items(ctx context.Context, href string) iter.Seq2[dwolla.MassPaymentItem, error]
	// Balance reads what a funding source has; known is false where that cannot be read, as of most banks.
	Balance(ctx context.Context, source string) (balance dwolla.Money, known bool, err error)
	// Transfer reads a transfer.
	Transfer(ctx context.Context, id string) (*dwolla.Transfer, error)
	// Returned reads the transfers of the source's owner that were created since a time and have failed or were cancelled.
	// Others may be among them.
	Returned(ctx context.Context, source string, since time.Time) iter.Seq2[dwolla.Transfer, error]
	// Failure reads why a transfer failed.
	Failure(ctx context.Context, transfer string) (*dwolla.TransferFailure, error)
}

// A KeyUse is an idempotency key, and when the first request with it was about to be sent, by the clock of this machine.
// Dwolla remembers the key for [dwolla.IdempotencyKeyLifetime] from then.
type KeyUse struct {
	Key   string
	First time.Time
}

// Dwolla is the gateway of a client.
func Dwolla(client *dwolla.Client) Gateway { return &gateway{client: client} }

type gateway struct {
	client *dwolla.Client
	owners sync.Map // by source
}

// An owner is the account or the Customer that a funding source belongs to; one field is set. It never changes.
type owner struct{ account, customer string }

func (g *gateway) Create(ctx context.Context, key KeyUse, body *dwolla.CreateMassPayment) (string, error) {
	first := func(o *option.Options) { o.KeyFirst = key.First }
	ref, err := g.client.MassPayments.Create(ctx, *body, dwolla.WithIdempotencyKey(key.Key), first)
	if err != nil {
		return "", err
	}
	return ref.Href, nil
}

func (g *gateway) Find(ctx context.Context, source, correlationID string) ([]dwolla.MassPayment, error) {
	of, err := g.owner(ctx, source)
	if err != nil {
		return nil, err
	}
	var all iter.Seq2[dwolla.MassPayment, error]
	if of.customer != "" {
		all = g.client.MassPayments.AllForCustomer(ctx, of.customer, dwolla.ListCustomerMassPaymentsParams{CorrelationID: correlationID}, whole)
	} else {
		all = g.client.MassPayments.AllForAccount(ctx, of.account, dwolla.ListAccountMassPaymentsParams{CorrelationID: correlationID}, whole)
	}
	var found []dwolla.MassPayment
	var odd error
	for m, err := range all {
		if isEntry(err) {
			odd = err
			continue
		}
		if err != nil {
			return found, err
		}
		known := func(f dwolla.MassPayment) bool { return m.ID != "" && f.ID == m.ID } // listed twice
		// Dwolla may ignore the filter, write the id in another case, or not write it.
		if (m.CorrelationID == "" || strings.EqualFold(m.CorrelationID, correlationID)) && !slices.ContainsFunc(found, known) {
			found = append(found, m)
		}
	}
	return found, odd
}

func whole(o *option.Options) { o.Whole = true }

// isEntry reports whether an error is about one entry of a list, which goes on.
func isEntry(err error) bool {
	_, ok := errors.AsType[*dwolla.EntryError](err)
	return ok
}

// owner gives the owner of a source, which is read once.
func (g *gateway) owner(ctx context.Context, source string) (owner, error) {
	if known, ok := g.owners.Load(source); ok {
		return known.(owner), nil
	}
	f, err := g.client.FundingSources.Get(ctx, source)
	if err != nil {
		return owner{}, err
	}
	of := owner{account: f.Links.Account.Href, customer: f.Links.Customer.Href}
	if of.account == "" && of.customer == "" {
		return owner{}, errors.New("payout: the source does not say whose it is")
	}
	g.owners.Store(source, of)
	return of, nil
}

func (g *gateway) Get(ctx context.Context, href string) (*dwolla.MassPayment, error) {
	return g.client.MassPayments.Get(ctx, href)
}

func (g *gateway) Update(ctx context.Context, href string, status dwolla.UpdateMassPaymentStatus) error {
	_, err := g.client.MassPayments.Update(ctx, href, dwolla.UpdateMassPayment{Status: status})
	return err
}

func (g *gateway) Items(ctx context.Context, href string) iter.Seq2[dwolla.MassPaymentItem, error] {
	return g.client.MassPayments.AllItems(ctx, href, dwolla.ListMassPaymentItemsParams{Limit: dwolla.MaxPageSize})
}

func (g *gateway) Balance(ctx context.Context, source string) (dwolla.Money, bool, error) {
	b, err := g.client.FundingSources.GetBalance(ctx, source)
	switch {
	case dwolla.OutcomeOf(err) == dwolla.OutcomeRejected: // a bank, or without the permission to ask
		return dwolla.Money{}, false, nil
	case err != nil:
		return dwolla.Money{}, false, err
	case !b.Balance.IsZero():
		return b.Balance, true, nil
	default:
		return b.Available, !b.Available.IsZero(), nil
	}
}

func (g *gateway) Transfer(ctx context.Context, id string) (*dwolla.Transfer, error) {
	return g.client.Transfers.Get(ctx, id)
}

func (g *gateway) Returned(ctx context.Context, source string, since time.Time) iter.Seq2[dwolla.Transfer, error] {
	// Dwolla compares days, and which zone's is not documented.
	start := api.DateOf(since.AddDate(0, 0, -2))
	return func(yield func(dwolla.Transfer, error) bool) {
		of, err := g.owner(ctx, source)
		if err != nil {
			yield(dwolla.Transfer{}, err)
			return
		}
		for _, status := range []dwolla.TransferStatus{dwolla.TransferStatusFailed, dwolla.TransferStatusCancelled} {
			all := g.client.Transfers.AllForAccount(ctx, of.account, dwolla.ListAccountTransfersParams{StartDate: start, Status: status, Limit: dwolla.MaxPageSize})
			if of.customer != "" {
				all = g.client.Transfers.AllForCustomer(ctx, of.customer, dwolla.ListCustomerTransfersParams{StartDate: start, Status: status, Limit: dwolla.MaxPageSize})
			}
			for t, err := range all {
				if !yield(t, err) || err != nil && !isEntry(err) {
					return
				}
			}
		}
	}
}

func (g *gateway) Failure(ctx context.Context, transfer string) (*dwolla.TransferFailure, error) {
	return g.client.Transfers.GetFailure(ctx, transfer)
}
