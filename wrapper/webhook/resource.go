package webhook

import (
	"context"
	"encoding/json"

	"github.com/dwolla-go/dwolla-go/api"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A resource is a pointer to a model.
type resource[T any] interface {
	*T
	json.Unmarshaler
}

// Resource reads what an event is about, as it is now:
//
//	transfer, err := webhook.Resource[dwolla.Transfer](ctx, client, event)
//
// Only the client's own origin is ever asked: an event that names another one is [dwolla.ErrForeignLink], one that
// names no resource [dwolla.ErrNoLink], and one about another kind of resource than T [dwolla.ErrInvalidArgument].
// Nothing is sent then. The Customer and the account of an event are typed relations: follow them with
// [dwolla.Follow].
func Resource[T any, P resource[T]](ctx context.Context, client *dwolla.Client, event *Event, opts ...dwolla.CallOption) (*T, error) {
	if event == nil {
		return nil, &dwolla.LinkError{Kind: dwolla.ErrNoLink, Reason: "the event is nil"}
	}
	link := event.Links.Resource
	if want := collection(P(nil)); want != "" && !link.IsZero() && link.Collection() != want {
		return nil, &dwolla.LinkError{Kind: dwolla.ErrInvalidArgument, Reason: "the event is not about one of the " + want}
	}
	return dwolla.Follow[T, P](ctx, client, api.Retype[T](link), opts...)
}

// services are those of a client; a nil one has none, whose methods return an error.
func services(client *dwolla.Client) dwolla.Services {
	if client == nil {
		return dwolla.Services{}
	}
	return client.Services
}

// collection is where the resources of a model live; empty where there is more than one place.
func collection(model any) string {
	switch model.(type) {
	case *dwolla.Account:
		return "accounts"
	case *dwolla.BeneficialOwner:
		return "beneficial-owners"
	case *dwolla.Customer:
		return "customers"
	case *dwolla.Document:
		return "documents"
	case *dwolla.FundingSource:
		return "funding-sources"
	case *dwolla.Label:
		return "labels"
	case *dwolla.LedgerEntry:
		return "ledger-entries"
	case *dwolla.MassPayment:
		return "mass-payments"
	case *dwolla.Transfer:
		return "transfers"
	default:
		return ""
	}
}
