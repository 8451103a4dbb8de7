package contract_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

// sharedRouter is made once, as it validates the document first.
var sharedRouter = sync.OnceValues(func() (routers.Router, error) {
	doc, err := sharedStrict()
	if err != nil {
		return nil, err
	}
	return legacy.NewRouter(doc, openapi3.DisableExamplesValidation())
})

func filterRouter(t *testing.T) routers.Router {
	t.Helper()
	router, err := sharedRouter()
	if err != nil {
		t.Fatal(err)
	}
	return router
}

// A Validator compiles the schemas once and asks kin-openapi's engine itself; openapi3filter, which compiles them for
// every message, must come to the same verdict.
func TestVerdictsAgreeWithKinOpenAPI(t *testing.T) {
	t.Parallel()
	filter := filterRouter(t)
	found := 0 // advice about unknown values of enumerations counts: openapi3filter refuses them everywhere
	strict := newValidator(t, contract.WithStrict(), contract.WithReport(func(contract.Violation) { found++ }))
	accepted, refused := 0, 0
	sweep(t, func(p place, _ *openapi3.Schema, value any) {
		if p.event {
			return // openapi3filter has no webhooks
		}
		messages := []any{value, spoil(value, 4821), spoil(value, strings.Repeat("x", 300)), map[string]any{bogus: value}}
		for _, message := range messages {
			body := encode(t, message)
			want := p.filter(t, filter, body)
			found = 0
			if err := p.check(t, strict, body); err != nil {
				t.Fatal(err)
			}
			if (want == nil) != (found == 0) {
				t.Errorf("%s: kin-openapi says %v, the validator has %d findings", p, want, found)
			}
			if want == nil {
				accepted++
			} else {
				refused++
			}
		}
	})
	t.Logf("%d messages accepted, %d refused", accepted, refused)
}

func TestParametersAgreeWithKinOpenAPI(t *testing.T) {
	t.Parallel()
	filter := filterRouter(t)
	v := newValidator(t)
	for _, path := range []string{
		"/customers", "/customers?limit=1", "/customers?limit=0", "/customers?limit=201", "/customers?limit=x", "/customers?limit=1.5",
		"/customers?offset=-1", "/customers?status=verified&status=document", "/customers?status=verified,document", "/customers?status=tall",
		"/customers/c1/funding-sources?removed=true", "/customers/c1/funding-sources?removed=yes",
		"/accounts/a1/transfers?startDate=2026-02-03", "/accounts/a1/transfers?startDate=3.2.2026", "/accounts/a1/transfers?status=pending",
		"/accounts/a1/transfers?status=lost", "/accounts/a1/mass-payments?correlationId=" + strings.Repeat("c", 256),
	} {
		p := place{method: http.MethodGet, path: path}
		want, got := p.filter(t, filter, nil), p.check(t, v, nil)
		if (want == nil) != (got == nil) {
			t.Errorf("%s: kin-openapi says %v, the validator says %v", path, want, got)
		}
	}
}

// filter asks openapi3filter about a body of this place.
func (p place) filter(t *testing.T, router routers.Router, body []byte) error {
	t.Helper()
	req := request(t, p.method+" "+strings.NewReplacer("{", "", "}", "").Replace(p.path), "", "")
	if p.status == 0 && body != nil {
		req = request(t, p.method+" "+strings.NewReplacer("{", "", "}", "").Replace(p.path), p.mediaType, string(body))
	}
	route, params, err := router.FindRoute(req)
	if err != nil {
		t.Fatal(err)
	}
	input := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true},
	}
	if p.status == 0 {
		return openapi3filter.ValidateRequest(t.Context(), input)
	}
	return openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: p.status, Header: http.Header{"Content-Type": {p.mediaType}},
		Body: io.NopCloser(bytes.NewReader(body)),
	})
}
