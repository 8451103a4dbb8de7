package dwolla

import "net/http"

// A redirectless transport hides the Location of a redirect from net/http. Following it, net/http would send the token on
// from https to http, make a GET of a POST, and drop the whole answer when the Location is no URL.
type redirectless struct{ next http.RoundTripper }

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
	resp, err := next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp == nil || resp.Body == nil {
		return nil, errNoAnswer
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		renameHeader(resp.Header, "Location", "location")
	}
	return resp, nil
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
