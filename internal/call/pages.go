package call

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// A page is a pointer to P, one page of a list of T.
type page[P, T any] interface {
	model[P]
	Items() []T
	NextHref() string
}

// Limits of a walk, far above any real list: a server that never ends must not keep a caller forever.
const (
	maxPages     = 100_000
	maxPageItems = 10_000
)

// ErrPagingLoop says that the pages of a list lead in a circle or never end.
var ErrPagingLoop = errors.New("dwolla: the pages of the list do not end")

// All yields every entry of every page, following next. It starts anew each time that it is ranged over.
func All[P, T any, PP page[P, T]](ctx context.Context, c Caller, req *Request) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		at := *req
		seen := map[string]bool{}
		for range maxPages {
			if err := ctx.Err(); err != nil {
				yield(zero, err)
				return
			}
			p, err := Fetch[P, PP](ctx, c, &at)
			if err != nil {
				yield(zero, err)
				return
			}
			items := PP(p).Items()
			if len(items) > maxPageItems {
				yield(zero, fmt.Errorf("%w: a page of %d entries", ErrPagingLoop, len(items)))
				return
			}
			for i := range items {
				if !yield(items[i], nil) {
					return
				}
			}
			next := PP(p).NextHref()
			if next == "" {
				return
			}
			if seen[next] {
				yield(zero, fmt.Errorf("%w: a page for the second time", ErrPagingLoop))
				return
			}
			seen[next] = true
			at = Request{Op: req.Op, Href: next, Options: req.Options}
		}
		yield(zero, fmt.Errorf("%w: more than %d pages", ErrPagingLoop, maxPages))
	}
}
