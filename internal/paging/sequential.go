package paging

import (
	"fmt"
	"net/url"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

// sequential is the mode in which each page says where the next one is.
type sequential struct {
	next  *call.Request   // nil once sent, and at the end
	seen  map[string]bool // pages, by pageKey
	path  string          // of the last page
	empty int             // pages one after the other, without a new entry
}

func (s *sequential) request() *call.Request {
	req := s.next
	s.next = nil
	return req
}

// follow is the request for the page after one of n entries: nil at the end of the list, or with the reason why it
// cannot be read further.
func (w *walk) follow(p page, n int) (*call.Request, error) {
	s := &w.sequential
	s.empty++
	if n > 0 && !w.stale {
		s.empty = 0
	}
	if w.pages >= maxPages {
		return nil, fmt.Errorf("%w: more than %d pages", ErrPagingLoop, maxPages)
	}
	href := p.NextHref()
	if href == "" {
		return w.rest(n)
	}
	req := nextRequest(w.first, href)
	to, byOffset := windowOfHref(href)
	switch {
	case s.empty >= maxEmptyPages:
		return nil, fmt.Errorf("%w: %d pages without a new entry", ErrPagingLoop, s.empty)
	case s.leadsBack(href), w.windowed && byOffset && n > 0 && to.offset < w.offset:
		return nil, fmt.Errorf("%w: a page leads back", ErrPagingLoop)
	case w.listLimit > 0 && byOffset && to.offset >= w.listLimit:
		return nil, ErrListWindow
	}
	if w.windowed && byOffset {
		w.offset = to.offset // it may leave out what the page should have had
	}
	if w.listLimit > 0 && byOffset && to.limit > w.listLimit-to.offset {
		return withWindow(req, window{w.listLimit - to.offset, to.offset}), nil
	}
	return req, nil
}

// rest is the request for what is left of the list's total after a page of n entries without a link. A total of a filtered
// list may count what the filter leaves out.
func (w *walk) rest(n int) (*call.Request, error) {
	believed := w.whole || !filtered(w.first)
	switch {
	case !w.windowed:
		return nil, nil
	case w.total <= w.offset:
		if believed && w.start+w.listed < min(w.firstTotal, w.total) { // meanwhile, the list may have grown or shrunk
			return nil, w.incomplete()
		}
		return nil, nil
	case w.listLimit > 0 && w.offset >= w.listLimit:
		return nil, ErrListWindow
	case n == 0 && !believed && !w.unlisted:
		return nil, nil
	case n == 0, n == w.repeated && believed:
		return nil, w.incomplete()
	}
	w.overlaps = true
	return withWindow(w.first, window{windowOf(w.first).limit, w.offset}), nil
}

func (w *walk) incomplete() error {
	return fmt.Errorf("%w: %d of %d", ErrIncompleteList, w.start+w.listed, w.total)
}

// leadsBack reports whether a link leads to a page that was read already.
func (s *sequential) leadsBack(href string) bool {
	u, err := url.Parse(href)
	if err != nil {
		return false // the client refuses it
	}
	if u.Path == "" {
		u.Path = s.path
	}
	return s.seen[pageKey(u)]
}

// pageKey is the same for two addresses of one page, whatever the order of their parameters.
func pageKey(u *url.URL) string {
	query := u.Query()
	if query.Get("offset") == "0" {
		query.Del("offset")
	}
	return u.EscapedPath() + "?" + query.Encode()
}
