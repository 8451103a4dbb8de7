package dwolla

import (
	"context"
	"maps"
	"net/http"
	"net/url"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/call"
	"github.com/dwolla-go/dwolla-go/internal/option"
)

const (
	headerIdempotencyKey = api.HeaderIdempotencyKey
	headerRequestID      = api.HeaderRequestID
)

// A caller sends every request of a client: it builds the request, sends it through the chain (transport_chain.go) and
// tells what was answered.
type caller struct {
	origin *origin
	http   *http.Client
	token  *tokenSource
	cfg    *config
	budget *retryBudget
	keys   idempotencyCache
	send   handler // the chain

	foreign bool // the transport or the cookie jar is code of the user's
	traced  bool // the transport is net/http's, whose hooks tell all that it sends

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
	c.foreign, c.traced = isForeign(cfg.httpClient), isTraced(cfg.httpClient)
	c.token = newTokenSource(cfg, o, c.http)
	c.send = c.chain()
	return c
}

// Call implements call.Caller.
func (c *caller) Call(ctx context.Context, req *call.Request, dst any) (*call.Response, error) {
	p, err := c.newPendingCall(ctx, req)
	if err != nil {
		return nil, option.Unsent(req.Options, c.stillUnknown(p, call.What{}, finalArgument(err, req)))
	}
	var asked call.What
	if p.opts.HasIdempotencyKey {
		asked = p.what()
	}
	p, resp, err := c.dispatch(ctx, p) //nolint:bodyclose // attempt has read and closed it; this one is in memory
	if err == nil {
		if err = c.decode(ctx, p, resp, dst); err != nil {
			err = c.finalError(p, err)
		}
		if len(c.cfg.middleware) == 0 { // middleware may keep the body
			recycleBody(resp.Body)
		}
	}
	err = c.stillUnknown(p, asked, err)
	if req.FollowUp {
		err = followUp(err)
	}
	out := c.response(p, resp)
	p.opts.Tell(*out)
	return out, err
}

// dispatch sends a call through the chain. The call that it returns is no longer used by anything else.
func (c *caller) dispatch(ctx context.Context, p *pendingCall) (*pendingCall, *http.Response, error) {
	if len(c.cfg.middleware) == 0 {
		resp, err := c.send(p.request(ctx))
		p.body.release()
		return p, resp, err
	}
	resp, err := isolateFor(ctx, chainGrace, func() (*http.Response, error) { return c.send(p.request(ctx)) })
	if !lost(err) {
		p.gate.close()
		return p, resp, err
	}
	c.cfg.logPanic(ctx, err)
	left := p.left()
	return left, nil, c.finalError(left, left.abandoned(ctx, err))
}

// finalArgument gives an error of newPendingCall its final form.
func finalArgument(err error, req *call.Request) error {
	err = withOp(err, req.Op.Name)
	if req.FollowUp {
		err = followUp(err)
	}
	return err
}

// newPendingCall checks the arguments and builds what all attempts share. With an error it returns what there is of that.
func (c *caller) newPendingCall(ctx context.Context, req *call.Request) (*pendingCall, error) {
	p := &pendingCall{
		op: req.Op, origin: c.origin, env: c.cfg.env, opts: call.Apply(req.Options), header: make(http.Header, 8),
	}
	if ctx == nil {
		return p, argument("ctx", "is nil")
	}
	if p.opts.Err != nil {
		return p, p.opts.Err
	}
	if req.Href == "" && req.Op.Path == opGet.Path {
		return p, argument("path", "is empty")
	}
	if err := misplaced(&p.opts, req); err != nil {
		return p, err
	}
	if ctx.Err() != nil {
		return p, p.canceledBefore(ctx)
	}
	var err error
	if p.url, err = c.target(req); err != nil {
		return p, err
	}
	maps.Copy(p.header, p.opts.Header)
	if p.header["Accept"] == nil {
		p.header["Accept"] = c.accept
	}
	p.header["User-Agent"] = c.userAgent
	data, contentType, err := encodeBody(ctx, req, p.opts.UncheckedDocument)
	if (err != nil || req.Multipart != nil) && ctx.Err() != nil { // reading a document takes time, and so may what encodes itself
		return p, p.canceledBefore(ctx)
	}
	if err == nil && req.Op == &opPost {
		err = validateAny(c.origin.path(p.url), req.Body, data)
	}
	if err != nil {
		return p, err
	}
	if contentType != "" {
		p.body = newRequestBody(data)
		p.header["Content-Type"] = []string{contentType}
		p.correlationID = correlationIDOf(req.Body, data)
	}
	return p, nil
}

// target returns the URL of a request.
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

// response returns what the caller may know of the answer besides its body.
func (c *caller) response(p *pendingCall, resp *http.Response) *call.Response {
	out := &call.Response{URL: p.url, IdempotencyKey: p.key, Attempts: p.attempts}
	if resp == nil {
		return out
	}
	renameHeader(resp.Header, "location", "Location") // of a redirect, see redirect.go
	out.StatusCode, out.Header = resp.StatusCode, resp.Header
	out.Location, out.ID = c.origin.location(resp.Header)
	return out
}
