package paging

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/dwolla-go/dwolla-go/internal/call"
	"github.com/dwolla-go/dwolla-go/internal/reference"
)

// Limits of a walk, far above any real list: a server that never ends must not keep a caller forever.
const (
	maxPages      = 100_000
	maxEmptyPages = 100 // one after the other
)

// A walk decides which pages to ask for. It is told of the pages in their order, and sends nothing.
type walk struct {
	first     *call.Request
	windowed  bool // the list takes a limit and an offset
	listLimit int  // how many entries can be read; 0 is all
	ahead     int  // pages to prefetch
	whole     bool // every page must be one, and the total is believed even of a filtered list

	// Of the page at hand:
	unlisted bool // it has no list, not even an empty one
	repeated int  // how many of its entries came before
	stale    bool // all of them did, or were those of the last page where entries have no id

	pages      int  // so far
	listed     int  // different entries so far
	firstTotal int  // that a page named first, and
	total      int  // last; 0 if none did
	start      int  // the offset of the first page
	offset     int  // where the pages so far end, or a link has led
	overlaps   bool // without a link, it was asked from the last entry on: of a list with gaps, some come again

	sequential sequential
	parallel   *parallel // nil in sequential mode
	err        error     // why the list cannot be read further
}

func newWalk(first *call.Request, p page, opts call.Options) *walk {
	_, params := first.Query.(Windowed)
	w := &walk{
		first: first, windowed: params || first.Href != "" && p.MaxPage() > 0, listLimit: p.ListLimit(), ahead: defaultAhead,
	}
	w.whole = opts.Whole
	if opts.PagesAhead != nil {
		w.ahead = *opts.PagesAhead
	}
	at := windowOf(first)
	if at.limit == 0 && w.windowed {
		w.first = withWindow(first, window{p.MaxPage(), at.offset})
	}
	w.start, w.offset = at.offset, at.offset
	w.sequential = sequential{next: w.first, seen: map[string]bool{}}
	return w
}

// request is the next request to send; nil at the end, and while only the page under way can tell.
func (w *walk) request() *call.Request {
	if w.parallel != nil {
		return w.parallel.request(w.first)
	}
	return w.sequential.request()
}

// advance decides from a page of n entries what to ask for next. It reports whether the pages under way are to be
// dropped, because they are not those that follow.
func (w *walk) advance(p page, n int, resp *call.Response) (drop bool) {
	if resp.Attempts > 1 {
		w.ahead = min(w.ahead, max(1, w.ahead/2)) // the API is busy
	}
	if resp.URL != nil {
		w.sequential.path = resp.URL.Path
		if w.parallel == nil { // which only goes on
			w.sequential.seen[pageKey(resp.URL)] = true
		}
	}
	start := w.offset
	w.offset += n
	w.listed += n - w.repeated
	w.pages++
	if p.Count() > 0 {
		w.total = p.Count()
		w.firstTotal = cmp.Or(w.firstTotal, w.total)
	}
	if err := w.refuse(p, start, n); err != nil {
		drop = w.parallel != nil
		w.parallel, w.err = nil, err
		return drop
	}
	switch {
	case w.parallel != nil && w.parallel.goesOn(start, n):
		return false
	case w.parallel != nil:
		w.parallel, drop = nil, true
	case w.canRunParallel(p, n):
		w.parallel = w.newParallel(p.Count(), n)
		return false
	}
	w.sequential.next, w.err = w.follow(p, n)
	return drop
}

// refuse says why a page of n entries at an offset is not one of the list that is walked.
func (w *walk) refuse(p page, start, n int) error {
	more := p.NextHref() != "" || w.parallel != nil && w.parallel.goesOn(start, n)
	switch {
	case w.unlisted && (w.whole || w.pages > 1 && p.Count() <= 0):
		return fmt.Errorf("%w: it has no list", ErrNoList)
	case w.whole && p.Count() < 0:
		return fmt.Errorf("%w: its total is %d", ErrNoList, p.Count())
	case reference.OfAnother(listPath(w.sequential.path), p.NextHref()):
		return fmt.Errorf("%w: its next link leads to the list of another", ErrNoList)
	case w.stale && more && w.total-w.firstTotal < n: // a list that has grown by as much pushes its entries a page further
		return fmt.Errorf("%w: a page has nothing but entries that came before", ErrPagingLoop)
	}
	return nil
}

// listPath is the end of a path that names a list and its owner; a gateway may have put its own before it.
func listPath(path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	return strings.Join(parts[max(0, len(parts)-3):], "/")
}
