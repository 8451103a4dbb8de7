package paging

import "github.com/dwolla-go/dwolla-go/internal/call"

// parallel is the mode in which several pages are asked for at a time, by limit and offset.
type parallel struct {
	pageSize  int
	listLimit int
	offset    int // of the next page to ask for
	end       int // where the mode ends
}

// canRunParallel reports whether a first page shows how long the pages are: it is full, or its link says that the
// server chose another limit, and the link leads to where it ends. Nothing is left to read from the list limit on.
func (w *walk) canRunParallel(p page, n int) bool {
	next, ok := windowOfHref(p.NextHref())
	return w.pages == 1 && w.ahead > 1 && w.windowed && ok && next.offset == w.offset && n > 0 && p.Count() > w.offset+n &&
		(n == windowOf(w.first).limit || n == next.limit) && (w.listLimit == 0 || w.offset < w.listLimit)
}

func (w *walk) newParallel(total, pageSize int) *parallel {
	p := &parallel{pageSize: pageSize, listLimit: w.listLimit, offset: w.offset, end: total}
	if p.listLimit > 0 {
		p.end = min(p.end, p.listLimit)
	}
	return p
}

// request asks for the next part of the list that begins with first.
func (p *parallel) request(first *call.Request) *call.Request {
	if p.offset >= p.end {
		return nil
	}
	at := window{p.limitAt(p.offset), p.offset}
	p.offset += at.limit
	return withWindow(first, at)
}

// limitAt is how many entries the page at an offset has.
func (p *parallel) limitAt(offset int) int {
	if p.listLimit > 0 {
		return min(p.pageSize, p.listLimit-offset)
	}
	return p.pageSize
}

// goesOn reports whether a page of n entries at an offset was what was expected, and not the last.
func (p *parallel) goesOn(offset, n int) bool {
	return n == p.limitAt(offset) && offset+n < p.end
}
