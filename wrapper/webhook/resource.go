package webhook

import (
	"context"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/gen"
	"github.com/dwolla-go/dwolla-go/internal/option"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// Resource gets the resource of an event in its present state:
//
//	transfer, err := webhook.Resource[dwolla.Transfer](ctx, client, event)
//
// Requests go to the client's own origin only. The error is [dwolla.ErrForeignLink] if the event links to another
// origin, [dwolla.ErrNoLink] if it has no link to a resource, and [dwolla.ErrInvalidArgument] if the resource is of
// another kind than T; nothing is sent then. The Customer and the account of an event are typed relations: follow them
// with [dwolla.Follow].
func Resource[T any](ctx context.Context, client *dwolla.Client, event *Event, opts ...dwolla.CallOption) (*T, error) {
	if event == nil {
		return nil, option.Unsent(opts, &dwolla.LinkError{Kind: dwolla.ErrNoLink, Reason: "the event is nil"})
	}
	link := event.Links.Resource
	if want := gen.CollectionOf(new(T)); want != "" && !link.IsZero() && link.Collection() != want {
		return nil, option.Unsent(opts, &dwolla.LinkError{Kind: dwolla.ErrInvalidArgument, Reason: "the event is not about one of the " + want})
	}
	return dwolla.Follow(ctx, client, api.Retype[T](link), opts...)
}

// services returns the services of client. The methods of a nil client's services return an error.
func services(client *dwolla.Client) dwolla.Services {
	if client == nil {
		return dwolla.Services{}
	}
	return client.Services
}
