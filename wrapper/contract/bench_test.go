package contract_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

// largest is a mass payment of the documented maximum, 5,000 items.
func largest() string {
	items := make([]string, 5000)
	for i := range items {
		items[i] = fmt.Sprintf(`{"_links":{"destination":{"href":%q}},"amount":{"value":"%d.25","currency":"USD"},`+
			`"correlationId":"run-7-%d","metadata":{"courier":"%d"}}`, paid, i+1, i, i)
	}
	return fmt.Sprintf(`{"_links":{"source":{"href":%q}},"items":[%s]}`, payer, strings.Join(items, ","))
}

func TestTheLargestMassPaymentPasses(t *testing.T) {
	t.Parallel()
	if err := newValidator(t, contract.WithStrict()).CheckRequest(request(t, "POST /mass-payments", halJSON, largest())); err != nil {
		t.Error(err)
	}
}

func BenchmarkCheckRequest(b *testing.B) {
	v := newValidator(b, contract.WithStrict())
	for _, bm := range []struct{ name, line, body string }{
		{"transfer", "POST /transfers", transfer},
		{"mass payment of 5000", "POST /mass-payments", largest()},
	} {
		b.Run(bm.name, func(b *testing.B) {
			req := request(b, bm.line, halJSON, bm.body)
			b.SetBytes(int64(len(bm.body)))
			b.ReportAllocs()
			for b.Loop() {
				req.Body = io.NopCloser(strings.NewReader(bm.body))
				if err := v.CheckRequest(req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCheckResponse(b *testing.B) {
	v := newValidator(b, contract.WithStrict())
	req := request(b, "GET /mass-payments/m1", "", "")
	header := http.Header{"Content-Type": {halJSON}}
	b.SetBytes(int64(len(massPayment)))
	b.ReportAllocs()
	for b.Loop() {
		if err := v.CheckResponse(req, http.StatusOK, header, []byte(massPayment)); err != nil {
			b.Fatal(err)
		}
	}
}

// What the first New of a program costs.
func BenchmarkStrict(b *testing.B) {
	for b.Loop() {
		if _, err := contract.Strict(); err != nil {
			b.Fatal(err)
		}
	}
}
