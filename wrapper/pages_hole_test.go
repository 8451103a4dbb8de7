package dwolla_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A holed list answers with ten customers a page, in a way of its own.
type holed struct {
	lists   func(offset int) []int // the customers of the page that begins at an offset
	total   int
	noLinks bool
}

func (l holed) answer(_ int, req *http.Request) *http.Response {
	query := req.URL.Query()
	offset, _ := strconv.Atoi(query.Get("offset"))
	var entries []string
	for _, i := range l.lists(offset) {
		entries = append(entries, fmt.Sprintf(`{"id":"c%d"}`, i))
	}
	next := ""
	if offset+10 < 50 && !l.noLinks {
		query.Set("offset", strconv.Itoa(offset+10))
		next = fmt.Sprintf(`"next":{"href":"/customers?%s"}`, query.Encode())
	}
	return reply(200, fmt.Sprintf(`{"_links":{%s},"_embedded":{"customers":[%s]},"total":%d}`, next, strings.Join(entries, ","), l.total))
}

// between are the numbers from one to before another that a rule keeps.
func between(from, to int, kept func(int) bool) (list []int) {
	for i := from; i < to; i++ {
		if kept(i) {
			list = append(list, i)
		}
	}
	return list
}

func TestFault285_NoEntryComesTwiceByTheWayInWhichTheClientAsks(t *testing.T) {
	every := func(int) bool { return true }
	even := func(i int) bool { return i%2 == 0 }
	pageBut := func(kept func(int) bool) func(int) []int {
		return func(offset int) []int { return between(offset, min(offset+10, 50), kept) }
	}
	for name, tt := range map[string]struct {
		list     holed
		search   string
		unique   int
		loops    bool // the server itself lists a page twice
		complete bool
	}{
		"a whole list":                {list: holed{lists: pageBut(every), total: 50}, unique: 50, complete: true},
		"an empty page in the middle": {list: holed{lists: pageBut(func(i int) bool { return i/10 != 2 }), total: 50}, unique: 40},
		"a short page in the middle":  {list: holed{lists: pageBut(func(i int) bool { return i != 25 }), total: 50}, unique: 49},
		"a short first page":          {list: holed{lists: pageBut(func(i int) bool { return i != 5 }), total: 50}, unique: 49},
		"a short last page":           {list: holed{lists: pageBut(func(i int) bool { return i != 45 }), total: 50}, unique: 49},
		"a page that is served twice": {list: holed{lists: func(offset int) []int {
			if offset == 20 {
				offset = 10
			}
			return between(offset, offset+10, every)
		}, total: 50}, unique: 20, loops: true},
		"a filter after the page was cut, and the total of all":        {list: holed{lists: pageBut(even), total: 50}, search: "x", unique: 25, complete: true},
		"a filter after the page was cut, and its own total":           {list: holed{lists: pageBut(even), total: 25}, search: "x", unique: 25, complete: true},
		"a filter after the page was cut, without links":               {list: holed{lists: pageBut(even), total: 50, noLinks: true}, search: "x", unique: 25, complete: true},
		"entries that are left out although there is no filter":        {list: holed{lists: pageBut(even), total: 50}, unique: 25},
		"entries that are left out without a filter and without links": {list: holed{lists: pageBut(even), total: 50, noLinks: true}, unique: 25},
		"a list that ignores the offset, without links":                {list: holed{lists: func(int) []int { return between(0, 10, every) }, total: 50, noLinks: true}, unique: 10},
		"one hit of many, by a list that ignores the offset":           {list: holed{lists: func(int) []int { return []int{7} }, total: 57, noLinks: true}, search: "x", unique: 1, complete: true},
	} {
		for _, ahead := range []int{0, 1, 2, 8} {
			for _, distinct := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %d ahead, distinct %t", name, ahead, distinct), func(t *testing.T) {
					s := newStub(t, tt.list.answer)
					opts := []dwolla.CallOption{dwolla.WithPagesAhead(ahead)}
					if distinct {
						opts = append(opts, dwolla.WithDistinct())
					}
					times := map[string]int{}
					var last error
					for c, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{Limit: 10, Search: tt.search}, opts...) {
						if last = err; err == nil {
							times[c.ID]++
						}
					}
					if len(times) != tt.unique {
						t.Errorf("%d different entries, want %d", len(times), tt.unique)
					}
					if most := slices.Max(slices.Collect(maps.Values(times))); most > 1 {
						t.Errorf("an entry came %d times", most)
					}
					if tt.complete != (last == nil) || last != nil && errors.Is(last, dwolla.ErrIncompleteList) == tt.loops || errors.Is(last, dwolla.ErrPagingLoop) != tt.loops {
						t.Errorf("ended with %v", last)
					}
				})
			}
		}
	}
}

func TestFault286_AListThatGrowsOrShrinksWhileItIsWalkedIsNotIncomplete(t *testing.T) {
	for name, grows := range map[string]int{"grows at its front": 1, "loses entries at its front": -1} {
		for _, ahead := range []int{0, 2} {
			t.Run(fmt.Sprintf("%s, %d ahead", name, ahead), func(t *testing.T) {
				s := newStub(t, func(n int, req *http.Request) *http.Response {
					offset, _ := strconv.Atoi(req.URL.Query().Get("offset"))
					shift := 0
					if n > 1 {
						shift = grows
					}
					first, total := -shift, 50+shift
					var entries []string
					for i := offset; i < min(offset+10, total); i++ {
						entries = append(entries, fmt.Sprintf(`{"id":"c%d"}`, first+i))
					}
					next := ""
					if offset+10 < total {
						next = fmt.Sprintf(`"next":{"href":"/customers?limit=10&offset=%d"}`, offset+10)
					}
					return reply(200, fmt.Sprintf(`{"_links":{%s},"_embedded":{"customers":[%s]},"total":%d}`, next, strings.Join(entries, ","), total))
				})
				for _, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{Limit: 10}, dwolla.WithPagesAhead(ahead)) {
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
}
