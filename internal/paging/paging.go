// Package paging walks over a list page by page.
//
// A walk runs in one of two modes: sequential (follow the next link, at most one page ahead) or parallel (by limit and
// offset, several pages ahead). It begins sequentially, turns parallel where the first page shows how long the pages
// are, and falls back to sequential on a page that is not what was expected. A walk decides what to ask for and sends
// nothing; a prefetch sends the requests and keeps the answers in order.
package paging

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"reflect"

	"github.com/dwolla-go/dwolla-go/internal/call"
	"github.com/dwolla-go/dwolla-go/internal/option"
	"github.com/dwolla-go/dwolla-go/internal/reference"
)

// A Page is one page of a list of T. Its pointer is a model.
type Page[T any] interface {
	Items() []T
	page
}

// A page is a Page of any type of entry.
type page interface {
	ItemID(i int) string // empty where entries have no id
	NextHref() string    // empty on the last page
	Count() int          // entries of the whole list; 0 where the page does not say
	MaxPage() int        // the largest limit of the list; 0 where it takes no limit and offset
	ListLimit() int      // how many entries of the list can be read; 0 is all
}

var (
	// ErrPagingLoop says that the pages of a list lead in a circle, repeat or never end.
	ErrPagingLoop = errors.New("dwolla: the pages of the list do not end")
	// ErrIncompleteList says that a list ended with fewer different entries than the total that it names.
	ErrIncompleteList = errors.New("dwolla: the list ended before its total")
	// ErrNoList says that a page of a list is not one: it has not even an empty list, or is of another list.
	ErrNoList = fmt.Errorf("%w: a page is none of the list", ErrIncompleteList)
	// ErrListWindow says that a list holds more than can be listed.
	ErrListWindow = errors.New("dwolla: only the first 10000 transfers can be listed; narrow the search by date")
)

// All yields every entry of every page, or the error of one that cannot be read; newPage makes an empty page. It starts anew
// each time that it is ranged over, asks for the following pages while the caller works on one, and leaves nothing running
// when the caller breaks off.
func All[T any](ctx context.Context, c call.Caller, req *call.Request, newPage func() Page[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		if c == nil {
			yield(zero, option.Unsent(req.Options, call.ErrNoClient))
			return
		}
		r := newReader(ctx, c, req, func() page { return newPage() })
		defer r.pages.stop()
		var before []T
		for {
			f, err := r.next()
			if err != nil {
				yield(zero, err)
				return
			}
			if f == nil {
				return
			}
			items := f.page.(Page[T]).Items()
			again := r.repeats(f.page, len(items))
			once := r.opts.Distinct || r.walk.overlaps
			stale := len(items) > 0 && (len(again) == len(items) || reflect.DeepEqual(items, before))
			before = items
			r.walk.unlisted, r.walk.repeated, r.walk.stale = items == nil, len(again), stale
			r.prefetch(f, len(items))
			if stale && r.walk.err != nil {
				yield(zero, r.walk.err)
				return
			}
			for i, item := range items {
				if once && again[i] {
					continue
				}
				if !yield(item, f.odd[i]) {
					return
				}
			}
		}
	}
}

// A reader reads the pages that a walk decides on.
type reader struct {
	ctx     context.Context // of the caller
	caller  call.Caller
	opts    call.Options
	newPage func() page
	walk    *walk
	pages   prefetch
	ids     map[idHash]struct{} // of the entries so far
}

// An idHash stands for the id of an entry. An id itself would keep its whole page in memory.
type idHash [16]byte

func newReader(ctx context.Context, c call.Caller, req *call.Request, newPage func() page) *reader {
	opts := call.Apply(req.Options)
	first := *req
	// The caller is told of an answer when it gets the page, not when the page comes.
	first.Options = append(option.Single(req.Options), func(o *call.Options) { o.Response = nil })
	return &reader{
		ctx: ctx, caller: c, opts: opts, newPage: newPage, walk: newWalk(&first, newPage(), opts), ids: map[idHash]struct{}{},
	}
}

// next waits for the next page; it is nil at the end.
func (r *reader) next() (*fetch, error) {
	if r.ctx == nil || r.ctx.Err() != nil {
		_, err := r.caller.Call(r.ctx, r.walk.first, nil) // says so, and sends nothing
		r.opts.Tell(call.Response{})
		return nil, cmp.Or(err, context.Canceled)
	}
	r.ask(1) // unless a page is under way
	f := r.pages.next()
	if f == nil {
		return nil, r.walk.err
	}
	resp := call.Response{}
	if f.resp != nil {
		resp = *f.resp
	}
	r.opts.Tell(resp)
	return f, f.err
}

// prefetch asks for the pages that follow one of n entries.
func (r *reader) prefetch(f *fetch, n int) {
	resp := f.resp
	if resp == nil {
		resp = &call.Response{} // of a caller that tells nothing
	}
	if r.walk.advance(f.page, n, resp) {
		r.pages.drop()
	}
	r.ask(r.walk.ahead)
}

// ask sends requests until n pages are under way or the walk knows no further one.
func (r *reader) ask(n int) {
	for len(r.pages.queue) < n {
		req := r.walk.request()
		if req == nil {
			return
		}
		r.pages.start(r.ctx, r.caller, req, r.newPage())
	}
}

// repeats returns which of the n entries of a page came before; it is nil where none did. An entry without an id is new.
func (r *reader) repeats(p page, n int) map[int]bool {
	var again map[int]bool
	for i := range n {
		id := p.ItemID(i)
		if id == "" {
			continue
		}
		sum := sha256.Sum256([]byte(reference.ID(id)))
		key := idHash(sum[:len(idHash{})])
		if _, ok := r.ids[key]; !ok {
			r.ids[key] = struct{}{}
			continue
		}
		if again == nil {
			again = map[int]bool{}
		}
		again[i] = true
	}
	return again
}
