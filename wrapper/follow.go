package dwolla

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/dwolla-go/dwolla-go/internal/call"
	"github.com/dwolla-go/dwolla-go/internal/option"
	"github.com/dwolla-go/dwolla-go/internal/paging"
	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// Follow reads the resource that a link leads to. A link that the resource does not have at present is ErrNoLink; one to
// another origin is ErrForeignLink and is never fetched.
//
//	source, err := dwolla.Follow(ctx, client, massPayment.Links.Source)
func Follow[T any](ctx context.Context, c *Client, link Link[T], opts ...CallOption) (*T, error) {
	if link.IsZero() {
		return nil, option.Unsent(opts, errNoLink)
	}
	out := new(T)
	if _, ok := any(out).(json.Unmarshaler); !ok {
		return nil, option.Unsent(opts, argument("link", "is not to a resource of this package"))
	}
	if err := call.Follow(ctx, c.via(), link.Href, opts, out); err != nil {
		return nil, err
	}
	return out, nil
}

var errNoLink = &LinkError{Kind: ErrNoLink, Reason: "the resource does not offer it now"}

// A Page is a page of a list of T, such as [CustomerPage], which is a Page[Customer]. It is what a function of your own
// needs as a constraint to pass its link on to [FollowAll].
type Page[T any] interface {
	// Items are the entries of the page.
	Items() []T
	// ItemID is the id of an entry; it is empty where entries have none.
	ItemID(i int) string
	// NextHref is where the next page is; it is empty on the last one.
	NextHref() string
	// Count is how many entries the whole list has; it is 0 where the page does not say.
	Count() int
	// MaxPage is the largest limit of the list; it is 0 where the list takes no limit and offset.
	MaxPage() int
	// ListLimit is how many entries of the list can be read; 0 is all.
	ListLimit() int
}

// FollowAll iterates over all entries, page by page, of the list that a link leads to.
//
//	for transfer, err := range dwolla.FollowAll(ctx, client, customer.Links.Transfers) { … }
func FollowAll[P Page[T], T any](ctx context.Context, c *Client, link Link[P], opts ...CallOption) iter.Seq2[T, error] {
	if link.IsZero() {
		return failedList[T](opts, errNoLink)
	}
	if _, ok := any(new(P)).(json.Unmarshaler); !ok {
		return failedList[T](opts, argument("link", "is not to a page of this package"))
	}
	if _, err := queryOf(link.Href); err != nil { // the limit and the offset are added to it
		return failedList[T](opts, err)
	}
	req := &call.Request{Op: &opGet, Href: link.Href, Options: opts}
	return paging.All(ctx, c.via(), req, func() paging.Page[T] { return any(new(P)).(paging.Page[T]) })
}

// failedList is a list that cannot be read.
func failedList[T any](opts []CallOption, err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		yield(zero, option.Unsent(opts, err))
	}
}

var (
	opGet    = call.Op{Name: "Get", Method: http.MethodGet, Path: "(by href)"}
	opPost   = call.Op{Name: "Post", Method: http.MethodPost, Path: "(by href)"}
	opDelete = call.Op{Name: "Delete", Method: http.MethodDelete, Path: "(by href)"}
)

// Get reads a path or href of the client's own origin that the services do not cover, with the same authorization, retries
// and errors. The query is added to that of the href, if it has one; a name that is in both is refused. Unless out is nil,
// it is a pointer that the answer is decoded into. A model, an any and a map[string]any are replaced, so that one variable
// can be polled into; any other type is filled by encoding/json, which keeps what the answer does not mention. A number in
// an any is a json.Number. What is no such pointer, or is to a type that embeds a model at any depth, is refused before anything is sent.
func (c *Client) Get(ctx context.Context, pathOrHref string, query url.Values, out any, opts ...CallOption) error {
	req := &call.Request{Op: &opGet, Href: pathOrHref, Options: opts}
	if len(query) > 0 {
		all, err := addedQuery(pathOrHref, query)
		if err != nil {
			return option.Unsent(opts, withOp(err, opGet.Name))
		}
		req.Query = all
	}
	_, err := c.do(ctx, req, out)
	return err
}

// addedQuery adds parameters to those of an href.
func addedQuery(href string, query url.Values) (call.Values, error) {
	all, err := queryOf(href)
	if err != nil {
		return nil, err
	}
	for name, values := range query {
		if all.Has(name) {
			return nil, argument("query", "has a name that the href has too")
		}
		all[name] = values
	}
	return call.Values(all), nil
}

// queryOf reads the query of an href. Whether the href is a URL, the client checks later.
func queryOf(href string) (url.Values, error) {
	href, _, _ = strings.Cut(href, "#")
	_, text, _ := strings.Cut(href, "?")
	query, err := url.ParseQuery(text)
	if err != nil {
		return nil, argument("href", "has a query that cannot be read")
	}
	return query, nil
}

// Post sends body, a model or what encoding/json encodes, to a path or href of the client's own origin that the services
// do not cover. [http.NoBody] sends no body; nil, and what is encoded as null, is refused. It has an idempotency key like
// every POST. A transfer or a mass payment, whatever its type is, is checked as Create checks it. The reference is that of
// the answer's Location, if there is one. It comes with the error, too, if something was created and its answer does not fit
// out: [Error.Committed] says so. With any other error it is nil.
func (c *Client) Post(ctx context.Context, pathOrHref string, body, out any, opts ...CallOption) (*Ref[Object], error) {
	req := &call.Request{Op: &opPost, Href: pathOrHref, Options: opts}
	switch v := reflect.ValueOf(body); {
	case body == nil, v.Kind() == reflect.Pointer && v.IsNil():
		refuseArgument(req, "body", "is nil; http.NoBody is that of a request without one")
	case body != http.NoBody:
		req.Body = anyBody{body}
	}
	resp, err := c.do(ctx, req, out)
	if !carriedOut(err) || resp == nil {
		return nil, err
	}
	return call.NewRef[Object](c.via(), resp), err
}

// Delete removes what a path or href of the client's own origin leads to, where the services do not cover it. It has no
// idempotency key, as no DELETE has one. Unless out is nil, the answer is decoded into it.
func (c *Client) Delete(ctx context.Context, pathOrHref string, out any, opts ...CallOption) error {
	_, err := c.do(ctx, &call.Request{Op: &opDelete, Href: pathOrHref, Options: opts}, out)
	return err
}

func (c *Client) do(ctx context.Context, req *call.Request, out any) (*call.Response, error) {
	via := c.via()
	if via == nil {
		return nil, call.NoClient(req)
	}
	if out == nil {
		return via.Call(ctx, req, nil)
	}
	if reason := unfit(out); reason != "" {
		refuseArgument(req, "out", reason)
	}
	return via.Call(ctx, req, anyTarget{out})
}

// refuseArgument ends a request before it is sent.
func refuseArgument(req *call.Request, name, reason string) {
	req.Options = append(slices.Clip(req.Options), func(o *call.Options) { o.Err = argument(name, reason) })
}

// unfit says why no answer can be decoded into a value, if that is so.
func unfit(out any) string {
	v := reflect.ValueOf(out)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return "is not a pointer to a variable"
	}
	t := v.Type()
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() { //nolint:exhaustive // all others can be decoded
	case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		if !reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
			return "is of a type that encoding/json cannot decode"
		}
	}
	if wire.Embeds(t) {
		return errEmbedded.Error()
	}
	return ""
}

func (c *Client) via() call.Caller {
	if c == nil || c.caller == nil {
		return nil
	}
	return c.caller
}

// anyBody and anyTarget are values of the caller, which the codec or encoding/json knows.
type anyBody struct{ v any }

func (b anyBody) EncodeWire(e *wire.Encoder) {
	if wire.Embeds(reflect.TypeOf(b.v)) {
		e.Fail(errEmbedded)
		return
	}
	e.Value(b.v)
}

type anyTarget struct{ v any }

func (t anyTarget) DecodeWire(d *wire.Decoder) { d.Value(t.v) }

var errEmbedded = errors.New("the type embeds a model or another type of this package, whose methods know nothing of the other fields: give it a field name")
