package dwolla_test

import (
	"fmt"
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

func TestAWalkYieldsToARateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const total = 200 * 40
		limited := false
		var mu sync.Mutex
		s := newStub(t, func(_ int, req *http.Request) *http.Response {
			mu.Lock()
			first := !limited && req.URL.Query().Get("offset") == "400"
			limited = limited || first
			mu.Unlock()
			if first {
				return reply(429, `{"code":"TooManyRequests"}`, "Retry-After", "7")
			}
			time.Sleep(time.Second)
			return customersAt(req, total)
		})
		start := time.Now()
		inOrder(t, idsOf(t, s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}, dwolla.WithPagesAhead(8))), total)
		s.sends(t, 41)
		if took := time.Since(start); took < 8*time.Second+31*time.Second/4 {
			t.Errorf("took %v: as many pages at once as before", took)
		}
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
		var transfers []string
		for i := range limit {
			transfers = append(transfers, fmt.Sprintf(`{"id":"t%d"}`, offset+i))
		}
		items := strings.Join(transfers, ",")
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

func TestPagesAheadHasBounds(t *testing.T) {
	for _, pages := range []int{-1, 33} {
		s := newStub(t, always(200, `{}`))
		for _, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}, dwolla.WithPagesAhead(pages)) {
			ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
		}
		s.sends(t, 0)
	}
}

func TestAPanicOfAMiddlewareIsTheErrorOfAWalk(t *testing.T) {
	s := newStub(t, always(200, `{}`), dwolla.WithMiddleware(
		func(*http.Request, func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			panic("of the caller")
		}))
	n := 0
	for _, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}) {
		ends(t, err, dwolla.OutcomeNotSent)
		n++
	}
	if n != 1 {
		t.Errorf("%d entries", n)
	}
}

func TestFault223_AnEntryInAnotherCaseIsTheSame(t *testing.T) {
	s := newStub(t, always(200, `{"_links":{},"_embedded":{"customers":[{"id":"ABCDEF00-0000-4000-8000-000000000001"},`+
		`{"id":"abcdef00-0000-4000-8000-000000000001"},{"id":"a"},{"id":"A"}]},"total":3}`))
	if got := idsOf(t, s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}, dwolla.WithDistinct())); got != "ABCDEF00-0000-4000-8000-000000000001 a A" {
		t.Errorf("got %q", got)
	}
}
