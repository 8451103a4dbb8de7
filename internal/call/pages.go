package call

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"sync"
)

// A Page is one page of a list of T. Its pointer is a model.
type Page[T any] interface {
	Items() []T
	page
}

// A page is a Page whatever its entries are: a walk is the same for all lists, and compiled once.
type page interface {
	ItemID(i int) string // empty where entries have none
	NextHref() string    // empty on the last page
	Count() int          // of all pages together; 0 where the page does not say
	Windowed() bool      // the list takes a limit and an offset
}

// Limits of a walk, far above any real list: a server that never ends must not keep a caller forever.
const (
	maxPages      = 100_000
	maxEmptyPages = 100 // one after the other
)

// defaultAhead is how many pages a walk asks for while the caller works on one.
const defaultAhead = 2

var (
	// ErrPagingLoop says that the pages of a list lead in a circle or never end.
	ErrPagingLoop = errors.New("dwolla: the pages of the list do not end")
	// ErrIncompleteList says that a list ended before the total that it names.
	ErrIncompleteList = errors.New("dwolla: the list ended before its total")
	// ErrListWindow says that a list holds more than can be listed.
	ErrListWindow = fmt.Errorf("dwolla: only the first %d transfers can be listed; narrow the search by date", transferWindow)
)

// All yields every entry of every page; newPage makes an empty one. It starts anew each time that it is ranged over,
// asks for the following pages while the caller works on one, and leaves nothing running when the caller breaks off.
//
//go:noinline // every list has one, and the first build of a program would take longer
func All[T any](ctx context.Context, c Caller, req *Request, newPage func() Page[T]) iter.Seq2[T, error] {
	l := list{
		page: func() page { return newPage() },
		size: func(p page) int { return len(p.(Page[T]).Items()) },
	}
	return func(yield func(T, error) bool) {
		err := l.walk(ctx, c, req, func(w *walk, p page) bool {
			for i, item := range p.(Page[T]).Items() {
				if !w.repeated(p.ItemID(i)) && !yield(item, nil) {
					return false
				}
			}
			return true
		})
		if err != nil {
			var zero T
			yield(zero, err)
		}
	}
}

// A list is what a walk knows of the type of its pages.
type list struct {
	page func() page    // a new one
	size func(page) int // the number of its entries
}

// walk gives each page to take until that has enough.
func (l list) walk(ctx context.Context, c Caller, req *Request, take func(*walk, page) bool) error {
	w := startWalk(ctx, c, req, l)
	defer w.stop()
	for {
		p, err := w.next()
		if err != nil || p == nil || !take(w, p) {
			return err
		}
	}
}

// A walk goes over the pages of a list. It has two gaits. By links, where each page says where the next one is: one
// page ahead at most. By offset, once a first page has shown how long pages are: several at a time. A page that is not
// what was expected brings it back to links.
type walk struct {
	ctx    context.Context // of the caller
	caller Caller
	list   list
	req    *Request // of the first page
	opts   Options
	ahead  int
	reach  int // 0 is to the end

	running sync.WaitGroup
	asked   []*asked // and not taken yet, in order
	then    *Request // to be asked for when nothing is; nil at the end
	failure error    // to be returned when nothing is asked for

	stride int // entries of a page, in the gait by offset; 0 in the gait by links
	offset int // of the next page to ask for, in the gait by offset
	end    int // where that gait ends

	taken   int    // pages
	empty   int    // pages one after the other
	reached int    // offset after the last entry
	path    string // of the last page
	seen    map[string]bool
	ids     map[string]bool
}

// An asked page is on its way, or there.
type asked struct {
	window window
	done   chan struct{}
	cancel context.CancelFunc

	page  page
	resp  *Response
	err   error
	panic any
}

func startWalk(ctx context.Context, c Caller, req *Request, l list) *walk {
	w := &walk{
		ctx: ctx, caller: c, list: l, opts: Apply(req.Options), ahead: defaultAhead, reach: reach(req), seen: map[string]bool{},
	}
	if w.opts.PagesAhead != nil {
		w.ahead = *w.opts.PagesAhead
	}
	if w.opts.Distinct {
		w.ids = map[string]bool{}
	}
	own := *req
	// Answers are told of when they are the caller's turn, not when they come.
	own.Options = slices.Concat(req.Options, []Option{func(o *Options) { o.Response = nil }})
	w.req = &own
	if at := windowOf(w.req); at.limit == 0 && w.windowed() {
		w.req = withWindow(w.req, window{pageSize, at.offset})
	}
	w.reached = windowOf(w.req).offset
	w.then = w.req
	return w
}

// windowed reports whether pages can be asked for by offset.
func (w *walk) windowed() bool {
	_, params := w.req.Query.(Windowed)
	return params || w.req.Href != "" && w.list.page().Windowed()
}

// stop ends what is under way, and waits for it.
func (w *walk) stop() {
	w.drop()
	w.running.Wait()
}

func (w *walk) drop() {
	for _, a := range w.asked {
		a.cancel()
	}
	w.asked = nil
}

// ask starts to read a page.
func (w *walk) ask(req *Request) {
	ctx, cancel := context.WithCancel(w.ctx)
	a := &asked{window: windowOf(req), done: make(chan struct{}), cancel: cancel, page: w.list.page()}
	w.asked = append(w.asked, a)
	w.running.Go(func() {
		defer close(a.done)
		defer func() { a.panic = recover() }() // it belongs to the caller's goroutine
		a.resp, a.err = send(ctx, w.caller, req, a.page)
	})
}

// next is the next page, or nil at the end.
func (w *walk) next() (page, error) {
	if w.ctx == nil || w.ctx.Err() != nil {
		_, err := send(w.ctx, w.caller, w.req, nil) // says so, and sends nothing
		return nil, cmp.Or(err, context.Canceled)
	}
	if len(w.asked) == 0 {
		if w.failure != nil || w.then == nil {
			return nil, w.failure
		}
		w.askThen()
	}
	a := w.asked[0]
	w.asked = w.asked[1:]
	<-a.done
	a.cancel()
	if a.panic != nil {
		panic(a.panic)
	}
	if a.resp != nil {
		for _, tell := range w.opts.Response {
			tell(*a.resp)
		}
	}
	if a.err != nil {
		return nil, a.err
	}
	w.take(a)
	return a.page, nil
}

func (w *walk) askThen() {
	w.ask(w.then)
	w.then = nil
}

// take decides from a page what to ask for next, and asks as far ahead as it may.
func (w *walk) take(a *asked) {
	p := a.page
	n := w.list.size(p)
	w.taken++
	w.reached += n
	if a.resp == nil {
		a.resp = &Response{} // of a caller that tells nothing
	}
	if a.resp.Attempts > 1 {
		w.ahead = min(w.ahead, max(1, w.ahead/2)) // Dwolla is busy
	}
	if a.resp.URL != nil {
		w.path = a.resp.URL.Path
		if w.stride == 0 { // by offset, a walk only goes on
			w.seen[place(a.resp.URL)] = true
		}
	}
	if w.stride > 0 && (n != a.window.limit || w.offset >= w.end && len(w.asked) == 0) {
		w.stride = 0
		w.drop()
	}
	switch {
	case w.stride > 0:
	case w.taken == 1 && w.canStride(p, n):
		w.stride, w.offset, w.end = n, w.reached, p.Count()
		if w.reach > 0 {
			w.end = min(w.end, w.reach)
		}
	default:
		w.then, w.failure = w.link(p, n)
	}
	w.askAhead()
}

func (w *walk) askAhead() {
	if w.then != nil && w.ahead > 0 {
		w.askThen()
	}
	for w.stride > 0 && w.offset < w.end && len(w.asked) < w.ahead {
		limit := w.stride
		if w.reach > 0 {
			limit = min(limit, w.reach-w.offset)
		}
		w.ask(withWindow(w.req, window{limit, w.offset}))
		w.offset += limit
	}
}

// canStride reports whether a first page shows how long the pages are: it is full, or its link says that the server
// chose another limit, and the link leads to where it ends.
func (w *walk) canStride(p page, n int) bool {
	next, ok := windowOfHref(p.NextHref())
	return w.ahead > 1 && w.windowed() && ok && next.offset == w.reached && n > 0 && p.Count() > w.reached+n &&
		(n == windowOf(w.req).limit || n == next.limit)
}

// link is the request that the link of a page makes, nil at the end, or why there is none.
func (w *walk) link(p page, n int) (*Request, error) {
	next := p.NextHref()
	if n == 0 {
		w.empty++
	} else {
		w.empty = 0
	}
	if next == "" {
		return w.rest(p, n)
	}
	req := following(w.req, next)
	to, byOffset := windowOfHref(next)
	switch {
	case w.taken >= maxPages:
		return nil, fmt.Errorf("%w: more than %d pages", ErrPagingLoop, maxPages)
	case w.empty >= maxEmptyPages:
		return nil, fmt.Errorf("%w: %d empty pages", ErrPagingLoop, w.empty)
	case w.again(next), w.windowed() && byOffset && n > 0 && to.offset < w.reached:
		return nil, fmt.Errorf("%w: a page leads back", ErrPagingLoop)
	case w.reach > 0 && byOffset && to.offset >= w.reach:
		return nil, ErrListWindow
	case w.reach > 0 && byOffset && to.limit > w.reach-to.offset:
		return withWindow(req, window{w.reach - to.offset, to.offset}), nil
	}
	return req, nil
}

// rest is what a page without a link leaves of the list's total: what the total says is still there is asked for.
func (w *walk) rest(p page, n int) (*Request, error) {
	switch {
	case !w.windowed() || p.Count() <= w.reached:
		return nil, nil
	case w.reach > 0 && w.reached >= w.reach:
		return nil, ErrListWindow
	case n == 0:
		return nil, fmt.Errorf("%w: %d of %d", ErrIncompleteList, w.reached, p.Count())
	}
	return withWindow(w.req, window{windowOf(w.req).limit, w.reached}), nil
}

// again reports whether a link leads to a page that was taken already.
func (w *walk) again(next string) bool {
	u, err := url.Parse(next)
	if err != nil {
		return false // the client refuses it
	}
	if u.Path == "" {
		u.Path = w.path
	}
	return w.seen[place(u)]
}

// repeated reports whether an entry came before, if the caller wants to know.
func (w *walk) repeated(id string) bool {
	if w.ids == nil || id == "" {
		return false
	}
	if w.ids[id] {
		return true
	}
	w.ids[id] = true
	return false
}
