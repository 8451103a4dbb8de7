package contract_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

const (
	halJSON  = "application/vnd.dwolla.v1.hal+json"
	baseURL  = "https://api-sandbox.dwolla.com"
	paid     = baseURL + "/funding-sources/6e1f0c52-8a34-4c5b-9d21-b33000f1c001"
	payer    = baseURL + "/funding-sources/6e1f0c52-8a34-4c5b-9d21-b33000f1c002"
	transfer = `{"_links":{"source":{"href":"` + payer + `"},"destination":{"href":"` + paid + `"}},` +
		`"amount":{"value":"40.15","currency":"USD"}}`
)

func newValidator(tb testing.TB, opts ...contract.Option) *contract.Validator {
	tb.Helper()
	v, err := contract.New(opts...)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// request makes a request of "POST /path"; body may be empty.
func request(tb testing.TB, line, contentType, body string) *http.Request {
	tb.Helper()
	method, path, _ := strings.Cut(line, " ")
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(tb.Context(), method, baseURL+path, reader)
	if err != nil {
		tb.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return req
}

// lines are the texts of the violations in an error, without their common prefix.
func lines(tb testing.TB, err error) []string {
	tb.Helper()
	if err == nil {
		return nil
	}
	violations, ok := errors.AsType[contract.Violations](err)
	if !ok {
		tb.Fatalf("%T is not a list of violations: %v", err, err)
	}
	var texts []string
	for _, v := range violations {
		texts = append(texts, strings.TrimPrefix(v.Error(), "contract: "))
	}
	return texts
}
