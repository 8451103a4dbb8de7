package dwolla

import (
	"context"
	"maps"
	"net/http"
	"net/url"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/call"
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
	e, err := c.newPendingCall(ctx, req)
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

// newPendingCall checks what the caller passed and builds everything that all attempts share.
func (c *caller) newPendingCall(ctx context.Context, req *call.Request) (*pendingCall, error) {
	e := &pendingCall{op: req.Op, opts: call.Apply(req.Options), header: make(http.Header, 8)}
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

// response is what the caller may know of the answer.
func (c *caller) response(e *pendingCall, resp *http.Response) *call.Response {
	out := &call.Response{URL: e.url, IdempotencyKey: e.key, Attempts: e.attempts}
	if resp == nil {
		return out
	}
	setAside(resp.Header, "location", "Location") // of a redirect, see redirect.go
	out.StatusCode, out.Header = resp.StatusCode, resp.Header
	out.Location, out.ID = c.location(resp.Header)
	return out
}
