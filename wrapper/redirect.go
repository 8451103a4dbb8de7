package dwolla

import (
	"net/http"
)

// A redirectless transport keeps redirects from net/http, which keeps the token on a change from https to http, makes
// a GET of a POST, and gives up the whole answer where a Location is not a URL. The status alone says what it was.
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
		setAside(resp.Header, "Location", "location")
	}
	return resp, nil
}

// CloseIdleConnections passes on what http.Client asks for.
func (t redirectless) CloseIdleConnections() {
	if closer, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// setAside renames a header: net/http looks for canonical names only.
func setAside(h http.Header, from, to string) {
	if v, ok := h[from]; ok {
		delete(h, from)
		h[to] = v
	}
}
