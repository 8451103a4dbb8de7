package paging

import (
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

func TestAWalkTurnsParallelAfterTheFirstPage(t *testing.T) {
	for name, tt := range map[string]struct {
		n, ahead  int
		next      window
		total     int
		listLimit int
		want      string
	}{
		"a full page":                              {n: 200, ahead: 9, next: window{200, 200}, total: 900, want: "200+200 400+200 600+200 800+200"},
		"as long as the link says":                 {n: 25, ahead: 9, next: window{25, 25}, total: 100, want: "25+25 50+25 75+25"},
		"to the listing limit":                     {n: 200, ahead: 9, next: window{200, 200}, total: 900, listLimit: 500, want: "200+200 400+100"},
		"not one page ahead":                       {n: 200, ahead: 1, next: window{200, 200}, total: 900, want: "200+200"},
		"not for one more page":                    {n: 200, ahead: 9, next: window{200, 200}, total: 400, want: "200+200"},
		"not where the page is short":              {n: 150, ahead: 9, next: window{200, 150}, total: 900, want: "150+200"},
		"not where the link leads to other places": {n: 200, ahead: 9, next: window{200, 300}, total: 900, want: "300+200"},
		"not on an empty page":                     {n: 0, ahead: 9, next: window{200, 0}, total: 900, want: "0+200"},
		"not without a link":                       {n: 200, ahead: 9, total: 900, want: "200+200"},
		"not without a total":                      {n: 200, ahead: 9, next: window{200, 200}, want: "200+200"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestWalk(window{}, tt.ahead, tt.listLimit)
			requests(w, 1)
			if advance(w, tt.n, tt.next, tt.total) {
				t.Error("drops what nobody asked for")
			}
			if got := requests(w, 9); got != tt.want || w.err != nil {
				t.Errorf("asks for %q, want %q: %v", got, tt.want, w.err)
			}
			if parallel := !strings.HasPrefix(name, "not "); parallel != (w.parallel != nil) {
				t.Errorf("parallel is %t", !parallel)
			}
		})
	}
	t.Run("not later than that", func(t *testing.T) {
		w := newTestWalk(window{}, 9, 0)
		requests(w, 1)
		advance(w, 150, window{200, 150}, 2000)
		requests(w, 1)
		advance(w, 200, window{200, 350}, 2000)
		if got := requests(w, 9); got != "350+200" {
			t.Errorf("asks for %s", got)
		}
	})
	t.Run("not where the list takes no window", func(t *testing.T) {
		w := newWalk(&call.Request{Op: &call.Op{}, Href: "/list"}, entryPage{}, call.Options{})
		requests(w, 1)
		advance(w, 25, window{25, 25}, 100)
		if got := requests(w, 9); got != "25+25" {
			t.Errorf("asks for %s", got)
		}
	})
}
