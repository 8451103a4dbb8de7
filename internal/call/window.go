package call

import (
	"net/url"
	"strconv"
	"strings"
)

const (
	// pageSize is what a walk asks for: the largest page that Dwolla documents, for customers and for the mass payments
	// of an account. Other lists may give less; the answer is believed.
	pageSize = 200

	// transferWindow is how far limit and offset together reach into a list of transfers.
	transferWindow = 10_000
)

// Windowed are the parameters of a list that takes a limit and an offset.
type Windowed interface {
	Encoder
	Window() (limit, offset int)
	WithWindow(limit, offset int) Encoder
}

// A window is a part of a list.
type window struct{ limit, offset int }

// windowOf reads the window that a request asks for; a limit of 0 is none.
func windowOf(req *Request) window {
	switch params := req.Query.(type) {
	case Windowed:
		limit, offset := params.Window()
		return window{limit, offset}
	case Values:
		w, _ := windowOfQuery(url.Values(params))
		return w
	default:
		w, _ := windowOfHref(req.Href)
		return w
	}
}

// windowOfHref reads the window of a link to a page, and reports whether it names an offset.
func windowOfHref(href string) (window, bool) {
	u, err := url.Parse(href)
	if err != nil {
		return window{}, false
	}
	return windowOfQuery(u.Query())
}

func windowOfQuery(query url.Values) (window, bool) {
	limit, _ := strconv.Atoi(query.Get("limit"))
	offset, err := strconv.Atoi(query.Get("offset"))
	return window{limit, offset}, err == nil
}

// withWindow is a request for another part of the same list. An href stays as it came, for the client to judge.
func withWindow(req *Request, w window) *Request {
	out := *req
	if params, ok := req.Query.(Windowed); ok {
		out.Query = params.WithWindow(w.limit, w.offset)
		return &out
	}
	u, err := url.Parse(req.Href)
	if err != nil {
		return &out
	}
	query := u.Query()
	query.Set("limit", strconv.Itoa(w.limit))
	if w.offset > 0 || query.Has("offset") {
		query.Set("offset", strconv.Itoa(w.offset))
	}
	out.Query = Values(query)
	return &out
}

// rawQuery is the query of a link that holds nothing else.
type rawQuery string

// Query implements Encoder.
func (q rawQuery) Query() (string, error) { return string(q), nil }

// following is the request of the page that a link of another page leads to.
func following(req *Request, next string) *Request {
	out := *req
	query, relative := strings.CutPrefix(next, "?")
	switch {
	case !relative:
		out.Href, out.Query = next, nil
	case req.Href == "":
		out.Query = rawQuery(query)
	default:
		list, _, _ := strings.Cut(req.Href, "?")
		out.Href, out.Query = list+next, nil
	}
	return &out
}

// reach is how far a list can be walked; 0 is to its end.
func reach(req *Request) int {
	path := req.Op.Path
	if req.Href != "" {
		path, _, _ = strings.Cut(req.Href, "?")
	}
	if strings.HasSuffix(path, "/transfers") {
		return transferWindow
	}
	return 0
}

// place names a page whatever the order of its parameters, to notice one that comes again.
func place(u *url.URL) string {
	query := u.Query()
	if query.Get("offset") == "0" {
		query.Del("offset")
	}
	return u.EscapedPath() + "?" + query.Encode()
}
