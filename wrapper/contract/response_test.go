package contract_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

const massPayment = `{"_links":{"self":{"href":"` + baseURL + `/mass-payments/m1"}},"id":"m1","status":"complete",` +
	`"created":"2026-02-03T09:30:00.000Z","total":{"value":"12.50","currency":"USD"}}`

func TestCheckResponse(t *testing.T) {
	t.Parallel()
	hal := http.Header{"Content-Type": {halJSON}}
	edit := func(old, replacement string) string { return strings.Replace(massPayment, old, replacement, 1) }
	tests := []struct {
		name   string
		line   string
		status int
		header http.Header
		body   string
		want   []string
		strict []string // what WithStrict finds besides
	}{
		{name: "a resource passes", line: "GET /mass-payments/m1", status: 200, header: hal, body: massPayment},
		{
			name: "parameters of the media type do not matter", line: "GET /mass-payments/m1", status: 200,
			header: http.Header{"Content-Type": {halJSON + "; charset=UTF-8"}}, body: massPayment,
		},
		{
			name: "another media type is refused", line: "GET /mass-payments/m1", status: 200,
			header: http.Header{"Content-Type": {"application/json"}}, body: massPayment,
			want: []string{"getMassPayment: response 200 body: has a Content-Type that is not in the contract"},
		},
		{
			name: "a declared body must be there", line: "GET /mass-payments/m1", status: 200, header: hal,
			want: []string{"getMassPayment: response 200 body: is missing"},
		},
		{
			name: "a body cut off is refused", line: "GET /mass-payments/m1", status: 200, header: hal, body: massPayment[:60],
			want: []string{"getMassPayment: response 200 body: is not valid JSON"},
		},
		{
			name: "a type is checked", line: "GET /mass-payments/m1", status: 200, header: hal, body: edit(`"12.50"`, "12.50"),
			want: []string{"getMassPayment: response 200 body /total/value: is of type number, not string"},
		},
		{
			name: "a time is checked", line: "GET /mass-payments/m1", status: 200, header: hal, body: edit("2026-02-03T09", "03/02/2026 09"),
			want: []string{"getMassPayment: response 200 body /created: is not a valid date-time"},
		},
		{name: "an unknown value of an enumeration passes", line: "GET /mass-payments/m1", status: 200, header: hal, body: edit("complete", "paused")},
		{
			name: "an unknown value of an enumeration hides nothing", line: "GET /mass-payments/m1", status: 200, header: hal,
			body: edit(`"complete"`, `"paused","mood":"calm"`), strict: []string{"getMassPayment: response 200 body /mood: is not in the contract"},
		},
		{
			name: "new members pass unless strict", line: "GET /mass-payments/m1", status: 200, header: hal, body: edit(`{"href"`, `{"rel":"x","href"`),
			strict: []string{"getMassPayment: response 200 body /_links/self/rel: is not in the contract"},
		},
		{
			name: "an undeclared status below 400 is refused", line: "GET /mass-payments/m1", status: 202, header: hal, body: massPayment,
			want: []string{"getMassPayment: response 202: is a status that is not in the contract"},
		},
		{name: "a creation without a body passes", line: "POST /mass-payments", status: 201, header: http.Header{"Location": {baseURL + "/mass-payments/m1"}}},
		{
			name: "a header cannot repeat", line: "POST /mass-payments", status: 201, header: http.Header{"Location": {"/a", "/b"}},
			want: []string{"createMassPayment: response 201 header Location: is given more than once"},
		},
		{
			name: "a body where there is none passes unless strict", line: "POST /mass-payments", status: 201,
			header: http.Header{"Content-Type": {halJSON}, "Location": {"/m"}}, body: "{}",
			strict: []string{"createMassPayment: response 201 body: is not in the contract"},
		},
		{name: "an error passes", line: "GET /mass-payments/m1", status: 404, header: hal, body: `{"code":"NotFound","message":"None."}`},
		{
			name: "an error has a form", line: "GET /mass-payments/m1", status: 404, header: hal, body: `{"code":404,"detail":"x"}`,
			want:   []string{"getMassPayment: response 404 body /code: is of type number, not string"},
			strict: []string{"getMassPayment: response 404 body /detail: is not in the contract"},
		},
		{
			name: "an error of a status that is not listed has the same form", line: "GET /mass-payments/m1", status: 503, header: hal, body: `{"code":503}`,
			want: []string{"getMassPayment: response 503 body /code: is of type number, not string"},
		},
		{
			name: "the media type of an error does not matter", line: "GET /mass-payments/m1", status: 429,
			header: http.Header{"Content-Type": {"application/vnd.dwolla.v1.hal"}}, body: `{"code":429}`,
			want: []string{"getMassPayment: response 429 body /code: is of type number, not string"},
		},
		{
			name: "the page of a gateway passes", line: "GET /mass-payments/m1", status: 502,
			header: http.Header{"Content-Type": {"text/html"}}, body: "<html>",
		},
		{
			name: "an error that claims to be JSON must be", line: "GET /mass-payments/m1", status: 500, header: hal, body: "<html>",
			want: []string{"getMassPayment: response 500 body: is not valid JSON"},
		},
		{name: "an error may have no body", line: "GET /mass-payments/m1", status: 500},
		{
			name: "the token endpoint has errors of its own", line: "POST /token", status: 401,
			header: http.Header{"Content-Type": {"application/json"}}, body: `{"error":7}`,
			want: []string{"createToken: response 401 body /error: is of type number, not string"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, strict := range []bool{false, true} {
				var opts []contract.Option
				want := slices.Clone(tt.want)
				if strict {
					opts, want = append(opts, contract.WithStrict()), append(want, tt.strict...)
				}
				req := request(t, tt.line, "", "")
				got := lines(t, newValidator(t, opts...).CheckResponse(req, tt.status, tt.header, []byte(tt.body)))
				if !slices.Equal(got, want) {
					t.Errorf("strict %v\ngot  %q\nwant %q", strict, got, want)
				}
			}
		})
	}
}
