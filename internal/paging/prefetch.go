package paging

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

// defaultAhead is how many pages are prefetched while the caller works on one.
const defaultAhead = 2

// A prefetch holds the pages under way, in the order in which they were asked for.
type prefetch struct {
	queue   []*fetch
	running sync.WaitGroup
}

// errExited says that a page is missing, since its goroutine was ended.
var errExited = errors.New("dwolla: the goroutine that reads a page has ended")

// A fetch is a page under way, or there.
type fetch struct {
	cancel context.CancelFunc
	done   chan struct{}

	page  page
	odd   map[int]error // entries of the page that cannot be read, by index
	resp  *call.Response
	err   error
	panic any
}

// start asks for a page.
func (p *prefetch) start(ctx context.Context, c call.Caller, req *call.Request, dst page) {
	ctx, cancel := context.WithCancel(ctx)
	f := &fetch{cancel: cancel, done: make(chan struct{}), page: dst}
	p.queue = append(p.queue, f)
	own := *req
	own.Options = append(slices.Clip(req.Options), func(o *call.Options) { o.Odd = &f.odd })
	p.running.Go(func() {
		defer close(f.done)
		defer func() { f.panic = recover() }() // next panics with it, in the caller's goroutine
		f.err = errExited                      // unless Call returns
		f.resp, f.err = c.Call(ctx, &own, dst)
	})
}

// next waits for the oldest page under way; it is nil where there is none.
func (p *prefetch) next() *fetch {
	if len(p.queue) == 0 {
		return nil
	}
	f := p.queue[0]
	p.queue = p.queue[1:]
	<-f.done
	f.cancel()
	if f.panic != nil {
		panic(f.panic)
	}
	return f
}

// drop cancels all that is under way.
func (p *prefetch) drop() {
	for _, f := range p.queue {
		f.cancel()
	}
	p.queue = nil
}

// stop cancels all that is under way, and waits for it to end.
func (p *prefetch) stop() {
	p.drop()
	p.running.Wait()
}
