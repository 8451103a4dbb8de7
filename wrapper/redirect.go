package dwolla

import (
	"fmt"
	"net/http"
	"net/url"
)

// A redirectless transport is the last code of the client that a request passes, and the first that sees its answer. It
// passes only what is still the request of the call, and refuses the answer to another request: a transport that follows redirects makes a GET of a POST. And it hides the Location of a redirect from net/http, which
// would send the token on from https to http, or drop the whole answer when the Location is no URL.
type redirectless struct{ next http.RoundTripper }

// errFollowed is a kind of ErrRedirect.
var errFollowed = fmt.Errorf("%w: the answer is to another request, since the HTTP client followed a redirect", ErrRedirect)

var errMoved = argument("HTTP client", "changed the method or the origin of a request")

func withoutRedirects(client *http.Client) *http.Client {
	own := *client
	own.Transport = redirectless{client.Transport}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

func (t redirectless) RoundTrip(req *http.Request) (*http.Response, error) {
	next := t.next
	if next == nil {
		next = http.DefaultTransport
	}
	if p := pendingCallOf(req); p != nil {
		if !p.goesTo(req) {
			return nil, errMoved
		}
		req.Host = req.URL.Host
	}
	method, to := req.Method, *req.URL
	resp, err := next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp == nil || resp.Body == nil {
		return nil, errNoAnswer
	}
	if !answers(resp, req, method, &to) {
		closeBody(resp.Body)
		return nil, errFollowed
	}
	if resp.StatusCode < 200 { // the body of a 101 is the connection: it has no end, and heeds no context
		go closeBody(resp.Body)
		resp.Body, resp.ContentLength = http.NoBody, 0
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		renameHeader(resp.Header, "Location", "location")
	}
	return resp, nil
}

// answers reports whether an answer is to the request that was sent, as far as the transport tells.
func answers(resp *http.Response, sent *http.Request, method string, to *url.URL) bool {
	of := resp.Request
	if of == nil || of == sent { // a transport may rewrite a request in place
		return true
	}
	return of.Response == nil && of.Method == method && of.URL != nil && same(of.URL, to)
}

// CloseIdleConnections lets http.Client close the connections of the wrapped transport.
func (t redirectless) CloseIdleConnections() {
	if closer, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// renameHeader moves a header to another name: net/http looks for canonical names only.
func renameHeader(h http.Header, from, to string) {
	if v, ok := h[from]; ok {
		delete(h, from)
		h[to] = v
	}
}
