package dwolla

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"testing"
)

func TestAMiddlewareWithoutAnAnswerIsAnError(t *testing.T) {
	for name, answer := range map[string]*http.Response{"nothing": nil, "no body": {StatusCode: 200}} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t, WithMiddleware(func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
				_, _ = next(req)
				return answer, nil
			}))
			r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 1, 1})
			if err := r.read(t.Context()); OutcomeOf(err) != OutcomeBadResponse {
				t.Error(err)
			}
		})
	}
	virtual(t, "its own error is passed on", func(t *testing.T) {
		own := errors.New("the budget of the month is spent")
		r := inMemoryRig(t, WithMiddleware(func(req *http.Request, _ func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			if op := OperationOf(req); op.Name != "Transfers.Create" || op.Path != "/transfers" || op.Method != http.MethodPost {
				t.Errorf("%+v", op)
			}
			return nil, own
		}))
		if err := r.pay(t.Context()); !errors.Is(err, own) {
			t.Error(err)
		}
		if OperationOf(new(http.Request)) != (Operation{}) {
			t.Error("a request without a call has an operation")
		}
	})
}

// An answer that a middleware keeps does not change later.
func TestMiddlewareMayKeepAnAnswer(t *testing.T) {
	var kept []io.Reader
	n := 0
	client, err := NewClient(Sandbox, "key", "secret", WithHTTPClient(bareTransport(func(*http.Request) *http.Response {
		n++
		return inMemoryAnswer(http.StatusOK, fmt.Sprintf(`{"id":"%d"}`, n))
	})), WithMiddleware(func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		resp, err := next(req)
		if err == nil {
			kept = append(kept, resp.Body)
		}
		return resp, err
	}))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := client.Customers.Get(t.Context(), strconv.Itoa(n+1)); err != nil {
			t.Fatal(err)
		}
	}
	for i, body := range kept {
		if data, err := io.ReadAll(body); err != nil || string(data) != fmt.Sprintf(`{"id":"%d"}`, i+1) {
			t.Errorf("%d: %q, %v", i+1, data, err)
		}
	}
}
