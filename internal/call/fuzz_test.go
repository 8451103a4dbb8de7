package call

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// An entry and its page are the smallest list there is.
type entry struct{ ID string }

type entryPage struct {
	entries  []entry
	next     string
	total    int
	windowed bool
}

func (p entryPage) Items() []entry      { return p.entries }
func (p entryPage) ItemID(i int) string { return p.entries[i].ID }
func (p entryPage) NextHref() string    { return p.next }
func (p entryPage) Count() int          { return p.total }
func (p entryPage) Windowed() bool      { return p.windowed }

// A scripted caller answers with the pages that a script describes, one byte a page.
type scripted struct {
	script []byte
	calls  int
}

func (s *scripted) Call(ctx context.Context, req *Request, dst any) (*Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	u, err := url.Parse(req.Href)
	if err != nil {
		return nil, err
	}
	page := dst.(*entryPage)
	page.windowed = true
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
	return &Response{StatusCode: 200, URL: u, Attempts: 1}, nil
}

// FuzzWalk: whatever the pages say, a walk ends, with an error last if at all, and asks a bounded number of times.
func FuzzWalk(f *testing.F) {
	f.Add([]byte{0x41, 0x42, 0x01}, 0)
	f.Add([]byte{0x81, 0x81, 0x81}, 1)
	f.Add([]byte{0xc1, 0xff, 0x43, 0x44}, 1)
	f.Fuzz(func(t *testing.T, script []byte, ahead int) {
		ahead = (ahead & 0x7fffffff) % 2 // by links: the script is in the order of the calls
		if len(script) > 200 {
			return
		}
		caller := &scripted{script: script}
		op := Op{Name: "List", Method: "GET", Path: "/list"}
		req := &Request{Op: &op, Href: "/list", Options: []Option{func(o *Options) { o.PagesAhead = &ahead }}}
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

// FuzzWindow: moving a link to another part of the list changes the limit and the offset and nothing else.
func FuzzWindow(f *testing.F) {
	f.Add("/customers?&limit=25&offset=0&search=x", 200, 400)
	f.Add("?a=1&a=2", 1, 0)
	f.Add("https://h/%zz", 1, 1)
	f.Fuzz(func(t *testing.T, href string, limit, offset int) {
		limit, offset = limit&0xffff, offset&0xffff
		op := Op{Path: "/x"}
		req := withWindow(&Request{Op: &op, Href: href}, window{limit, offset})
		if req.Href != href {
			t.Fatalf("the href %q became %q", href, req.Href)
		}
		u, err := url.Parse(href)
		if err != nil {
			return
		}
		got, want := url.Values(req.Query.(Values)), u.Query()
		if w := windowOf(req); w.limit != limit || w.offset != offset {
			t.Fatalf("the window is %v", w)
		}
		for _, name := range []string{"limit", "offset"} {
			got.Del(name)
			want.Del(name)
		}
		if got.Encode() != want.Encode() {
			t.Fatalf("%v became %v", want, got)
		}
	})
}
