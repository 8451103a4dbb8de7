package paging

import (
	"net/url"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

func TestANextLinkMayBeRelative(t *testing.T) {
	for _, tt := range []struct {
		first      call.Request
		next       string
		href, want string
	}{
		{call.Request{Query: entryParams{25, 0}}, "https://h/list?offset=25", "https://h/list?offset=25", ""},
		{call.Request{Query: entryParams{25, 0}}, "/list?offset=25", "/list?offset=25", ""},
		{call.Request{Query: entryParams{25, 0}}, "?a=1&&offset=25", "", "a=1&&offset=25"},
		{call.Request{Href: "/list?a=1"}, "?offset=25", "/list?offset=25", ""},
		{call.Request{Href: "/list"}, "?offset=25", "/list?offset=25", ""},
	} {
		got := nextRequest(&tt.first, tt.next)
		query := ""
		if got.Query != nil {
			query, _ = got.Query.Query()
		}
		if got.Href != tt.href || query != tt.want {
			t.Errorf("%v and %s: %s and %s", tt.first, tt.next, got.Href, query)
		}
	}
}

func TestAWindowIsReadFromParametersQueryOrHref(t *testing.T) {
	for want, reqs := range map[window][]call.Request{
		{25, 50}: {
			{Query: entryParams{25, 50}},
			{Href: "/list?limit=25&offset=50"},
			{Href: "/list?limit=1", Query: call.Values{"limit": {"25"}, "offset": {"50"}}},
		},
		{}: {{}, {Href: "/list"}, {Href: "/list?limit=x&offset=y"}, {Href: "%zz"}},
	} {
		for _, req := range reqs {
			if got := windowOf(&req); got != want {
				t.Errorf("%v: %v, want %v", req, got, want)
			}
		}
	}
}

// FuzzWindow: moving a link to another part of the list changes the limit and the offset and nothing else.
func FuzzWindow(f *testing.F) {
	f.Add("/customers?&limit=25&offset=0&search=x", 200, 400)
	f.Add("?a=1&a=2", 1, 0)
	f.Add("https://h/%zz", 1, 1)
	f.Fuzz(func(t *testing.T, href string, limit, offset int) {
		limit, offset = limit&0xffff, offset&0xffff
		op := call.Op{Path: "/x"}
		req := withWindow(&call.Request{Op: &op, Href: href}, window{limit, offset})
		if req.Href != href {
			t.Fatalf("the href %q became %q", href, req.Href)
		}
		u, err := url.Parse(href)
		if err != nil {
			return
		}
		got, want := url.Values(req.Query.(call.Values)), u.Query()
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

func TestFault203_AWindowOfARelativeLinkKeepsItsFilter(t *testing.T) {
	w := newWalk(&call.Request{Op: &call.Op{}, Query: entryParams{200, 9_900}}, entryPage{maxPage: 200, listLimit: 10_000}, call.Options{})
	for w.request() != nil {
	}
	w.advance(entryPage{next: "?search=ada&limit=200&offset=9950"}, 50, &call.Response{})
	req := w.request()
	if req == nil {
		t.Fatalf("asks for nothing: %v", w.err)
	}
	text, err := req.Query.Query()
	query, bad := url.ParseQuery(text)
	if err != nil || bad != nil || query.Get("search") != "ada" || query.Get("limit") != "50" || query.Get("offset") != "9950" {
		t.Errorf("asks for %q: %v", text, err)
	}
}
