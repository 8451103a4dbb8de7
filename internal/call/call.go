// Package call is what generated services stand on: the description of an operation, one request, and the few ways
// in which an operation answers. The client implements Caller; it is the only one that speaks HTTP.
package call

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/option"
)

// Op describes an operation of the contract.
type Op struct {
	Name   string // service and method, "MassPayments.Create"
	Method string
	Path   string // template, "/mass-payments/{id}/items"
	Slow   bool   // gets the longer time limit
	Public bool   // needs no access token (security: []): it is called with the credentials of the application

	// Status are the statuses of 2xx that the contract documents for an operation that changes something; empty when it
	// documents none. An answer with a status in NoBody has neither a body nor a Location.
	Status, NoBody []int
}

// IDs are the values of an operation's path parameters, in order: each an id or an href of the collection before it.
type IDs [4]string

// A Request is one call of an operation.
type Request struct {
	Op        *Op
	IDs       IDs
	Href      string  // instead of Op.Path and IDs: where a link, a Location or a page leads
	Query     Encoder // nil when the operation has no parameters
	Body      any     // what wire.Append takes
	Form      []Part
	Multipart []Part
	Options   []Option
	FollowUp  bool // it reads what an earlier request has created
}

// An Encoder turns parameters into a query.
type Encoder interface{ Query() (string, error) }

// A Part is one field of a form.
type Part struct {
	Name  string
	Value string
	File  api.File
}

// A Caller sends a request and decodes the answer into dst, which is what wire.Unmarshal takes, unless dst is nil or the
// answer has no body. Errors are those that the client documents.
type Caller interface {
	Call(ctx context.Context, req *Request, dst any) (*Response, error)
}

type (
	// Options are what a caller may set for a single call.
	Options = option.Options
	// An Option sets something for a single call.
	Option = option.Option
	// Response is what a caller may want to know of an answer besides its body.
	Response = option.Response
	// Sent is what was sent under an idempotency key.
	Sent = option.Sent
	// What tells one request from another.
	What = option.What
)

// Apply collects the options.
func Apply(opts []Option) Options { return option.Apply(opts) }

// Query collects query parameters.
type Query struct {
	parts []string
	err   error
}

// Add adds a parameter that oapi-codegen's runtime styled, or the reason why it could not.
func (q *Query) Add(styled string, err error) {
	if err != nil && q.err == nil {
		q.err = err
	}
	q.parts = append(q.parts, styled)
}

// Encode joins the parameters.
func (q *Query) Encode() (string, error) { return strings.Join(q.parts, "&"), q.err }

// Values is the query of a call that has no parameters in the contract.
type Values url.Values

// Query encodes the values, sorted by name.
func (v Values) Query() (string, error) { return url.Values(v).Encode(), nil }

// Optional is the body of an operation that may be called without one.
func Optional[T any](body *T) any {
	if body == nil {
		return nil
	}
	return body
}

// Missing is the body of a call that needs one and was given none.
type Missing struct{}

// Required is the body of an operation that takes one of several types: a nil of any of them is none.
func Required(body any) any {
	if v := reflect.ValueOf(body); body == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		return Missing{}
	}
	return body
}

// ErrNoClient says that a service was used that no client made.
var ErrNoClient = errors.New("dwolla: the client was not made by NewClient")

func send(ctx context.Context, c Caller, req *Request, dst any) (*Response, error) {
	if c == nil {
		return nil, NoClient(req)
	}
	return c.Call(ctx, req, dst)
}

// NoClient is the error of a request without a client. One that repeats a request whose outcome is unknown leaves it so.
func NoClient(req *Request) error {
	err := ErrNoClient
	if o := Apply(req.Options); o.StillUnknown != nil && req.Op.Method == http.MethodPost && !req.Op.Public {
		err = o.StillUnknown(err)
	}
	return option.Unsent(req.Options, err)
}

// Do calls an operation that answers without a body.
func Do(ctx context.Context, c Caller, req *Request) error { return Fetch(ctx, c, req, nil) }

// Fetch calls an operation that answers with a resource, and reads it into dst, a pointer.
func Fetch(ctx context.Context, c Caller, req *Request, dst any) error {
	_, err := send(ctx, c, req, dst)
	return err
}

// Create calls an operation that answers with the Location of what it created.
func Create[T any](ctx context.Context, c Caller, req *Request) (*api.Ref[T], error) {
	created, err := send(ctx, c, req, nil)
	if err != nil {
		return nil, err
	}
	return NewRef[T](c, created), nil
}

// NewRef refers to what an answer says was created.
func NewRef[T any](c Caller, created *Response) *api.Ref[T] {
	return api.NewRef(created.Location, created.ID, func(ctx context.Context, opts []Option, dst *T) error {
		return Fetch(ctx, c, &Request{Op: &opFollow, Href: created.Location, Options: opts, FollowUp: true}, dst)
	})
}

var opFollow = Op{Name: "Follow", Method: http.MethodGet, Path: "(by href)"}

// Follow reads what an href leads to into dst, a pointer.
func Follow(ctx context.Context, c Caller, href string, opts []Option, dst any) error {
	return Fetch(ctx, c, &Request{Op: &opFollow, Href: href, Options: opts}, dst)
}
