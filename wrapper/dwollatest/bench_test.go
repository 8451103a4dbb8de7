package dwollatest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// BenchmarkPage reads pages of 25 at the beginning and at the end of long lists: the offset must not matter, with a
// filter neither. The answers are checked against the contract, as in every test.
func BenchmarkPage(b *testing.B) {
	const customers, items = 100_000, 20_000
	server := dwollatest.New(b, dwollatest.WithItemRate(0), dwollatest.WithHistory(1))
	token := bearer(b, server)
	for i := range customers {
		server.AddCustomer(dwollatest.Customer{FirstName: "Jane", LastName: fmt.Sprint("Doe ", i)})
	}
	_, bank := server.AddReceiver("Max Roe")
	payments := payMany(b, server, token, bank.Href, items)
	lists := []struct {
		name, path string
		last       int
	}{
		{"customers", "/customers?", customers - 25},
		{"filtered customers", "/customers?search=jane&", customers - 25},
		{"events", "/events?", customers - 25},
		{"items", payments + "/items?", 5_000 - 25},
		{"filtered items", payments + "/items?status=success&", 5_000 - 25},
		{"transfers", "/accounts/" + server.Account().ID + "/transfers?", 9_975},
	}
	for _, l := range lists {
		for where, offset := range map[string]int{"first": 0, "last": l.last} {
			b.Run(l.name+"/"+where, func(b *testing.B) {
				for b.Loop() {
					fetch(b, server, token, fmt.Sprintf("%slimit=25&offset=%d", l.path, offset))
				}
			})
		}
	}
}

// BenchmarkMassPayment creates mass payments of 5,000 items and pays them, events and transfers included.
func BenchmarkMassPayment(b *testing.B) {
	server := dwollatest.New(b, dwollatest.WithItemRate(0), dwollatest.WithHistory(1))
	token := bearer(b, server)
	_, bank := server.AddReceiver("Max Roe")
	for b.Loop() {
		payMany(b, server, token, bank.Href, 5_000)
	}
}

// payMany pays n items in mass payments of 5,000 and returns the path of the last one.
func payMany(b *testing.B, server *dwollatest.Server, token, to string, n int) (last string) {
	b.Helper()
	server.SetBalance(server.Account().ID, int64(n))
	entry := fmt.Sprintf(`{"_links":{"destination":{"href":%q}},"amount":{"value":"0.01","currency":"USD"}}`, to)
	for ; n > 0; n -= 5_000 {
		entries := strings.TrimSuffix(strings.Repeat(entry+",", min(n, 5_000)), ",")
		body := fmt.Sprintf(`{"_links":{"source":{"href":%q}},"items":[%s]}`, server.AccountBalance().Href, entries)
		out := do(b, server, token, http.MethodPost, "/mass-payments", body)
		last = strings.TrimPrefix(out.Header.Get("Location"), server.URL())
	}
	return last
}

func bearer(b *testing.B, server *dwollatest.Server) string {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, server.URL()+"/token", strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		b.Fatal(err)
	}
	r.SetBasicAuth(server.Key(), server.Secret())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := server.Client().Do(r)
	if err != nil {
		b.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(body), `"access_token":"`)
	token, _, _ := strings.Cut(rest, `"`)
	return token
}

func fetch(b *testing.B, server *dwollatest.Server, token, path string) {
	b.Helper()
	do(b, server, token, http.MethodGet, path, "")
}

func do(b *testing.B, server *dwollatest.Server, token, method, path, body string) *http.Response {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, server.URL()+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Accept", halJSON)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	response, err := server.Client().Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode >= http.StatusBadRequest {
		b.Fatalf("%s %s: %d", method, path, response.StatusCode)
	}
	return response
}
