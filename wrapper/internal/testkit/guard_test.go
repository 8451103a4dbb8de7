package testkit_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/testkit"
)

// failures counts what a Guard reports.
type failures int

func (*failures) Helper() {}

func (f *failures) Errorf(string, ...any) { *f++ }

type answers struct{}

func (answers) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusCreated, Body: http.NoBody}, nil
}

func TestAGuardFailsTheTestOnABrokenInvariant(t *testing.T) {
	const base = "https://bank.test"
	post := func(t *testing.T, url, key, body string) *http.Request {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.GetBody = nil
		if key != "" {
			req.Header.Set("Idempotency-Key", key)
		}
		return req
	}
	for _, row := range []struct {
		name       string
		key2, url2 string
		body2      string
		sends      int
		want       int
	}{
		{"the same request again", "k", base + "/transfers", "1", 2, 0},
		{"another origin", "k", "https://other.test/transfers", "1", 2, 1},
		{"another key", "l", base + "/transfers", "1", 2, 1},
		{"no key", "", base + "/transfers", "1", 2, 1},
		{"another body", "k", base + "/transfers", "2", 2, 1},
		{"another URL", "k", base + "/mass-payments", "1", 2, 1},
		{"too many attempts", "k", base + "/transfers", "1", testkit.DefaultSends + 1, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			var found failures
			guard := testkit.New(&found, base, answers{})
			var last error
			_, _ = guard.Tag(post(t, base+"/transfers", "k", "1"), func(first *http.Request) (*http.Response, error) {
				resp, err := guard.RoundTrip(first)
				for range row.sends - 1 {
					_, last = guard.RoundTrip(post(t, row.url2, row.key2, row.body2).WithContext(first.Context()))
				}
				return resp, err
			})
			if int(found) != row.want || errors.Is(last, testkit.ErrViolation) != (row.want > 0) {
				t.Errorf("got %d violations, %v", found, last)
			}
		})
	}
}
