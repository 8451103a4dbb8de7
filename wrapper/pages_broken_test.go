package dwolla_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestFault063_PagesThatLeadInACircle(t *testing.T) {
	page := func(next string) string {
		return `{"_links":{"next":{"href":"` + next + `"}},"_embedded":{"customers":[{"id":"before ` + next + `"}]}}`
	}
	for name, tt := range map[string]struct {
		answer   func(n int, req *http.Request) *http.Response
		requests int
	}{
		"to itself":            {func(int, *http.Request) *http.Response { return reply(200, page("/customers?limit=200&offset=0")) }, 1},
		"to itself, by cursor": {func(int, *http.Request) *http.Response { return reply(200, page("/customers?cursor=a")) }, 2},
		"from one to another and back": {func(n int, _ *http.Request) *http.Response {
			return reply(200, page("/customers?cursor="+[]string{"a", "b"}[n%2]))
		}, 3},
		"back by offset": {func(n int, _ *http.Request) *http.Response {
			return reply(200, page(fmt.Sprintf("/customers?limit=1&offset=%d", 3-n)))
		}, 2},
		"without entries, and ever new": {func(n int, _ *http.Request) *http.Response {
			return reply(200, fmt.Sprintf(`{"_links":{"next":{"href":"/customers?cursor=%d"}},"_embedded":{"customers":[]}}`, n))
		}, 100},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, tt.answer)
			var last error
			for _, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}) {
				last = err
			}
			ends(t, last, dwolla.OutcomeBadResponse, dwolla.ErrPagingLoop)
			s.sends(t, tt.requests)
		})
	}
	t.Run("an empty page with a next one goes on", func(t *testing.T) {
		s := newStub(t, func(n int, _ *http.Request) *http.Response {
			if n == 1 {
				return reply(200, `{"_links":{"next":{"href":"/customers?cursor=a"}},"_embedded":{"customers":[]}}`)
			}
			return reply(200, `{"_embedded":{"customers":[{"id":"a"}]}}`)
		})
		if got := idsOf(t, s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{})); got != "a" {
			t.Errorf("got %q", got)
		}
		s.sends(t, 2)
	})
}

func TestFault064_PagesWithoutEnd(t *testing.T) {
	t.Run("a million entries", func(t *testing.T) {
		s := newStub(t, always(200, `{"_embedded":{"customers":[`+strings.Repeat("{},", 1_000_000)+`{}]}}`))
		_, err := s.client.Customers.List(t.Context(), dwolla.ListCustomersParams{})
		ends(t, err, dwolla.OutcomeBadResponse)
		s.sends(t, 1)
	})
	t.Run("five gibibytes", func(t *testing.T) {
		s := newStub(t, func(int, *http.Request) *http.Response {
			resp := reply(200, "")
			resp.Body, resp.ContentLength = io.NopCloser(io.LimitReader(spaces{}, 5<<30)), -1
			return resp
		})
		_, err := s.client.Customers.List(t.Context(), dwolla.ListCustomersParams{})
		ends(t, err, dwolla.OutcomeBadResponse, dwolla.ErrTooLarge)
		s.sends(t, 1)
	})
}

func TestFault065_TotalsThatAreWrong(t *testing.T) {
	one := `{"_embedded":{"customers":[{"id":"a"}]},"total":%s}`
	for total, want := range map[string]dwolla.Outcome{
		"1": dwolla.OutcomeOK, "0": dwolla.OutcomeOK, "-1": dwolla.OutcomeOK, "null": dwolla.OutcomeOK,
		`"1"`: dwolla.OutcomeOK, "1.0": dwolla.OutcomeOK, `"x"`: dwolla.OutcomeBadResponse, "1.5": dwolla.OutcomeBadResponse, "1e30": dwolla.OutcomeBadResponse,
	} {
		t.Run(total, func(t *testing.T) {
			s := newStub(t, always(200, fmt.Sprintf(one, total)))
			var last error
			for _, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}) {
				last = err
			}
			ends(t, last, want)
			s.sends(t, 1)
		})
	}
	t.Run("too large: what is missing is asked for, and then said", func(t *testing.T) {
		s := newStub(t, func(n int, _ *http.Request) *http.Response {
			if n == 1 {
				return reply(200, fmt.Sprintf(one, "9"))
			}
			return reply(200, `{"_embedded":{"customers":[]},"total":9}`)
		})
		var last error
		for _, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}) {
			last = err
		}
		ends(t, last, dwolla.OutcomeBadResponse, dwolla.ErrIncompleteList)
		s.sends(t, 2)
	})
	t.Run("entries that move come once if asked for", func(t *testing.T) {
		answer := func(n int, _ *http.Request) *http.Response {
			if n == 1 {
				return reply(200, `{"_links":{"next":{"href":"/customers?limit=2&offset=2"}},"_embedded":{"customers":[{"id":"a"},{"id":"b"}]}}`)
			}
			return reply(200, `{"_embedded":{"customers":[{"id":"b"},{"id":"c"}]}}`)
		}
		s := newStub(t, answer)
		if got := idsOf(t, s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}, dwolla.WithDistinct())); got != "a b c" {
			t.Errorf("got %q", got)
		}
		s.sends(t, 2)
		s = newStub(t, answer)
		if got := idsOf(t, s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{})); got != "a b b c" {
			t.Errorf("got %q", got)
		}
		s.sends(t, 2)
	})
}

func TestFault066_EmbeddedOfAnotherShape(t *testing.T) {
	for body, want := range map[string]dwolla.Outcome{
		`{"_embedded":{"customers":[]}}`:            dwolla.OutcomeOK,
		`{"_links":{},"total":0}`:                   dwolla.OutcomeOK,
		`{"_embedded":[],"total":0}`:                dwolla.OutcomeOK,
		`{"_links":[],"_embedded":[ ],"total":"0"}`: dwolla.OutcomeOK,
		`{"_embedded":[{}],"total":0}`:              dwolla.OutcomeBadResponse,
		`{"_links":[],"_embedded":[],"total":1}`:    dwolla.OutcomeBadResponse,
		`{"_links":{}}`:                             dwolla.OutcomeBadResponse,
		`{"_embedded":null,"_links":{}}`:            dwolla.OutcomeBadResponse,
		`{"_embedded":{}}`:                          dwolla.OutcomeBadResponse,
		`{"_embedded":{"wrong":[]}}`:                dwolla.OutcomeBadResponse,
		`{"_embedded":{"customers":null}}`:          dwolla.OutcomeBadResponse,
		`{"_embedded":{"customers":{"id":"x"}}}`:    dwolla.OutcomeBadResponse,
		`{"_embedded":[]}`:                          dwolla.OutcomeBadResponse,
		`{"_embedded":{"customers":["x"]}}`:         dwolla.OutcomeBadResponse,
		`{"_embedded":{"customers":"x"}}`:           dwolla.OutcomeBadResponse,
	} {
		t.Run(body, func(t *testing.T) {
			s := newStub(t, always(200, body))
			page, err := s.client.Customers.List(t.Context(), dwolla.ListCustomersParams{})
			ends(t, err, want)
			if err == nil && len(page.Items()) != 0 {
				t.Errorf("%d entries", len(page.Items()))
			}
			s.sends(t, 1)
		})
	}
}

func TestFault067_AWalkThatIsBrokenOff(t *testing.T) {
	list := func(t *testing.T) *stub {
		return newStub(t, func(_ int, req *http.Request) *http.Response { return customersAt(req, 50) })
	}
	t.Run("leaves nothing running", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := list(t)
			for range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{Limit: 5}) {
				break
			}
			if got := len(s.requests()); got > 1+8 {
				t.Errorf("%d requests for one entry", got)
			}
		})
	})
	t.Run("can be walked by two goroutines and again", func(t *testing.T) {
		s := list(t)
		walk := s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{Limit: 5})
		done := make(chan string, 3)
		for range 2 {
			go func() { done <- idsOf(t, walk) }()
		}
		first, second := <-done, <-done
		if again := idsOf(t, walk); first != second || again != first || len(strings.Fields(first)) != 50 {
			t.Errorf("the walks differ: %q, %q, %q", first, second, again)
		}
		s.sends(t, 30)
	})
	t.Run("ends with the context", func(t *testing.T) {
		s := list(t)
		ctx, cancel := context.WithCancel(t.Context())
		var last error
		for _, err := range s.client.Customers.All(ctx, dwolla.ListCustomersParams{Limit: 5}) {
			cancel()
			last = err
		}
		cancel()
		ends(t, last, dwolla.OutcomeCanceled, context.Canceled)
		if n := len(s.requests()); n < 1 || n > 3 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestFault198_ATotalThatCountsMoreThanAFilterLists(t *testing.T) {
	walk := func(t *testing.T, pages ...string) (ids []string, asked []sentRequest, last error) {
		s := newStub(t, func(n int, _ *http.Request) *http.Response { return reply(200, pages[min(n, len(pages))-1]) })
		for c, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{Search: "ada"}) {
			if last = err; err == nil {
				ids = append(ids, c.ID)
			}
		}
		return ids, s.requests(), last
	}
	none := `{"_embedded":{"customers":[]},"total":57}`
	two := `{"_embedded":{"customers":[{"id":"a"},{"id":"b"}]},"total":57}`
	linked := `{"_links":{"next":{"href":"/customers?search=ada&limit=2&offset=2"}},"_embedded":{"customers":[{"id":"a"},{"id":"b"}]},"total":57}`
	for name, tt := range map[string]struct {
		pages []string
		want  int
	}{
		"none of 57": {[]string{none}, 0}, "two of 57": {[]string{two, none}, 2}, "a link to an empty page": {[]string{linked, none}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			ids, asked, err := walk(t, tt.pages...)
			if err != nil || len(ids) != tt.want {
				t.Errorf("%v, %v", ids, err)
			}
			for _, sent := range asked {
				if !strings.Contains(sent.URL, "search=ada") {
					t.Errorf("asked for %s", sent.URL)
				}
			}
		})
	}
	for href, incomplete := range map[string]bool{
		"/customers": true, "/customers?limit=2": true, "/customers?limit=2&offset=0": true, "/customers?search=ada": false, "/customers?offset=0&status=verified": false,
	} {
		t.Run(href, func(t *testing.T) {
			s := newStub(t, always(200, none))
			var last error
			for _, err := range dwolla.FollowAll(t.Context(), s.client, dwolla.LinkTo[dwolla.CustomerPage](href)) {
				last = err
			}
			if errors.Is(last, dwolla.ErrIncompleteList) != incomplete {
				t.Error(last)
			}
		})
	}
}

func TestFault258_AListDoesNotEndWithAPageThatIsNone(t *testing.T) {
	first := `{"_links":{"next":{"href":"/customers?limit=1&offset=1"}},"_embedded":{"customers":[{"id":"a"}]},"total":3}`
	untold := `{"_links":{"next":{"href":"/customers?limit=1&offset=1"}},"_embedded":{"customers":[{"id":"a"}]}}`
	for _, tt := range []struct {
		first, second string
		params        dwolla.ListCustomersParams
		complete      bool
	}{
		{first, `{"message":"x"}`, dwolla.ListCustomersParams{}, false},
		{first, `{"message":"x"}`, dwolla.ListCustomersParams{Limit: 1}, false},
		{first, `{"message":"x"}`, dwolla.ListCustomersParams{Search: "x"}, false},
		{untold, `{"message":"x"}`, dwolla.ListCustomersParams{}, false},
		{first, `{"_embedded":{}}`, dwolla.ListCustomersParams{Limit: 1}, false},
		{first, `{"_embedded":{"owners":[]}}`, dwolla.ListCustomersParams{Limit: 1, Search: "x"}, false},
		{first, `{"_embedded":{"customers":[]}}`, dwolla.ListCustomersParams{Limit: 1}, false},
		{first, `{"_embedded":{"customers":null},"total":3}`, dwolla.ListCustomersParams{Limit: 1, Search: "x"}, false},
		{first, `{"_embedded":{"customers":[]}}`, dwolla.ListCustomersParams{Limit: 1, Search: "x"}, true},
		{first, `{"_embedded":{"customers":[]},"total":3}`, dwolla.ListCustomersParams{Limit: 1, Search: "x"}, true},
		{first, `{"_embedded":{"customers":[]},"total":1}`, dwolla.ListCustomersParams{Limit: 1}, true},
		{untold, `{"_embedded":{"customers":[]}}`, dwolla.ListCustomersParams{Limit: 1}, true},
	} {
		for ahead := range 4 {
			t.Run(fmt.Sprint(tt.second, tt.params, ahead), func(t *testing.T) {
				s := newStub(t, func(_ int, req *http.Request) *http.Response {
					if offset := req.URL.Query().Get("offset"); offset == "" || offset == "0" {
						return reply(200, tt.first)
					}
					return reply(200, tt.second)
				})
				err := last(s.client.Customers.All(t.Context(), tt.params, dwolla.WithPagesAhead(ahead)))
				if tt.complete != (err == nil) || !tt.complete && !errors.Is(err, dwolla.ErrIncompleteList) && !errors.Is(err, dwolla.ErrBadResponse) {
					t.Error(err)
				}
			})
		}
	}
}

func TestFault373_AListThatRepeatsItsPagesEndsWithAnError(t *testing.T) {
	entry := func(i int, named bool) string {
		if named {
			return fmt.Sprintf(`{"id":"c%d"}`, i)
		}
		return fmt.Sprintf(`{"firstName":"c%d"}`, i)
	}
	page := func(from, to, total int, named bool, next string) *http.Response {
		var entries []string
		for i := from; i < to; i++ {
			entries = append(entries, entry(i, named))
		}
		links, count := "", ""
		if next != "" {
			links = `"next":{"href":"` + next + `"}`
		}
		if total > 0 {
			count = fmt.Sprintf(`,"total":%d`, total)
		}
		return reply(200, fmt.Sprintf(`{"_links":{%s},"_embedded":{"customers":[%s]}%s}`, links, strings.Join(entries, ","), count))
	}
	offsetOf := func(req *http.Request) int {
		offset, _ := strconv.Atoi(req.URL.Query().Get("offset"))
		return offset
	}
	after := func(offset int) string { return fmt.Sprintf("/customers?limit=10&offset=%d", offset+10) }
	for name, tt := range map[string]struct {
		answer func(n int, req *http.Request) *http.Response
		unique int
		fails  bool
	}{
		"the offset is ignored": {func(_ int, req *http.Request) *http.Response {
			return page(0, 10, 0, true, after(offsetOf(req)))
		}, 10, true},
		"the offset is ignored, and the total is huge": {func(_ int, req *http.Request) *http.Response {
			return page(0, 10, 1_000_000_000, true, after(offsetOf(req)))
		}, 10, true},
		"the offset is ignored, and the entries have no ids": {func(_ int, req *http.Request) *http.Response {
			return page(0, 10, 0, false, after(offsetOf(req)))
		}, 10, true},
		"by cursor": {func(n int, _ *http.Request) *http.Response {
			return page(0, 10, 0, true, fmt.Sprintf("/customers?cursor=%d", n))
		}, 10, true},
		"from the third page on": {func(_ int, req *http.Request) *http.Response {
			at := min(offsetOf(req), 20)
			return page(at, at+10, 0, true, after(offsetOf(req)))
		}, 30, true},
		"pages that overlap": {func(_ int, req *http.Request) *http.Response {
			at, next := offsetOf(req), after(offsetOf(req))
			if at == 40 {
				next = ""
			}
			return page(max(0, at-9), at+1, 0, true, next)
		}, 41, false},
		"a list that has grown by a page": {func(n int, req *http.Request) *http.Response {
			at, total, next := offsetOf(req), 50, after(offsetOf(req))
			if n > 1 {
				total, at = 60, at-10
			}
			if offsetOf(req)+10 >= total {
				next = ""
			}
			return page(at, at+10, total, true, next)
		}, 50, false},
		"one entry a page, without ids": {func(n int, req *http.Request) *http.Response {
			next := after(offsetOf(req))
			if n == 30 {
				next = ""
			}
			return page(n, n+1, 0, false, next)
		}, 30, false},
	} {
		for _, distinct := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, distinct %t", name, distinct), func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				s := newStub(t, func(n int, req *http.Request) *http.Response {
					if n > 60 {
						cancel() // it would not end
					}
					return tt.answer(n, req)
				})
				opts := []dwolla.CallOption{dwolla.WithPagesAhead(0)}
				if distinct {
					opts = append(opts, dwolla.WithDistinct())
				}
				times := map[string]int{}
				var last error
				for c, err := range s.client.Customers.All(ctx, dwolla.ListCustomersParams{Limit: 10}, opts...) {
					if last = err; err == nil {
						times[c.ID+c.FirstName]++
					}
				}
				if tt.fails {
					ends(t, last, dwolla.OutcomeBadResponse, dwolla.ErrPagingLoop)
					for id, n := range times {
						if n > 1 {
							t.Errorf("%s came %d times", id, n)
						}
					}
				} else if last != nil {
					t.Error(last)
				}
				if len(times) != tt.unique {
					t.Errorf("%d entries, want %d", len(times), tt.unique)
				}
			})
		}
	}
	t.Run("pages ahead", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := newStub(t, func(n int, req *http.Request) *http.Response {
			if n > 60 {
				cancel()
			}
			return page(0, 10, 1_000_000_000, true, after(offsetOf(req)))
		})
		ends(t, last(s.client.Customers.All(ctx, dwolla.ListCustomersParams{Limit: 10}, dwolla.WithPagesAhead(8))), dwolla.OutcomeBadResponse, dwolla.ErrPagingLoop)
		if n := len(s.requests()); n > 20 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestFault374_AnEntryThatIsNullIsNoEntry(t *testing.T) {
	for list, index := range map[string]string{`{"id":"a"},null`: "1", `null`: "0", `{"id":"a"},{"id":"b"},null,{"id":"c"}`: "2", `{"id":"a"},{}`: "1"} {
		s := newStub(t, always(200, `{"_links":{},"_embedded":{"customers":[`+list+`]}}`))
		_, err := s.client.Customers.List(t.Context(), dwolla.ListCustomersParams{})
		ends(t, err, dwolla.OutcomeBadResponse)
		if err == nil || !strings.Contains(err.Error(), "entry "+index+" ") {
			t.Errorf("%s: %v", list, err)
		}
		for c, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}) {
			if err == nil && c.ID == "" {
				t.Errorf("%s: a walk yields an empty entry", list)
			}
		}
	}
}
