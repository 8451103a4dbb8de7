package dwolla_test

import (
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// idsOf walks customers and joins their ids.
func idsOf(t *testing.T, walk iter.Seq2[dwolla.Customer, error]) string {
	t.Helper()
	var ids []string
	for customer, err := range walk {
		if err != nil {
			t.Errorf("the walk ended after %d entries: %v", len(ids), err)
			break
		}
		ids = append(ids, customer.ID)
	}
	return strings.Join(ids, " ")
}

// customersAt answers for the window that a request asks for, of a list of total customers.
func customersAt(req *http.Request, total int) *http.Response {
	query := req.URL.Query()
	limit, _ := strconv.Atoi(query.Get("limit"))
	offset, _ := strconv.Atoi(query.Get("offset"))
	return customersPage(limit, offset, total)
}

func customersPage(limit, offset, total int) *http.Response {
	var ids []string
	for i := offset; i < min(offset+limit, total); i++ {
		ids = append(ids, fmt.Sprintf(`{"id":"c%d"}`, i))
	}
	next := ""
	if offset+limit < total {
		next = fmt.Sprintf(`"next":{"href":"%s/customers?limit=%d&offset=%d"}`, sandbox, limit, offset+limit)
	}
	return reply(200, fmt.Sprintf(`{"_links":{%s},"_embedded":{"customers":[%s]},"total":%d}`, next, strings.Join(ids, ","), total))
}

// A slowList is a list of customers whose pages take a while, and that notes how it is asked.
type slowList struct {
	total int
	most  int // entries of a page; 0 is no limit
	took  time.Duration

	mu       sync.Mutex
	busy     int
	together int // requests at once, at most
	windows  []string
}

func (l *slowList) answer(_ int, req *http.Request) *http.Response {
	query := req.URL.Query()
	limit, _ := strconv.Atoi(query.Get("limit"))
	offset, _ := strconv.Atoi(query.Get("offset"))
	l.mu.Lock()
	l.busy++
	l.together = max(l.together, l.busy)
	l.windows = append(l.windows, fmt.Sprintf("%d+%d", offset, limit))
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		l.busy--
		l.mu.Unlock()
	}()
	select {
	case <-time.After(l.took):
	case <-req.Context().Done():
		return nil
	}
	if l.most > 0 {
		limit = min(limit, l.most)
	}
	return customersPage(limit, offset, l.total)
}

func inOrder(t *testing.T, ids string, total int) {
	t.Helper()
	list := strings.Fields(ids)
	if len(list) != total {
		t.Errorf("%d entries, want %d", len(list), total)
	}
	for i, id := range list {
		if id != fmt.Sprintf("c%d", i) {
			t.Fatalf("entry %d is %s", i, id)
		}
	}
}

func TestPagesAhead(t *testing.T) {
	for name, tt := range map[string]struct {
		total    int
		most     int
		params   dwolla.ListCustomersParams
		opts     []dwolla.CallOption
		pages    int
		together int
		took     time.Duration // in units of a page
	}{
		"two by default, of 200 entries": {total: 1000, pages: 5, together: 2, took: 3},
		"one after the other":            {total: 1000, opts: []dwolla.CallOption{dwolla.WithPagesAhead(0)}, pages: 5, together: 1, took: 5},
		"by links, one ahead":            {total: 1000, opts: []dwolla.CallOption{dwolla.WithPagesAhead(1)}, pages: 5, together: 1, took: 5},
		"eight at once":                  {total: 200 * 17, opts: []dwolla.CallOption{dwolla.WithPagesAhead(8)}, pages: 17, together: 8, took: 3},
		"the server gives 25":            {total: 130, most: 25, opts: []dwolla.CallOption{dwolla.WithPagesAhead(4)}, pages: 6, together: 4, took: 3},
		"a limit of the caller's":        {total: 30, params: dwolla.ListCustomersParams{Limit: 10}, pages: 3, together: 2, took: 2},
		"a single page":                  {total: 200, pages: 1, together: 1, took: 1},
		"two pages":                      {total: 201, pages: 2, together: 1, took: 2},
		"no entry":                       {total: 0, pages: 1, together: 1, took: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				list := &slowList{total: tt.total, most: tt.most, took: time.Second}
				s := newStub(t, list.answer)
				start := time.Now()
				inOrder(t, idsOf(t, s.client.Customers.All(t.Context(), tt.params, tt.opts...)), list.total)
				if took := time.Since(start); took != tt.took*time.Second {
					t.Errorf("took %v, want %d pages' time", took, tt.took)
				}
				s.sends(t, tt.pages)
				if list.together != tt.together {
					t.Errorf("%d requests at once, want %d", list.together, tt.together)
				}
				if !strings.HasSuffix(list.windows[0], "+200") && tt.params.Limit == 0 {
					t.Errorf("the first page was asked for as %s", list.windows[0])
				}
			})
		})
	}
}

func TestPagesAheadComeWhileTheCallerWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := &slowList{total: 1000, took: time.Second}
		s := newStub(t, list.answer)
		start := time.Now()
		for _, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}) {
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		if took := time.Since(start); took != 11*time.Second { // the first page, and the work
			t.Errorf("took %v", took)
		}
		s.sends(t, 5)
	})
}

func TestAnEarlyBreakLeavesNothingRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := &slowList{total: 10_000, took: time.Second}
		s := newStub(t, list.answer)
		for range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}, dwolla.WithPagesAhead(8)) {
			break
		}
		if list.busy != 0 {
			t.Errorf("%d requests still run", list.busy)
		}
		if n := len(s.requests()); n > 9 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestOneErrorEndsAWalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := &slowList{total: 2000, took: time.Second}
		s := newStub(t, func(n int, req *http.Request) *http.Response {
			if req.URL.Query().Get("offset") == "600" {
				return reply(403, `{"code":"Forbidden"}`)
			}
			return list.answer(n, req)
		})
		entries, failures := 0, 0
		for _, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}, dwolla.WithPagesAhead(4)) {
			if err != nil {
				failures++
				ends(t, err, dwolla.OutcomeRejected, dwolla.ErrForbidden)
				continue
			}
			entries++
		}
		if entries != 600 || failures != 1 {
			t.Errorf("%d entries and %d errors", entries, failures)
		}
		if list.busy != 0 {
			t.Errorf("%d requests still run", list.busy)
		}
	})
}

func TestAWalkYieldsToARateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := &slowList{total: 200 * 40, took: time.Second}
		limited := false
		var mu sync.Mutex
		s := newStub(t, func(n int, req *http.Request) *http.Response {
			mu.Lock()
			first := !limited && req.URL.Query().Get("offset") == "400"
			limited = limited || first
			mu.Unlock()
			if first {
				return reply(429, `{"code":"TooManyRequests"}`, "Retry-After", "7")
			}
			return list.answer(n, req)
		})
		start := time.Now()
		inOrder(t, idsOf(t, s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}, dwolla.WithPagesAhead(8))), list.total)
		s.sends(t, 41)
		if took := time.Since(start); took < 8*time.Second+31*time.Second/4 {
			t.Errorf("took %v: as many pages at once as before", took)
		}
	})
}

func TestAPageThatIsNotWhatWasExpected(t *testing.T) {
	t.Run("shorter: its link is followed", func(t *testing.T) {
		s := newStub(t, func(_ int, req *http.Request) *http.Response {
			query := req.URL.Query()
			limit, _ := strconv.Atoi(query.Get("limit"))
			offset, _ := strconv.Atoi(query.Get("offset"))
			if offset >= 400 {
				limit = min(limit, 50) // from here on
			}
			return customersPage(limit, offset, 1000)
		})
		inOrder(t, idsOf(t, s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}, dwolla.WithPagesAhead(3))), 1000)
	})
	t.Run("the list grew", func(t *testing.T) {
		s := newStub(t, func(n int, req *http.Request) *http.Response {
			total := 600
			if req.URL.Query().Get("offset") == "400" || n > 3 {
				total = 900
			}
			return customersAt(req, total)
		})
		inOrder(t, idsOf(t, s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}, dwolla.WithPagesAhead(3))), 900)
	})
	t.Run("the list shrank", func(t *testing.T) {
		s := newStub(t, func(n int, req *http.Request) *http.Response {
			total := 1000
			if n > 1 {
				total = 450
			}
			return customersAt(req, total)
		})
		inOrder(t, idsOf(t, s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}, dwolla.WithPagesAhead(3))), 450)
	})
	t.Run("without a link: the rest of the total is asked for", func(t *testing.T) {
		s := newStub(t, func(_ int, req *http.Request) *http.Response {
			resp := customersAt(req, 500)
			body, _ := io.ReadAll(resp.Body)
			return reply(200, strings.ReplaceAll(string(body), `"next"`, `"nix"`))
		})
		inOrder(t, idsOf(t, s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{})), 500)
		s.sends(t, 3)
	})
}

func TestTheWindowOfTransfers(t *testing.T) {
	answer := func(_ int, req *http.Request) *http.Response {
		query := req.URL.Query()
		limit, _ := strconv.Atoi(query.Get("limit"))
		offset, _ := strconv.Atoi(query.Get("offset"))
		if limit+offset > 10_000 {
			return reply(400, `{"code":"InvalidWindow"}`)
		}
		items := strings.TrimSuffix(strings.Repeat(`{"id":"t"},`, limit), ",")
		return reply(200, fmt.Sprintf(
			`{"_links":{"next":{"href":"%s/accounts/a/transfers?&limit=%d&offset=%d"}},"_embedded":{"transfers":[%s]},"total":12345}`,
			sandbox, limit, offset+limit, items))
	}
	for _, limit := range []int{200, 130} {
		for _, ahead := range []int{0, 1, 4} {
			t.Run(fmt.Sprintf("pages of %d, %d ahead", limit, ahead), func(t *testing.T) {
				s := newStub(t, answer)
				count := 0
				var last error
				for _, err := range s.client.Transfers.AllForAccount(t.Context(), "a", dwolla.ListAccountTransfersParams{Limit: limit}, dwolla.WithPagesAhead(ahead)) {
					if last = err; err == nil {
						count++
					}
				}
				ends(t, last, dwolla.OutcomeBadResponse, dwolla.ErrListWindow)
				if count != 10_000 {
					t.Errorf("%d entries", count)
				}
				s.sends(t, (10_000+limit-1)/limit)
			})
		}
	}
}

func TestAWalkFromALink(t *testing.T) {
	s := newStub(t, func(_ int, req *http.Request) *http.Response { return customersAt(req, 1000) })
	link := dwolla.LinkTo[dwolla.CustomerPage](sandbox + "/customers?search=x")
	inOrder(t, idsOf(t, dwolla.FollowAll(t.Context(), s.client, link, dwolla.WithPagesAhead(4))), 1000)
	s.sends(t, 5)
	if got := s.requests()[0].URL; got != sandbox+"/customers?limit=200&search=x" {
		t.Errorf("asked for %s", got)
	}
}

func TestResponsesOfAWalkComeInOrder(t *testing.T) {
	s := newStub(t, func(_ int, req *http.Request) *http.Response {
		resp := customersAt(req, 1000)
		resp.Header.Set("X-Request-Id", "at "+req.URL.Query().Get("offset"))
		return resp
	})
	var resp dwolla.Response
	entries := 0
	for _, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}, dwolla.WithPagesAhead(8), dwolla.WithResponse(&resp)) {
		if err != nil {
			t.Fatal(err)
		}
		want := "at "
		if entries >= 200 {
			want += strconv.Itoa(entries / 200 * 200)
		}
		if resp.RequestID != want {
			t.Fatalf("at entry %d the response is %q", entries, resp.RequestID)
		}
		entries++
	}
}

func TestPagesAheadHasBounds(t *testing.T) {
	for _, pages := range []int{-1, 33} {
		s := newStub(t, always(200, `{}`))
		for _, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}, dwolla.WithPagesAhead(pages)) {
			ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
		}
		s.sends(t, 0)
	}
}

func TestAPanicOfAMiddlewareStaysInItsGoroutine(t *testing.T) {
	s := newStub(t, always(200, `{}`), dwolla.WithMiddleware(
		func(*http.Request, func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			panic("of the caller")
		}))
	defer func() {
		if recover() != "of the caller" {
			t.Error("the caller does not see the panic")
		}
	}()
	for range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}) {
	}
}
