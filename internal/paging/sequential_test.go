package paging

import (
	"errors"
	"fmt"
	"net/url"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

// endsWith checks that a walk asks for nothing more, and why.
func endsWith(t *testing.T, w *walk, kind error, text string) {
	t.Helper()
	if got := requests(w, 1); got != "" {
		t.Errorf("asks for %s", got)
	}
	if !errors.Is(w.err, kind) || w.err != nil && w.err.Error() != text {
		t.Errorf("ends with %v, want %s", w.err, text)
	}
}

func TestALinkThatLeadsBackEndsAWalk(t *testing.T) {
	const back = "dwolla: the pages of the list do not end: a page leads back"
	t.Run("to an offset before", func(t *testing.T) {
		w := newTestWalk(window{}, 1, 0)
		requests(w, 1)
		advance(w, 200, window{200, 100}, 0)
		endsWith(t, w, ErrPagingLoop, back)
	})
	t.Run("to an offset before, on an empty page", func(t *testing.T) {
		w := newTestWalk(window{0, 400}, 1, 0)
		requests(w, 1)
		advance(w, 0, window{200, 200}, 0)
		if got := requests(w, 1); got != "200+200" || w.err != nil {
			t.Errorf("asks for %s: %v", got, w.err)
		}
	})
	for _, next := range []string{"/list?cursor=1&a=b", "/list?a=b&cursor=1&offset=0", "?a=b&cursor=1", "https://other/list?a=b&cursor=1"} {
		t.Run(next, func(t *testing.T) {
			w := newWalk(&call.Request{Op: &call.Op{}, Href: "/list?a=b&cursor=1"}, entryPage{}, call.Options{})
			requests(w, 1)
			resp := &call.Response{URL: &url.URL{Scheme: "https", Host: "h", Path: "/list", RawQuery: "a=b&cursor=1"}}
			w.advance(entryPage{next: next}, 25, resp)
			endsWith(t, w, ErrPagingLoop, back)
		})
	}
}

func TestAListThatNeverEndsEndsAWalk(t *testing.T) {
	for name, tt := range map[string]struct {
		n, pages int
		text     string
	}{
		"empty pages": {0, 100, "dwolla: the pages of the list do not end: 100 pages without a new entry"},
		"full pages":  {1, 100_000, "dwolla: the pages of the list do not end: more than 100000 pages"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWalk(&call.Request{Op: &call.Op{}, Href: "/list"}, entryPage{}, call.Options{})
			for i := range tt.pages {
				if w.request() == nil {
					t.Fatalf("ends after %d pages: %v", i, w.err)
				}
				w.advance(entryPage{next: fmt.Sprintf("/list?cursor=%d", i)}, tt.n, &call.Response{})
			}
			endsWith(t, w, ErrPagingLoop, tt.text)
		})
	}
	t.Run("empty pages count one after the other", func(t *testing.T) {
		w := newWalk(&call.Request{Op: &call.Op{}, Href: "/list"}, entryPage{}, call.Options{})
		for i := range 3 * maxEmptyPages {
			if w.request() == nil {
				t.Fatalf("ends after %d pages: %v", i, w.err)
			}
			n := 0
			if i%50 == 0 {
				n = 1
			}
			w.advance(entryPage{next: fmt.Sprintf("/list?cursor=%d", i)}, n, &call.Response{})
		}
	})
}

func TestAPageWithoutALink(t *testing.T) {
	for name, tt := range map[string]struct {
		n, total, listLimit int
		want                string
		err                 error
	}{
		"ends a list without a total":     {n: 200},
		"ends the list at its total":      {n: 200, total: 200},
		"leaves the rest of the total":    {n: 200, total: 201, want: "200+200"},
		"leaves what cannot be listed":    {n: 200, total: 201, listLimit: 200, err: ErrListWindow},
		"is not the end where it says so": {n: 0, total: 1, err: ErrIncompleteList},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestWalk(window{}, 1, tt.listLimit)
			requests(w, 1)
			advance(w, tt.n, window{}, tt.total)
			if got := requests(w, 1); got != tt.want || !errors.Is(w.err, tt.err) {
				t.Errorf("asks for %q, want %q: %v", got, tt.want, w.err)
			}
		})
	}
	t.Run("says what is missing", func(t *testing.T) {
		w := newTestWalk(window{0, 5}, 1, 0)
		requests(w, 1)
		advance(w, 0, window{}, 7)
		endsWith(t, w, ErrIncompleteList, "dwolla: the list ended before its total: 5 of 7")
	})
	t.Run("ends a list without a window", func(t *testing.T) {
		w := newWalk(&call.Request{Op: &call.Op{}, Href: "/list"}, entryPage{}, call.Options{})
		requests(w, 1)
		advance(w, 1, window{}, 7)
		endsWith(t, w, nil, "")
	})
}

func TestTheListLimit(t *testing.T) {
	answer := func(_ int, at window, p *entryPage) (*call.Response, error) {
		if at.limit+at.offset > 10_000 {
			return nil, errors.New("the API refuses this")
		}
		return nil, nil
	}
	for _, limit := range []int{200, 130} {
		for _, ahead := range []int{0, 1, 4} {
			t.Run(fmt.Sprintf("pages of %d, %d ahead", limit, ahead), func(t *testing.T) {
				l := &list{total: 12_345, listLimit: 10_000, change: answer}
				n, err := read(t, l.allFrom(t, entryParams{limit: limit}, ahead))
				if n != 10_000 || !errors.Is(err, ErrListWindow) {
					t.Errorf("%d entries: %v", n, err)
				}
				if want := (10_000 + limit - 1) / limit; len(l.windows) != want {
					t.Errorf("%d requests, want %d", len(l.windows), want)
				}
			})
		}
	}
	if got := ErrListWindow.Error(); got != "dwolla: only the first 10000 transfers can be listed; narrow the search by date" {
		t.Error(got)
	}
}

func TestAFirstPageThatEndsAtTheListLimit(t *testing.T) {
	for _, ahead := range []int{1, 2} { // in sequential mode, and where pages would be asked for in parallel
		w := newTestWalk(window{200, 9_800}, ahead, 10_000)
		requests(w, 1)
		advance(w, 200, window{200, 10_000}, 12_345)
		if more := requests(w, 1); more != "" || !errors.Is(w.err, ErrListWindow) {
			t.Errorf("%d pages ahead: asks for %q, ends with %v", ahead, more, w.err)
		}
	}
}
