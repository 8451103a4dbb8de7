package dwolla

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/reference"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestFault094_TheDuplicateIsReachableThroughTheSameOriginOnly(t *testing.T) {
	for href, foreign := range map[string]bool{faultserver.Base + "/customers/c1": false, "https://evil.test/customers/c1": true} {
		t.Run(href, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Script(faultserver.Text(400, halType, `{"code":"DuplicateResource","message":"m","_links":{"about":{"href":"`+href+`"}}}`))
			_, err := r.Customers.Create(t.Context(), CreateReceiveOnlyCustomer{})
			r.check(t, err, want{OutcomeRejected, 1, 0})
			e, _ := errors.AsType[*Error](err)
			if e.About.Href != href || !errors.Is(err, CodeDuplicateResource) {
				t.Fatalf("%+v", e)
			}
			_, err = Follow(t.Context(), r.Client, api.Retype[Customer](e.About))
			if errors.Is(err, ErrForeignLink) != foreign || (err == nil) == foreign {
				t.Error(err)
			}
			sends := 2
			if foreign {
				sends = 1
			}
			if n := len(r.bank.Requests()); n != sends {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestFault192_AReferenceIsReadWithOptionsOfTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		var tenants []string
		r.bank.Fault = func(_ int, req *http.Request) *faultserver.Fault {
			tenants = append(tenants, req.Header.Get("X-Tenant"))
			if req.Method == http.MethodGet {
				return faultserver.Text(200, halType, `{"id":"`+reference.Parse(req.URL.Path).ID+`"}`)
			}
			return nil
		}
		ref, err := r.Transfers.Create(t.Context(), payment("rent-1"), WithHeader("X-Tenant", "one"))
		if err != nil {
			t.Fatal(err)
		}
		var resp Response
		if _, err := ref.Get(t.Context(), WithHeader("X-Tenant", "two"), WithResponse(&resp)); err != nil || resp.StatusCode != 200 {
			t.Errorf("%+v: %v", resp, err)
		}
		if _, err := ref.Get(t.Context(), WithHeader("Host", "h")); err == nil || !strings.Contains(err.Error(), "header Host") {
			t.Error(err)
		}
		object, err := r.Post(t.Context(), "/transfers", payment("rent-2"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := object.Get(t.Context(), WithHeader("X-Tenant", "three")); err != nil {
			t.Error(err)
		}
		if want := []string{"one", "two", "", "three"}; !slices.Equal(tenants, want) {
			t.Errorf("the headers are %q, want %q", tenants, want)
		}
		_, err = new(Ref[Transfer]).Get(t.Context(), WithResponse(&resp))
		if !errors.Is(err, ErrNoLocation) || resp.StatusCode != 0 {
			t.Errorf("%+v: %v", resp, err)
		}
		_, err = (&Ref[Transfer]{Href: "/transfers/t"}).Get(t.Context(), WithResponse(&resp))
		if !errors.Is(err, ErrStoredRef) || OutcomeOf(err) != OutcomeOf(ErrNoLocation) {
			t.Errorf("%q: %v", OutcomeOf(err), err)
		}
	})
}

func TestFault193_DeleteTakesTheSameRoadAsGetAndPost(t *testing.T) {
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		r, _ := overSocket(t, p)
		r.bank.Fault = func(n int, req *http.Request) *faultserver.Fault {
			switch {
			case n == 1:
				return faultserver.Status(401, "ExpiredAccessToken")
			case n == 2:
				return faultserver.Status(503, "")
			case req.URL.Path == "/gone":
				return faultserver.Status(404, "NotFound")
			case req.URL.Path == "/empty":
				return &faultserver.Fault{Answer: &faultserver.Answer{Status: 204}}
			}
			return faultserver.Text(200, halType, `{"id":"x"}`)
		}
		var out struct{ ID string }
		var resp Response
		if err := r.Delete(t.Context(), "/labels/x", &out, WithHeader("X-Tenant", "one"), WithResponse(&resp)); err != nil || out.ID != "x" || resp.StatusCode != 200 {
			t.Errorf("%+v, %+v: %v", out, resp, err)
		}
		sent := r.bank.Requests()
		if len(sent) != 3 {
			t.Fatalf("%d requests", len(sent))
		}
		for _, s := range sent {
			if s.Method != http.MethodDelete || s.Path != "/labels/x" || s.Key != "" || s.Token == "" {
				t.Errorf("sent %+v", s)
			}
		}
		if err := r.Delete(t.Context(), "/empty", nil); err != nil {
			t.Error(err)
		}
		if err := r.Delete(t.Context(), "/gone", nil); !errors.Is(err, ErrNotFound) || OutcomeOf(err) != OutcomeRejected {
			t.Errorf("%q: %v", OutcomeOf(err), err)
		}
		before := len(r.bank.Requests())
		for href, kind := range map[string]error{
			"https://evil.test/labels/x": ErrForeignLink, "https://api.dwolla.com/labels/x": ErrEnvironment, "/labels/../x": ErrMalformedLink,
			"/labels/{id}": ErrTemplatedLink, "": ErrInvalidArgument,
		} {
			if err := r.Delete(t.Context(), href, nil); !errors.Is(err, kind) || OutcomeOf(err) != OutcomeNotSent {
				t.Errorf("%q: %v", href, err)
			}
		}
		if err := r.Delete(t.Context(), "/labels/x", nil, WithIdempotencyKey("k")); !errors.Is(err, ErrInvalidArgument) {
			t.Error(err)
		}
		if err := new(Client).Delete(t.Context(), "/labels/x", nil); !errors.Is(err, ErrNoClient) {
			t.Error(err)
		}
		if n := len(r.bank.Requests()); n != before {
			t.Errorf("%d requests were sent", n-before)
		}
	})
	virtual(t, "without an answer it is unknown", func(t *testing.T) {
		r := inMemoryRig(t, WithRetries(Retries{MaxAttempts: 1}))
		r.bank.Always(faultserver.Stall())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Delete(ctx, "/labels/x", nil); OutcomeOf(err) != OutcomeUnknown {
			t.Errorf("%q: %v", OutcomeOf(err), err)
		}
	})
}

// readAny and readEach are helpers as a user writes them. That they compile is half of the test.
func readAny[T any](ctx context.Context, c *Client, link Link[T]) (*T, error) {
	return Follow(ctx, c, link, WithHeader("X-Tenant", "one"))
}

func readEach[P Page[T], T any](ctx context.Context, c *Client, link Link[P]) iter.Seq2[T, error] {
	return FollowAll(ctx, c, link, WithHeader("X-Tenant", "one"))
}

func idsOnly[P Page[T], T any](page P) (ids []string) {
	for i := range page.Items() {
		ids = append(ids, page.ItemID(i))
	}
	return ids
}

func TestFault202_HelpersOverLinksAndPagesCanBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Fault = func(_ int, req *http.Request) *faultserver.Fault {
			if req.Header.Get("X-Tenant") != "one" {
				t.Errorf("%s came without the header", req.URL.Path)
			}
			if req.URL.Path == "/customers" {
				return faultserver.Text(200, halType, `{"_embedded":{"customers":[{"id":"a"},{"id":"b"}]}}`)
			}
			return faultserver.Text(200, halType, `{"id":"x"}`)
		}
		customer, err := readAny(t.Context(), r.Client, LinkTo[Customer]("/customers/x"))
		if err != nil || customer.ID != "x" {
			t.Errorf("%v: %v", customer, err)
		}
		object, err := readAny(t.Context(), r.Client, LinkTo[Object]("/anything/x"))
		if err != nil || object == nil {
			t.Error(err)
		}
		page, err := readAny(t.Context(), r.Client, LinkTo[CustomerPage]("/customers"))
		if err != nil || !slices.Equal(idsOnly(*page), []string{"a", "b"}) {
			t.Errorf("%v: %v", page, err)
		}
		var ids []string
		for c, err := range readEach(t.Context(), r.Client, LinkTo[CustomerPage]("/customers")) {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, c.ID)
		}
		if !slices.Equal(ids, []string{"a", "b"}) {
			t.Errorf("got %q", ids)
		}
		if _, err := readAny(t.Context(), r.Client, LinkTo[time.Time]("/customers/x")); OutcomeOf(err) != OutcomeBadResponse {
			t.Error(err) // it reads JSON, and not that of a resource
		}
		before := len(r.bank.Requests())
		if _, err := readAny(t.Context(), r.Client, LinkTo[int]("/customers/x")); !errors.Is(err, ErrInvalidArgument) {
			t.Error(err)
		}
		if err := lastOf(readEach(t.Context(), r.Client, LinkTo[ownPage]("/customers"))); !errors.Is(err, ErrInvalidArgument) {
			t.Error(err)
		}
		if n := len(r.bank.Requests()); n != before {
			t.Errorf("%d requests were sent", n-before)
		}
	})
}

// ownPage has the methods of a page, and is none that the client can read.
type ownPage struct{}

func (ownPage) Items() []int      { return nil }
func (ownPage) ItemID(int) string { return "" }
func (ownPage) NextHref() string  { return "" }
func (ownPage) Count() int        { return 0 }
func (ownPage) MaxPage() int      { return 0 }
func (ownPage) ListLimit() int    { return 0 }
