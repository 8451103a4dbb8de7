package dwolla

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/call"
	"github.com/dwolla-go/dwolla-go/internal/wire"
)

const (
	headerIdempotencyKey = api.HeaderIdempotencyKey
	headerRequestID      = api.HeaderRequestID
)

// A caller is the one place through which every request of a client goes: it builds the request, sends it through
// the chain (chain.go) and decodes the answer.
type caller struct {
	origin *origin
	http   *http.Client
	token  *tokenSource
	cfg    *config
	budget *retryBudget
	keys   keyring
	send   handler // the chain

	accept, userAgent []string // headers that never change
}

func newCaller(cfg *config, o *origin) *caller {
	c := &caller{
		origin: o, cfg: cfg, budget: newRetryBudget(cfg.retries.Budget),
		accept: []string{api.MediaTypeHAL}, userAgent: []string{cfg.userAgent},
	}
	if cfg.httpClient != nil {
		c.http = withoutRedirects(cfg.httpClient)
	} else {
		c.http = withoutRedirects(newHTTPClient(cfg.timeouts))
	}
	c.token = newTokenSource(cfg, o, c.http)
	c.send = c.chain()
	return c
}

// Call implements call.Caller.
func (c *caller) Call(ctx context.Context, req *call.Request, dst any) (*call.Response, error) {
	if ctx == nil {
		return nil, &ArgumentError{Op: req.Op.Name, Argument: "ctx", Reason: "is nil"}
	}
	e, err := c.newExchange(ctx, req)
	if err != nil {
		return nil, withOp(err, req.Op.Name)
	}
	resp, err := c.send(e.request(ctx)) //nolint:bodyclose // attempt has read and closed it; this one is in memory
	answered := err == nil
	if answered {
		err = c.finish(e, resp, dst)
	}
	out := c.response(e, resp)
	for _, tell := range e.opts.Response {
		tell(*out)
	}
	if err != nil {
		err = c.unknown(e, err)
	}
	if len(c.cfg.middleware) == 0 { // middleware may keep a body, or still be at work on the call
		e.body.release()
		if answered {
			recycle(resp.Body)
		}
	}
	return out, err
}

// newExchange checks what the caller passed and builds everything that all attempts share.
func (c *caller) newExchange(ctx context.Context, req *call.Request) (*exchange, error) {
	e := &exchange{op: req.Op, opts: call.Apply(req.Options), header: make(http.Header, 8)}
	if e.opts.Err != nil {
		return nil, e.opts.Err
	}
	if err := ctx.Err(); err != nil {
		return nil, e.newError(OutcomeCanceled, ended(ctx))
	}
	var err error
	if e.url, err = c.target(req); err != nil {
		return nil, err
	}
	maps.Copy(e.header, e.opts.Header)
	if e.header["Accept"] == nil {
		e.header["Accept"] = c.accept
	}
	e.header["User-Agent"] = c.userAgent
	if err := e.encode(ctx, req); err != nil {
		return nil, err
	}
	return e, nil
}

// target is the URL of the request.
func (c *caller) target(req *call.Request) (*url.URL, error) {
	if req.Href != "" {
		u, err := c.origin.resolve(req.Href)
		if err != nil || req.Query == nil {
			return u, err
		}
		u.RawQuery, err = req.Query.Query()
		return u, err
	}
	path, err := c.origin.expand(req.Op.Name, req.Op.Path, req.IDs[:])
	if err != nil {
		return nil, err
	}
	query := ""
	if req.Query != nil {
		if query, err = req.Query.Query(); err != nil {
			return nil, &ArgumentError{Argument: "params", Reason: "cannot be encoded", Err: err}
		}
	}
	return c.origin.at(path, query), nil
}

// finish decodes an answer of 2xx.
func (c *caller) finish(e *exchange, resp *http.Response, dst any) error {
	data, err := readAll(resp, c.cfg.limits.Body)
	if err != nil {
		return e.badResponse(resp, err)
	}
	body := bytes.TrimSpace(data)
	if bytes.HasPrefix(body, []byte("<")) && (dst != nil || resp.Header.Get("Location") == "") {
		return e.notDwolla(resp, data)
	}
	if dst == nil {
		return nil
	}
	if resp.StatusCode == http.StatusNoContent || len(body) == 0 {
		return e.badResponse(resp, errors.New("the answer has no body"))
	}
	if _, any := dst.(anyTarget); !any && emptyObject(body) {
		return e.badResponse(resp, errors.New("the answer is an empty object"))
	}
	if err := wire.Unmarshal(body, dst); err != nil {
		bad := e.badResponse(resp, err)
		bad.body = newSecret(string(data))
		return bad
	}
	return nil
}

// emptyObject reports whether a text without space around it is {}: an answer, but no resource.
func emptyObject(body []byte) bool {
	return body[0] == '{' && len(bytes.TrimSpace(body[1:])) == 1 && body[len(body)-1] == '}'
}

// notDwolla is a page that a proxy or a captive portal put in the place of the answer: it says nothing of what became
// of the request.
func (e *exchange) notDwolla(resp *http.Response, page []byte) *Error {
	err := e.badResponse(resp, errors.New("the answer is a page and not the API's"))
	err.body = newSecret(string(page))
	if !e.safe() {
		err.Outcome, err.Committed = OutcomeUnknown, false
	}
	return err
}

// An exchange is one logical call: what all its attempts share, and what is known of them.
type exchange struct {
	op     *call.Op
	url    *url.URL
	opts   call.Options
	header http.Header
	body   *payload // nil when there is none

	key           string
	correlationID string
	authorization string // of the attempt under way

	attempts  int
	earlier   []*Error  // how the attempts before this one ended
	first     time.Time // when the first attempt began
	ambiguous bool      // an attempt may have reached Dwolla and no answer settles it
}

type exchangeKey struct{}

// exchangeOf finds the exchange that a request of the chain belongs to.
func exchangeOf(req *http.Request) *exchange {
	e, _ := req.Context().Value(exchangeKey{}).(*exchange)
	return e
}

// Operation names the operation that a request belongs to.
type Operation struct {
	Name   string // "MassPayments.Create"
	Method string
	Path   string // template, "/mass-payments/{id}": fit for a metric's label
}

// OperationOf tells a middleware which operation its request is.
func OperationOf(req *http.Request) Operation {
	e := exchangeOf(req)
	if e == nil {
		return Operation{}
	}
	return Operation{Name: e.op.Name, Method: e.op.Method, Path: e.op.Path}
}

// safe reports whether the request changes nothing at Dwolla; one more token is nothing.
func (e *exchange) safe() bool {
	return e.op.Method == http.MethodGet || e.op.Method == http.MethodHead || e.op.Path == tokenPath
}

// request is the request of the whole call. Its attempts are clones of it.
func (e *exchange) request(ctx context.Context) *http.Request {
	req := http.Request{
		Method: e.op.Method, URL: e.url, Host: e.url.Host, Header: e.header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	return req.WithContext(context.WithValue(ctx, exchangeKey{}, e))
}

// encode makes the bytes of the body, once: attempts resend them and never encode anew.
func (e *exchange) encode(ctx context.Context, req *call.Request) error {
	switch {
	case req.Multipart != nil:
		data, contentType, err := encodeMultipart(ctx, req.Multipart, e.opts.UncheckedDocument)
		if ctx.Err() != nil {
			return e.newError(OutcomeCanceled, ended(ctx))
		}
		if err != nil {
			return err
		}
		e.body = newPayload(data)
		e.header.Set("Content-Type", contentType)
	case req.Form != nil:
		form := url.Values{}
		for _, p := range req.Form {
			form.Set(p.Name, p.Value)
		}
		e.body = newPayload([]byte(form.Encode()))
		e.header.Set("Content-Type", "application/x-www-form-urlencoded")
	case req.Body != nil:
		if err := validateBody(req.Body); err != nil {
			return err
		}
		data, err := wire.Append(buffer(roughSize(req.Body)), req.Body)
		if err != nil {
			return &ArgumentError{Argument: "body", Reason: "cannot be encoded", Err: err}
		}
		e.body = newPayload(data)
		e.header["Content-Type"] = []string{api.MediaTypeHAL}
		e.correlationID = correlationIDOf(req.Body)
	}
	return nil
}

// response is what the caller may know of the answer.
func (c *caller) response(e *exchange, resp *http.Response) *call.Response {
	out := &call.Response{URL: e.url, IdempotencyKey: e.key, Attempts: e.attempts}
	if resp == nil {
		return out
	}
	setAside(resp.Header, "location", "Location") // of a redirect, see redirect.go
	out.StatusCode, out.Header = resp.StatusCode, resp.Header
	out.Location, out.ID = c.location(resp.Header)
	return out
}

// location is where an answer says that the result is, and its id. A Location of another origin is given as it came,
// without an id: something was created, and its place will not be asked.
func (c *caller) location(h http.Header) (href, id string) {
	values := h["Location"]
	if len(values) == 0 || slices.ContainsFunc(values, func(v string) bool { return v != values[0] }) {
		return "", ""
	}
	u, err := c.origin.resolve(values[0])
	if err != nil {
		return values[0], ""
	}
	if strings.Contains(values[0], "://") {
		return values[0], LinkTo[Object](values[0]).ID()
	}
	return u.String(), LinkTo[Object](u.String()).ID()
}

// newError is an error of this exchange.
func (e *exchange) newError(outcome Outcome, err error) *Error {
	return &Error{
		Op: e.op.Name, Method: e.op.Method, Path: e.op.Path, Outcome: outcome,
		Attempts: e.attempts, IdempotencyKey: e.key, Err: err,
	}
}

// badResponse is an answer of 2xx that cannot be used.
func (e *exchange) badResponse(resp *http.Response, cause error) *Error {
	err := e.newError(OutcomeBadResponse, cause)
	err.StatusCode, err.RequestID = resp.StatusCode, requestID(resp.Header)
	err.Committed = !e.safe()
	return err
}

// bodyHash is the SHA-256, in hex, of the bytes of the request.
func (e *exchange) bodyHash() string {
	var sent []byte
	if e.body != nil {
		sent = e.body.bytes
	}
	sum := sha256.Sum256(sent)
	return hex.EncodeToString(sum[:])
}

// withOp names the operation in an argument error that does not yet.
func withOp(err error, op string) error {
	if arg, ok := errors.AsType[*ArgumentError](err); ok && arg.Op == "" {
		named := *arg
		named.Op = op
		return &named
	}
	if link, ok := errors.AsType[*LinkError](err); ok {
		return &ArgumentError{Op: op, Argument: "href", Reason: "cannot be followed", Err: link}
	}
	return err
}
