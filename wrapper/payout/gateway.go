package payout

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/option"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A Gateway has the calls that a run makes; [Dwolla] makes them with a client. [dwolla.OutcomeOf] of an error says what
// became of the call.
type Gateway interface {
	// Create sends a mass payment and returns its URL, which is empty when Dwolla did not say it. Every request with
	// one key has the same bytes. Nothing may be sent once the key is too old.
	Create(ctx context.Context, key KeyUse, body *dwolla.CreateMassPayment) (href string, err error)
	// Find returns all mass payments of the source's owner that have the correlation id.
	Find(ctx context.Context, source, correlationID string) ([]dwolla.MassPayment, error)
	// Get reads a mass payment.
	Get(ctx context.Context, href string) (*dwolla.MassPayment, error)
	// Update runs or cancels a deferred mass payment.
	Update(ctx context.Context, href string, status dwolla.UpdateMassPaymentStatus) error
	// Items reads every item of a mass payment.
	Items(ctx context.Context, href string) iter.Seq2[dwolla.MassPaymentItem, error]
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
		all = g.client.MassPayments.AllForCustomer(ctx, of.customer, dwolla.ListCustomerMassPaymentsParams{CorrelationID: correlationID})
	} else {
		all = g.client.MassPayments.AllForAccount(ctx, of.account, dwolla.ListAccountMassPaymentsParams{CorrelationID: correlationID})
	}
	var found []dwolla.MassPayment
	for m, err := range all {
		if err != nil {
			return nil, err
		}
		// Dwolla may ignore the filter.
		if m.CorrelationID == correlationID {
			found = append(found, m)
		}
	}
	return found, nil
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
