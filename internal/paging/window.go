package paging

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

// Windowed are the parameters of a list that takes a limit and an offset.
type Windowed interface {
	call.Encoder
	Window() (limit, offset int)
	WithWindow(limit, offset int) call.Encoder
}

// A window is the part of a list that a limit and an offset select.
type window struct{ limit, offset int }

// windowOf reads the window that a request asks for; a limit of 0 is none.
func windowOf(req *call.Request) window {
	switch params := req.Query.(type) {
	case Windowed:
		limit, offset := params.Window()
		return window{limit, offset}
	case call.Values:
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
func withWindow(req *call.Request, w window) *call.Request {
	out := *req
	if params, ok := req.Query.(Windowed); ok {
		out.Query = params.WithWindow(w.limit, w.offset)
		return &out
	}
	query, err := queryOf(req)
	if err != nil {
		return &out
	}
	query.Set("limit", strconv.Itoa(w.limit))
	if w.offset > 0 || query.Has("offset") {
		query.Set("offset", strconv.Itoa(w.offset))
	}
	out.Query = call.Values(query)
	return &out
}

// queryOf is the query that a request is sent with.
func queryOf(req *call.Request) (url.Values, error) {
	if req.Query != nil {
		text, err := req.Query.Query()
		query, _ := url.ParseQuery(text)
		return query, err
	}
	u, err := url.Parse(req.Href)
	if err != nil {
		return nil, err
	}
	return u.Query(), nil
}

// filtered reports whether a request has a parameter besides the limit and the offset.
func filtered(req *call.Request) bool {
	query, _ := queryOf(req)
	for name := range query {
		if name != "limit" && name != "offset" {
			return true
		}
	}
	return false
}

// rawQuery is the query of a link that has nothing else.
type rawQuery string

// Query implements [call.Encoder].
func (q rawQuery) Query() (string, error) { return string(q), nil }

// nextRequest is the request for the page that a next link leads to.
func nextRequest(req *call.Request, next string) *call.Request {
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
