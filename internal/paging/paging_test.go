package paging

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

// An entry and its page are the smallest list there is.
type entry struct{ ID string }

type entryPage struct {
	entries   []entry
	next      string
	total     int
	maxPage   int
	listLimit int
}

func (p entryPage) Items() []entry      { return p.entries }
func (p entryPage) ItemID(i int) string { return p.entries[i].ID }
func (p entryPage) NextHref() string    { return p.next }
func (p entryPage) Count() int          { return p.total }
func (p entryPage) MaxPage() int        { return p.maxPage }
func (p entryPage) ListLimit() int      { return p.listLimit }

// entryParams are parameters with a window.
type entryParams struct{ limit, offset int }

func (p entryParams) Query() (string, error) {
	return url.Values{"limit": {strconv.Itoa(p.limit)}, "offset": {strconv.Itoa(p.offset)}}.Encode(), nil
}
func (p entryParams) Window() (limit, offset int)               { return p.limit, p.offset }
func (p entryParams) WithWindow(limit, offset int) call.Encoder { return entryParams{limit, offset} }

// A callerFunc answers requests.
type callerFunc func(ctx context.Context, req *call.Request, dst any) (*call.Response, error)

func (f callerFunc) Call(ctx context.Context, req *call.Request, dst any) (*call.Response, error) {
	return f(ctx, req, dst)
}

// A list answers each request with the part of the list that it asks for, after a while, and notes how it is asked.
type list struct {
	total     int
	listLimit int
	most      int // entries of a page; 0 is no limit
	took      time.Duration
	change    func(n int, at window, p *entryPage) (*call.Response, error) // to a page that was asked for as the nth

	mu       sync.Mutex
	busy     int
	together int // requests at once, at most
	windows  []window
}

func (l *list) Call(ctx context.Context, req *call.Request, dst any) (*call.Response, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	at := windowOf(req)
	n := l.begin(at)
	defer l.end()
	select {
	case <-time.After(l.took):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if l.most > 0 {
		at.limit = min(at.limit, l.most)
	}
	p := dst.(*entryPage)
	p.total = l.total
	for i := at.offset; i < min(at.offset+at.limit, l.total); i++ {
		p.entries = append(p.entries, entry{strconv.Itoa(i)})
	}
	if at.offset+at.limit < l.total {
		p.next = fmt.Sprintf("/list?limit=%d&offset=%d", at.limit, at.offset+at.limit)
	}
	query, err := entryParams(at).Query()
	resp := &call.Response{StatusCode: 200, URL: &url.URL{Path: "/list", RawQuery: query}, Attempts: 1}
	if l.change != nil {
		changed, err := l.change(n, at, p)
		if changed != nil || err != nil {
			return changed, err
		}
	}
	return resp, err
}

func (l *list) begin(at window) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy++
	l.together = max(l.together, l.busy)
	l.windows = append(l.windows, at)
	return len(l.windows)
}

func (l *list) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy--
}

func (l *list) newPage() Page[entry] { return &entryPage{maxPage: 200, listLimit: l.listLimit} }

// all walks the list by its operation, ahead pages ahead.
func (l *list) all(t *testing.T, ahead int, opts ...call.Option) iter.Seq2[entry, error] {
	return l.allFrom(t, entryParams{}, ahead, opts...)
}

func (l *list) allFrom(t *testing.T, params entryParams, ahead int, opts ...call.Option) iter.Seq2[entry, error] {
	op := call.Op{Name: "List", Method: "GET", Path: "/list"}
	return All(t.Context(), l, &call.Request{Op: &op, Query: params, Options: append(opts, pagesAhead(ahead))}, l.newPage)
}

func pagesAhead(n int) call.Option { return func(o *call.Options) { o.PagesAhead = &n } }

// read walks to the end, checks that the entries come in order, and returns how many they are.
func read(t *testing.T, walk iter.Seq2[entry, error]) (int, error) {
	t.Helper()
	n := 0
	var last error
	for e, err := range walk {
		if last != nil {
			t.Fatal("something follows the error")
		}
		if last = err; err != nil {
			continue
		}
		if e.ID != strconv.Itoa(n) {
			t.Fatalf("entry %d is %s", n, e.ID)
		}
		n++
	}
	return n, last
}

// inOrder checks that a walk yields so many entries and no error.
func inOrder(t *testing.T, walk iter.Seq2[entry, error], total int) {
	t.Helper()
	if n, err := read(t, walk); n != total || err != nil {
		t.Errorf("%d entries, want %d: %v", n, total, err)
	}
}

func TestPagesAhead(t *testing.T) {
	const unset = -1
	for name, tt := range map[string]struct {
		total    int
		most     int
		params   entryParams
		ahead    int
		pages    int
		together int
		took     time.Duration // in units of a page
	}{
		"two by default, of 200 entries": {total: 1000, ahead: unset, pages: 5, together: 2, took: 3},
		"one after the other":            {total: 1000, ahead: 0, pages: 5, together: 1, took: 5},
		"sequential, one ahead":          {total: 1000, ahead: 1, pages: 5, together: 1, took: 5},
		"eight at once":                  {total: 200 * 17, ahead: 8, pages: 17, together: 8, took: 3},
		"the server gives 25":            {total: 130, most: 25, ahead: 4, pages: 6, together: 4, took: 3},
		"a limit of the caller's":        {total: 30, params: entryParams{limit: 10}, ahead: unset, pages: 3, together: 2, took: 2},
		"a single page":                  {total: 200, ahead: unset, pages: 1, together: 1, took: 1},
		"two pages":                      {total: 201, ahead: unset, pages: 2, together: 1, took: 2},
		"no entry":                       {total: 0, ahead: unset, pages: 1, together: 1, took: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &list{total: tt.total, most: tt.most, took: time.Second}
				walk := l.allFrom(t, tt.params, tt.ahead)
				if tt.ahead == unset {
					walk = All(t.Context(), l, &call.Request{Op: &call.Op{}, Query: tt.params}, l.newPage)
				}
				start := time.Now()
				inOrder(t, walk, l.total)
				if took := time.Since(start); took != tt.took*time.Second {
					t.Errorf("took %v, want %d pages' time", took, tt.took)
				}
				if len(l.windows) != tt.pages {
					t.Errorf("%d requests, want %d", len(l.windows), tt.pages)
				}
				if l.together != tt.together {
					t.Errorf("%d requests at once, want %d", l.together, tt.together)
				}
				if l.windows[0].limit != 200 && tt.params.limit == 0 {
					t.Errorf("the first page was asked for with a limit of %d", l.windows[0].limit)
				}
			})
		})
	}
}

func TestPagesAheadComeWhileTheCallerWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &list{total: 1000, took: time.Second}
		start := time.Now()
		for _, err := range l.all(t, 2) {
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		if took := time.Since(start); took != 11*time.Second { // the first page, and the work
			t.Errorf("took %v", took)
		}
		if len(l.windows) != 5 {
			t.Errorf("%d requests", len(l.windows))
		}
	})
}

func TestOneErrorEndsAWalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := errors.New("refused")
		l := &list{total: 2000, took: time.Second, change: func(_ int, at window, _ *entryPage) (*call.Response, error) {
			if at.offset == 600 {
				return nil, refused
			}
			return nil, nil
		}}
		if n, err := read(t, l.all(t, 4)); n != 600 || !errors.Is(err, refused) {
			t.Errorf("%d entries and %v", n, err)
		}
		if l.busy != 0 {
			t.Errorf("%d requests still run", l.busy)
		}
	})
}

func TestAWalkEndsWithItsContext(t *testing.T) {
	l := &list{total: 1000}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	var last error
	for _, err := range All(ctx, l, &call.Request{Op: &call.Op{}, Query: entryParams{}}, l.newPage) {
		cancel()
		n++
		last = err
	}
	if n != 201 || !errors.Is(last, context.Canceled) {
		t.Errorf("%d entries and %v", n, last)
	}
	quiet := callerFunc(func(context.Context, *call.Request, any) (*call.Response, error) { return nil, nil })
	for _, err := range All(ctx, quiet, &call.Request{Op: &call.Op{}}, l.newPage) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("of a caller that does not say so: %v", err)
		}
	}
}

func TestAWalkWithoutAClient(t *testing.T) {
	n := 0
	for _, err := range All(t.Context(), nil, &call.Request{Op: &call.Op{}}, new(list).newPage) {
		if n++; !errors.Is(err, call.ErrNoClient) {
			t.Error(err)
		}
	}
	if n != 1 {
		t.Errorf("%d errors", n)
	}
}

func TestAWalkStartsAnew(t *testing.T) {
	l := &list{total: 500}
	walk := l.all(t, 2)
	inOrder(t, walk, 500)
	inOrder(t, walk, 500)
	if len(l.windows) != 6 {
		t.Errorf("%d requests", len(l.windows))
	}
}

func TestResponsesComeInOrder(t *testing.T) {
	l := &list{total: 1000}
	l.change = func(_ int, at window, _ *entryPage) (*call.Response, error) {
		return &call.Response{ID: strconv.Itoa(at.offset)}, nil
	}
	told := ""
	n := 0
	for _, err := range l.all(t, 8, func(o *call.Options) {
		o.Response = append(o.Response, func(r call.Response) { told = r.ID })
	}) {
		if err != nil {
			t.Fatal(err)
		}
		if want := strconv.Itoa(n / 200 * 200); told != want {
			t.Fatalf("at entry %d the answer is that of %s", n, told)
		}
		n++
	}
}

func TestTheCallerIsToldOfAnAnswerOnce(t *testing.T) {
	caller := callerFunc(func(_ context.Context, req *call.Request, _ any) (*call.Response, error) {
		resp := call.Response{StatusCode: 500}
		for _, tell := range call.Apply(req.Options).Response {
			tell(resp)
		}
		return &resp, errors.New("refused")
	})
	told := 0
	opt := func(o *call.Options) { o.Response = append(o.Response, func(call.Response) { told++ }) }
	for range All(t.Context(), caller, &call.Request{Op: &call.Op{}, Options: []call.Option{opt}}, new(list).newPage) {
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}

func TestAnEntryThatCameBeforeIsLeftOutWhereEachIsWantedOnce(t *testing.T) {
	for distinct, want := range map[bool]string{false: "a  b  b c", true: "a  b  c"} {
		l := &list{total: 6}
		l.change = func(n int, _ window, p *entryPage) (*call.Response, error) {
			ids := [][]string{{"a", "", "b"}, {"", "b", "c"}}[n-1]
			p.total = 5
			for i := range p.entries {
				p.entries[i].ID = ids[i]
			}
			return nil, nil
		}
		var ids []string
		for e, err := range l.allFrom(t, entryParams{limit: 3}, 0, func(o *call.Options) { o.Distinct = distinct }) {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, e.ID)
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("distinct %t: %q, want %q", distinct, got, want)
		}
	}
}

func TestAWalkOfAnHref(t *testing.T) {
	for href, want := range map[string]window{
		"/list?search=x":          {200, 0},
		"/list?limit=50&offset=0": {50, 0},
	} {
		l := &list{total: 1000}
		inOrder(t, All(t.Context(), l, &call.Request{Op: &call.Op{}, Href: href, Options: []call.Option{pagesAhead(4)}}, l.newPage), 1000)
		if got := l.windows[0]; got != want || len(l.windows) != 1000/want.limit {
			t.Errorf("%s: %d requests, the first for %v", href, len(l.windows), got)
		}
	}
}

func TestAWalkOfAListWithoutAWindowAddsNone(t *testing.T) {
	var hrefs []string
	caller := callerFunc(func(_ context.Context, req *call.Request, dst any) (*call.Response, error) {
		if req.Query != nil {
			t.Errorf("the query is %v", req.Query)
		}
		hrefs = append(hrefs, req.Href)
		dst.(*entryPage).entries = []entry{}
		if len(hrefs) == 1 {
			dst.(*entryPage).next = "/list?cursor=2"
		}
		return nil, nil
	})
	req := &call.Request{Op: &call.Op{}, Href: "/list"}
	if n, err := read(t, All(t.Context(), caller, req, func() Page[entry] { return new(entryPage) })); n != 0 || err != nil {
		t.Errorf("%d entries: %v", n, err)
	}
	if !slices.Equal(hrefs, []string{"/list", "/list?cursor=2"}) {
		t.Errorf("asked for %v", hrefs)
	}
}
