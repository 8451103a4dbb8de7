package dwolla

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"

	"github.com/dwolla-go/dwolla-go/internal/call"
	"github.com/dwolla-go/dwolla-go/internal/paging"
	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// A resource is a pointer to a model.
type resource[T any] interface {
	*T
	json.Unmarshaler
}

// Follow reads the resource that a link leads to. A link that the resource does not have at present is ErrNoLink; one to
// another origin is ErrForeignLink and is never fetched.
//
//	source, err := dwolla.Follow(ctx, client, massPayment.Links.Source)
func Follow[T any, P resource[T]](ctx context.Context, c *Client, link Link[T], opts ...CallOption) (*T, error) {
	if link.IsZero() {
		return nil, &LinkError{Kind: ErrNoLink, Reason: "the resource does not offer it now"}
	}
	out := new(T)
	if err := call.Follow(ctx, c.via(), link.Href, opts, out); err != nil {
		return nil, err
	}
	return out, nil
}

// FollowAll iterates over all entries, page by page, of the list that a link leads to.
//
//	for transfer, err := range dwolla.FollowAll(ctx, client, customer.Links.Transfers) { … }
func FollowAll[P paging.Page[T], T any](ctx context.Context, c *Client, link Link[P], opts ...CallOption) iter.Seq2[T, error] {
	if link.IsZero() {
		return func(yield func(T, error) bool) {
			var zero T
			yield(zero, &LinkError{Kind: ErrNoLink, Reason: "the resource does not offer it now"})
		}
	}
	req := &call.Request{Op: &opGet, Href: link.Href, Options: opts}
	return paging.All(ctx, c.via(), req, func() paging.Page[T] { return any(new(P)).(paging.Page[T]) })
}

var (
	opGet  = call.Op{Name: "Get", Method: http.MethodGet, Path: "(by href)"}
	opPost = call.Op{Name: "Post", Method: http.MethodPost, Path: "(by href)"}
)

// Get reads a path or href of the client's own origin that the services do not cover, with the same authorization, retries
// and errors. Unless out is nil, the answer is decoded into it by encoding/json; a number in an any is a json.Number.
func (c *Client) Get(ctx context.Context, pathOrHref string, query url.Values, out any, opts ...CallOption) error {
	req := &call.Request{Op: &opGet, Href: pathOrHref, Options: opts}
	if len(query) > 0 {
		req.Query = call.Values(query)
	}
	_, err := c.do(ctx, req, out)
	return err
}

// Post sends body, encoded by encoding/json, to a path or href of the client's own origin that the services do not cover.
// It has an idempotency key like every POST. A transfer or a mass payment, whatever its type is, is checked as Create checks
// it. The reference is that of the answer's Location, if there is one.
func (c *Client) Post(ctx context.Context, pathOrHref string, body, out any, opts ...CallOption) (*Ref[Object], error) {
	req := &call.Request{Op: &opPost, Href: pathOrHref, Options: opts}
	if body != nil {
		req.Body = anyBody{body}
	}
	resp, err := c.do(ctx, req, out)
	if err != nil {
		return nil, err
	}
	return call.NewRef[Object](c.via(), resp), nil
}

func (c *Client) do(ctx context.Context, req *call.Request, out any) (*call.Response, error) {
	via := c.via()
	if via == nil {
		return nil, call.ErrNoClient
	}
	if req.Href == "" {
		return nil, &ArgumentError{Op: req.Op.Name, Argument: "path", Reason: "is empty"}
	}
	if out == nil {
		return via.Call(ctx, req, nil)
	}
	return via.Call(ctx, req, anyTarget{out})
}

func (c *Client) via() call.Caller {
	if c == nil || c.caller == nil {
		return nil
	}
	return c.caller
}

// anyBody and anyTarget let the codec encode and decode values of encoding/json.
type anyBody struct{ v any }

func (b anyBody) EncodeWire(e *wire.Encoder) { e.Any(b.v) }

type anyTarget struct{ v any }

func (t anyTarget) DecodeWire(d *wire.Decoder) { d.Any(t.v) }
