package paging

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

// newTestWalk begins a walk of a list by its operation.
func newTestWalk(at window, ahead, listLimit int) *walk {
	req := &call.Request{Op: &call.Op{}, Query: entryParams(at)}
	return newWalk(req, entryPage{maxPage: 200, listLimit: listLimit}, call.Options{PagesAhead: &ahead})
}

// requests are the windows that a walk asks for next, n at most.
func requests(w *walk, n int) string {
	var windows []string
	for len(windows) < n {
		req := w.request()
		if req == nil {
			break
		}
		at := windowOf(req)
		windows = append(windows, fmt.Sprintf("%d+%d", at.offset, at.limit))
	}
	return strings.Join(windows, " ")
}

// advance tells a walk of a page of n entries that links to a window; a limit of 0 is no link.
func advance(w *walk, n int, next window, total int) (drop bool) {
	p := entryPage{total: total}
	if next.limit > 0 {
		p.next = fmt.Sprintf("/list?limit=%d&offset=%d", next.limit, next.offset)
	}
	return w.advance(p, n, &call.Response{Attempts: 1})
}

func TestAWalkBeginsWithTheLargestPage(t *testing.T) {
	for at, want := range map[window]string{
		{}:        "0+200",
		{0, 400}:  "400+200",
		{25, 0}:   "0+25",
		{25, 400}: "400+25",
	} {
		if got := requests(newTestWalk(at, 2, 0), 9); got != want {
			t.Errorf("%v: asks for %s, want %s", at, got, want)
		}
	}
}

func TestAWalkAsksForFewerPagesAtOnceWhereTheAPIIsBusy(t *testing.T) {
	for ahead, want := range map[int]int{0: 0, 1: 1, 2: 1, 3: 1, 8: 4} {
		w := newTestWalk(window{}, ahead, 0)
		w.advance(entryPage{}, 0, &call.Response{Attempts: 2})
		if w.ahead != want {
			t.Errorf("%d pages ahead became %d, want %d", ahead, w.ahead, want)
		}
	}
}

func TestAPageThatIsNotWhatWasExpected(t *testing.T) {
	t.Run("shorter: its link is followed", func(t *testing.T) {
		l := &list{total: 1000, change: func(_ int, at window, p *entryPage) (*call.Response, error) {
			if at.offset >= 400 { // from here on
				p.entries = p.entries[:min(len(p.entries), 50)]
				if p.next = ""; at.offset+50 < 1000 {
					p.next = fmt.Sprintf("/list?limit=50&offset=%d", at.offset+50)
				}
			}
			return nil, nil
		}}
		inOrder(t, l.all(t, 3), 1000)
	})
	t.Run("the list grew", func(t *testing.T) {
		l := &list{total: 900, change: func(n int, at window, p *entryPage) (*call.Response, error) {
			if at.offset != 400 && n <= 3 {
				p.total = 600
			}
			return nil, nil
		}}
		inOrder(t, l.all(t, 3), 900)
	})
	t.Run("the list shrank", func(t *testing.T) {
		l := &list{total: 450, change: func(n int, at window, p *entryPage) (*call.Response, error) {
			if at.offset == 0 {
				p.total = 1000
			}
			return nil, nil
		}}
		inOrder(t, l.all(t, 3), 450)
	})
	t.Run("without a link: the rest of the total is asked for", func(t *testing.T) {
		l := &list{total: 500, change: func(_ int, _ window, p *entryPage) (*call.Response, error) {
			p.next = ""
			return nil, nil
		}}
		inOrder(t, l.all(t, 2), 500)
		if len(l.windows) != 3 {
			t.Errorf("%d requests", len(l.windows))
		}
	})
}

// A scripted caller answers with the pages that a script describes, one byte a page.
type scripted struct {
	script []byte
	calls  int
}

func (s *scripted) Call(ctx context.Context, req *call.Request, dst any) (*call.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	u, err := url.Parse(req.Href)
	if err != nil {
		return nil, err
	}
	page := dst.(*entryPage)
	page.maxPage = 200
	n := byte(0)
	if s.calls < len(s.script) {
		n = s.script[s.calls]
	}
	s.calls++
	for i := range int(n % 5) {
		page.entries = append(page.entries, entry{fmt.Sprint(s.calls, i)})
	}
	page.total = int(n) % 40
	switch n / 64 {
	case 1:
		page.next = fmt.Sprintf("/list?limit=%d&offset=%d", n%5, s.calls*int(n%5))
	case 2:
		page.next = fmt.Sprintf("/list?cursor=%d", n)
	case 3:
		page.next = "?offset=" + strings.Repeat("1", int(n%7))
	}
	return &call.Response{StatusCode: 200, URL: u, Attempts: 1}, nil
}

// FuzzWalk: whatever the pages say, a walk ends, with an error last if at all, and asks a bounded number of times.
func FuzzWalk(f *testing.F) {
	f.Add([]byte{0x41, 0x42, 0x01}, 0)
	f.Add([]byte{0x81, 0x81, 0x81}, 1)
	f.Add([]byte{0xc1, 0xff, 0x43, 0x44}, 1)
	f.Fuzz(func(t *testing.T, script []byte, ahead int) {
		ahead = (ahead & 0x7fffffff) % 2 // sequential: the script is in the order of the calls
		if len(script) > 200 {
			return
		}
		caller := &scripted{script: script}
		op := call.Op{Name: "List", Method: "GET", Path: "/list"}
		req := &call.Request{Op: &op, Href: "/list", Options: []call.Option{pagesAhead(ahead)}}
		failed := false
		for _, err := range All(t.Context(), caller, req, func() Page[entry] { return new(entryPage) }) {
			if failed {
				t.Fatal("something follows the error")
			}
			failed = err != nil
		}
		if most := len(script) + maxEmptyPages + 2; caller.calls > most {
			t.Fatalf("%d calls for %d pages", caller.calls, len(script))
		}
	})
}

func TestAPageOfNothingNewEndsAWalkUnlessTheListHasGrown(t *testing.T) {
	const repeats = "dwolla: the pages of the list do not end: a page has nothing but entries that came before"
	step := func(w *walk, i, total int) {
		w.stale = i > 0
		w.advance(entryPage{next: fmt.Sprintf("/list?cursor=%d", i), total: total}, 10, &call.Response{})
	}
	start := func() *walk {
		return newWalk(&call.Request{Op: &call.Op{}, Href: "/list"}, entryPage{}, call.Options{})
	}
	for _, total := range []int{0, 100, 109} { // from 100 on
		w := start()
		requests(w, 1)
		step(w, 0, min(total, 100))
		requests(w, 1)
		step(w, 1, total)
		endsWith(t, w, ErrPagingLoop, repeats)
	}
	w := start()
	for i := range maxEmptyPages + 1 {
		if requests(w, 1) == "" {
			t.Fatalf("ends after %d pages: %v", i, w.err)
		}
		step(w, i, 100+10*i)
	}
	endsWith(t, w, ErrPagingLoop, "dwolla: the pages of the list do not end: 100 pages without a new entry")
}

func TestANextLinkToTheListOfAnotherEndsAWalk(t *testing.T) {
	for path, next := range map[string]string{
		"/customers/a/transfers":       "https://api.dwolla.com/customers/b/transfers?offset=1",
		"/of/us/customers/a/transfers": "/of/us/accounts/b/transfers?offset=1",
	} {
		w := newWalk(&call.Request{Op: &call.Op{}, Href: path}, entryPage{}, call.Options{})
		requests(w, 1)
		w.advance(entryPage{next: next}, 1, &call.Response{URL: &url.URL{Path: path}})
		endsWith(t, w, ErrNoList, "dwolla: the list ended before its total: a page is none of the list: its next link leads to the list of another")
	}
}
