package dwolla_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// refused checks that following an href sends nothing and fails as one of the kinds of links.
func refused(t *testing.T, href string, kind dwolla.Kind) {
	t.Helper()
	s := newStub(t, always(200, `{"id":"x"}`))
	link := dwolla.LinkTo[dwolla.Customer](href)
	if link.Href != href {
		t.Errorf("the link reads %q, want %q", link.Href, href)
	}
	_, err := dwolla.Follow(t.Context(), s.client, link)
	ends(t, err, dwolla.OutcomeNotSent, kind)
	for _, err := range dwolla.FollowAll(t.Context(), s.client, dwolla.LinkTo[dwolla.CustomerPage](href)) {
		ends(t, err, dwolla.OutcomeNotSent, kind)
	}
	_, err = s.client.Post(t.Context(), href, map[string]int{"a": 1}, nil)
	if href != "" {
		ends(t, err, dwolla.OutcomeNotSent, kind)
	} else {
		ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
	}
	s.sends(t, 0)
}

func refusedAll(t *testing.T, kind dwolla.Kind, hrefs ...string) {
	t.Helper()
	for _, href := range hrefs {
		t.Run(fmt.Sprintf("%.60q", href), func(t *testing.T) { refused(t, href, kind) })
	}
}

func followed(t *testing.T, href, want string) {
	t.Helper()
	s := newStub(t, always(200, `{"id":"x"}`))
	if _, err := dwolla.Follow(t.Context(), s.client, dwolla.LinkTo[dwolla.Customer](href)); err != nil {
		t.Fatal(err)
	}
	s.sends(t, 1)
	if got := s.requests()[0].URL; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
}

func TestFault048_LinksThatAreNotThere(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		all  int
	}{
		"no links":            {`{"id":"x"}`, 0},
		"no relation":         {`{"id":"x","_links":{"self":{"href":"/customers/x"}}}`, 0},
		"null":                {`{"id":"x","_links":null}`, 0},
		"null for a relation": {`{"id":"x","_links":{"transfers":null}}`, 0},
		"an empty list":       {`{"id":"x","_links":{"transfers":[]}}`, 0},
		"a list of several":   {`{"id":"x","_links":{"transfers":[{"href":"/customers/x/transfers"},{"href":"/b"}]}}`, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, func(n int, _ *http.Request) *http.Response {
				return reply(200, []string{tt.body, `{"_embedded":{"transfers":[]}}`}[n-1])
			})
			customer, err := s.client.Customers.Get(t.Context(), "x")
			if err != nil {
				t.Fatal(err)
			}
			if got := len(customer.Links.Transfers.All()); got != tt.all {
				t.Errorf("%d links, want %d", got, tt.all)
			}
			_, err = dwolla.Follow(t.Context(), s.client, customer.Links.Transfers)
			if tt.all > 0 {
				ends(t, err, dwolla.OutcomeOK)
				s.sends(t, 2)
				return
			}
			ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrNoLink)
			s.sends(t, 1)
		})
	}
}

func TestFault049_AForeignHostIsReadAndNeverFetched(t *testing.T) {
	s := newStub(t, always(200, `{"_links":{"external-provider-session":{"href":"https://int-widgets.moneydesktop.com/md/connect/x"}}}`))
	session, err := s.client.ExchangeSessions.Get(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	link := session.Links.ExternalProviderSession
	if link.Href != "https://int-widgets.moneydesktop.com/md/connect/x" {
		t.Errorf("the link reads %q", link.Href)
	}
	_, err = dwolla.Follow(t.Context(), s.client, link)
	ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrForeignLink)
	s.sends(t, 1)
}

func TestFault050_HostsThatLookLikeDwolla(t *testing.T) {
	refusedAll(
		t, dwolla.ErrForeignLink,
		"https://api-sandbox.dwolla.com.evil.test/x", "https://api-sandbox.dwolla.com@evil.test/x",
		"https://api-sandbox.dwolla.community/x", "https://evil.test/api-sandbox.dwolla.com",
		"https://api-sandbox.dwolla.com./x", "https://xapi-sandbox.dwolla.com/x", "https://dwolla.com/x",
		"https://api-ſandbox.dwolla.com/x", "https://apі-sandbox.dwolla.com/x", "https://xn--ap-sandbox-1jk.dwolla.com/x",
	)
}

func TestFault051_PlainHTTPAndOtherPorts(t *testing.T) {
	followed(t, "http://api-sandbox.dwolla.com/customers/x", sandbox+"/customers/x")
	refusedAll(
		t, dwolla.ErrForeignLink,
		"https://api-sandbox.dwolla.com:8443/x", "http://api-sandbox.dwolla.com:443/x", "https://api-sandbox.dwolla.com:80/x",
	)
}

func TestFault052_FormsThatHideTheHost(t *testing.T) {
	refusedAll(t, dwolla.ErrForeignLink, "//evil.test/x", "file://evil.test/x", "https://user:pass@api-sandbox.dwolla.com/x")
	refusedAll(
		t, dwolla.ErrMalformedLink,
		`/\evil.test`, `\\evil.test`, "https:/evil.test", "https:evil.test", "https:///evil.test", "javascript:alert(1)",
		"file:/etc/passwd", "data:text/html,x", "///evil.test/x", "mailto:a@evil.test",
	)
}

func TestFault053_TheSameOriginInAnotherSpelling(t *testing.T) {
	followed(t, "HTTPS://API-SANDBOX.DWOLLA.COM:443/customers/x", sandbox+"/customers/x")
}

func TestFault054_RelativeHrefs(t *testing.T) {
	followed(t, "customers/x", sandbox+"/customers/x")
	followed(t, "/customers/x", sandbox+"/customers/x")
	t.Run("a query alone leads to the next page of the same list", func(t *testing.T) {
		s := newStub(t, func(_ int, req *http.Request) *http.Response {
			if req.URL.Query().Get("offset") == "25" {
				return reply(200, `{"_embedded":{"customers":[{"id":"b"}]},"total":2}`)
			}
			return reply(200, `{"_links":{"next":{"href":"?limit=25&offset=25"}},"_embedded":{"customers":[{"id":"a"}]}}`)
		})
		if got := idsOf(t, s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{})); got != "a b" {
			t.Errorf("got %q", got)
		}
		s.sends(t, 2)
		if got := s.requests()[1].URL; got != sandbox+"/customers?limit=25&offset=25" {
			t.Errorf("asked for %s", got)
		}
	})
}

func TestFault055_HrefsThatAreNoURLs(t *testing.T) {
	refused(t, "", dwolla.ErrNoLink)
	refusedAll(
		t, dwolla.ErrMalformedLink,
		" ", "https://api-sandbox.dwolla.com/a b", "/a\r\nHost: evil.test", "/a\x00", "/\t", "/%zz", "/a%",
		"/"+strings.Repeat("a", 1<<20), "https://api-sandbox.dwolla.com:port/", "://x", "?limit=1",
	)
}

func TestFault056_TemplatesAreNotSent(t *testing.T) {
	refusedAll(t, dwolla.ErrTemplatedLink, "/customers{?limit,offset}", "https://api-sandbox.dwolla.com/customers/{id}")
}

func TestFault057_TheOtherEnvironment(t *testing.T) {
	refusedAll(t, dwolla.ErrEnvironment, "https://api.dwolla.com/customers/x", "http://api.dwolla.com/customers/x")
	refusedAll(t, dwolla.ErrForeignLink, "https://api.dwolla.com/customers/x")
	client, err := dwolla.NewClient(dwolla.Production, "k", "s", dwolla.WithHTTPClient(&http.Client{Transport: unreachable{t}}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = dwolla.Follow(t.Context(), client, dwolla.LinkTo[dwolla.Customer](sandbox+"/customers/x"))
	ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrEnvironment)
}

func TestFault058_AddressesInsideTheNetwork(t *testing.T) {
	refusedAll(
		t, dwolla.ErrForeignLink,
		"https://127.0.0.1/x", "http://169.254.169.254/latest/meta-data", "http://localhost/x", "https://[::1]/x",
		"https://[fe80::1%25eth0]/x", "https://0x7f000001/x", "https://2130706433/x", "https://0/x",
	)
}

func TestFault059_IDsThatArePaths(t *testing.T) {
	for _, id := range []string{
		"", ".", "..", "%2e%2e", "a/b", "a?x=1", "a#b", "a%2fb", "../accounts/x", "a b", "a\r\nb", "é", "/", "//evil.test/customers/x",
		sandbox + "/funding-sources/x", sandbox + "/customers/", sandbox + "/customers/x/transfers", sandbox + "/customers/x?y=1",
		strings.Repeat("a", 129),
	} {
		t.Run(fmt.Sprintf("%.60q", id), func(t *testing.T) {
			s := newStub(t, always(200, `{"id":"x"}`))
			_, err := s.client.Customers.Get(t.Context(), id)
			ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
			if len(id) > 8 && strings.Contains(err.Error(), id) {
				t.Errorf("the error repeats the id: %v", err)
			}
			_, err = s.client.Transfers.Cancel(t.Context(), id)
			ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
			s.sends(t, 0)
		})
	}
}

func TestFault060_AURLInThePlaceOfAnID(t *testing.T) {
	for href, ok := range map[string]bool{
		sandbox + "/customers/x":                    true,
		"/customers/x":                              true,
		"http://api-sandbox.dwolla.com/customers/x": true,
		"https://api.dwolla.com/customers/x":        false,
		"https://evil.test/customers/x":             false,
		sandbox + "/accounts/x":                     false,
	} {
		t.Run(href, func(t *testing.T) {
			s := newStub(t, always(200, `{"id":"x"}`))
			_, err := s.client.Customers.Get(t.Context(), href)
			if !ok {
				ends(t, err, dwolla.OutcomeNotSent, dwolla.ErrInvalidArgument)
				s.sends(t, 0)
				return
			}
			ends(t, err, dwolla.OutcomeOK)
			s.sends(t, 1)
			if got := s.requests()[0].URL; got != sandbox+"/customers/x" {
				t.Errorf("asked for %s", got)
			}
		})
	}
}

func TestFault061_RedirectsAreNeverFollowed(t *testing.T) {
	targets := []string{
		sandbox + "/elsewhere", "https://evil.test/x", "http://api-sandbox.dwolla.com/x", "/transfers", "//evil.test/x", "", "%zz://\x7f", "http://[::1",
	}
	for _, status := range []int{300, 301, 302, 303, 304, 307, 308} {
		for _, to := range targets {
			t.Run(fmt.Sprintf("%d to %q", status, to), func(t *testing.T) {
				s := newStub(t, always(status, "", "Location", to))
				var resp dwolla.Response
				_, err := s.client.Customers.Get(t.Context(), "x", dwolla.WithResponse(&resp))
				ends(t, err, dwolla.OutcomeBadResponse, dwolla.ErrRedirect)
				s.sends(t, 1)
				if got := resp.Header.Get("Location"); got != to {
					t.Errorf("Location reads %q", got)
				}
				s = newStub(t, always(status, "", "Location", to))
				_, err = s.client.Transfers.Create(t.Context(), aTransfer())
				ends(t, err, dwolla.OutcomeRejected, dwolla.ErrRedirect)
				s.sends(t, 1)
				s = newStub(t, always(status, "", "Location", to))
				_, err = s.upload(t.Context(), strings.NewReader(string(pngDocument(99))), "a.png")
				ends(t, err, dwolla.OutcomeRejected, dwolla.ErrRedirect)
				s.sends(t, 1)
				s = newStub(t, always(status, "", "Location", to))
				for _, err := range s.client.Customers.All(t.Context(), dwolla.ListCustomersParams{}) {
					ends(t, err, dwolla.OutcomeBadResponse, dwolla.ErrRedirect)
				}
				s.sends(t, 1)
			})
		}
	}
}

func TestFault062_TheLocationOfWhatWasCreated(t *testing.T) {
	for name, tt := range map[string]struct {
		header []string
		id     string
		get    error
	}{
		"its own":    {[]string{"Location", sandbox + "/transfers/t1"}, "t1", nil},
		"plain http": {[]string{"Location", "http://api-sandbox.dwolla.com/transfers/t1"}, "t1", nil},
		"relative":   {[]string{"Location", "/transfers/t1"}, "t1", nil},
		"twice":      {[]string{"Location", "/transfers/t1", "Location", "/transfers/t1"}, "t1", nil},
		"foreign":    {[]string{"Location", "https://evil.test/transfers/t1"}, "", dwolla.ErrForeignLink},
		"production": {[]string{"Location", "https://api.dwolla.com/transfers/t1"}, "", dwolla.ErrEnvironment},
		"missing":    {nil, "", dwolla.ErrNoLocation},
		"empty":      {[]string{"Location", ""}, "", dwolla.ErrNoLocation},
		"two":        {[]string{"Location", "/transfers/t1", "Location", "/transfers/t2"}, "", dwolla.ErrNoLocation},
		"no URL":     {[]string{"Location", "%zz"}, "", dwolla.ErrMalformedLink},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, func(n int, _ *http.Request) *http.Response {
				if n == 1 {
					return reply(201, "", tt.header...)
				}
				return reply(404, `{"code":"NotFound"}`)
			})
			ref, err := s.client.Transfers.Create(t.Context(), aTransfer())
			ends(t, err, dwolla.OutcomeOK)
			if ref == nil || ref.ID() != tt.id {
				t.Fatalf("the reference is %v, want id %q", ref, tt.id)
			}
			_, err = ref.Get(t.Context())
			if tt.get != nil {
				ends(t, err, dwolla.OutcomeNotSent, tt.get)
				s.sends(t, 1)
				return
			}
			ends(t, err, dwolla.OutcomeRejected, dwolla.ErrNotFound) // of the reading alone
			s.sends(t, 2)
		})
	}
}

func TestFault063_PagesThatLeadInACircle(t *testing.T) {
	page := func(next string) string {
		return `{"_links":{"next":{"href":"` + next + `"}},"_embedded":{"customers":[{"id":"x"}]}}`
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

// spaces never end.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestFault065_TotalsThatAreWrong(t *testing.T) {
	one := `{"_embedded":{"customers":[{"id":"a"}]},"total":%s}`
	for total, want := range map[string]dwolla.Outcome{
		"1": dwolla.OutcomeOK, "0": dwolla.OutcomeOK, "-1": dwolla.OutcomeOK, "null": dwolla.OutcomeOK,
		`"1"`: dwolla.OutcomeBadResponse, "1.5": dwolla.OutcomeBadResponse, "1e30": dwolla.OutcomeBadResponse,
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
		`{"_links":{}}`:                          dwolla.OutcomeOK,
		`{"_embedded":null,"_links":{}}`:         dwolla.OutcomeOK,
		`{"_embedded":{}}`:                       dwolla.OutcomeOK,
		`{"_embedded":{"wrong":[]}}`:             dwolla.OutcomeOK,
		`{"_embedded":{"customers":null}}`:       dwolla.OutcomeOK,
		`{"_embedded":{"customers":{"id":"x"}}}`: dwolla.OutcomeBadResponse,
		`{"_embedded":[]}`:                       dwolla.OutcomeBadResponse,
		`{"_embedded":{"customers":["x"]}}`:      dwolla.OutcomeBadResponse,
		`{"_embedded":{"customers":"x"}}`:        dwolla.OutcomeBadResponse,
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
