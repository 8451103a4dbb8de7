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

func TestWithReportHearsOfUnknownValuesOfEnumerations(t *testing.T) {
	t.Parallel()
	var got []contract.Violation
	v := newValidator(t, contract.WithReport(func(v contract.Violation) { got = append(got, v) }))
	body := strings.Replace(massPayment, "complete", "paused", 1)
	req := request(t, "GET /mass-payments/m1", "", "")
	if err := v.CheckResponse(req, 200, http.Header{"Content-Type": {halJSON}}, []byte(body)); err != nil {
		t.Fatal(err)
	}
	want := []contract.Violation{{
		Operation: "getMassPayment", Where: "response 200 body", Pointer: "/status",
		Reason: "is none of deferred, pending, processing, complete, cancelled", Advisory: true,
	}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestWithReportFailsNothing(t *testing.T) {
	t.Parallel()
	var got []string
	v := newValidator(t, contract.WithReport(func(v contract.Violation) { got = append(got, v.Error()) }))
	for _, err := range []error{
		v.CheckRequest(request(t, "POST /transfers", halJSON, "{}")),
		v.CheckRequest(request(t, "POST /payouts", halJSON, "{}")),
		v.CheckResponse(request(t, "GET /events", "", ""), 302, nil, nil),
		v.CheckResponse(request(t, "PUT /events", "", ""), 200, nil, nil),
		v.CheckEvent([]byte("[]")),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	want := []string{
		`contract: createTransfer: request body: lacks "_links", "amount"`,
		"contract: request: no operation has the path of POST /payouts",
		"contract: listEvents: response 302: is a status that is not in the contract",
		"contract: response 200: PUT is not a method of /events, which has GET",
		"contract: receiveEvent: event: is of type array, not object",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestCheckEvent(t *testing.T) {
	t.Parallel()
	const event = `{"_links":{"self":{"href":"` + baseURL + `/events/e1"}},"id":"e1","resourceId":"r1",` +
		`"topic":"customer_created","timestamp":"2026-02-03T09:30:00.000Z"}`
	edit := func(old, replacement string) string { return strings.Replace(event, old, replacement, 1) }
	tests := []struct {
		name, body string
		want       []string
	}{
		{name: "an event passes", body: event},
		{name: "an unknown topic passes", body: edit("customer_created", "customer_cloned")},
		{name: "an id must be there", body: edit(`"id":"e1",`, ""), want: []string{`receiveEvent: event: lacks "id"`}},
		{name: "a topic is text", body: edit(`"customer_created"`, "4"), want: []string{"receiveEvent: event /topic: is of type number, not string"}},
		{name: "an event is JSON", body: "id=e1", want: []string{"receiveEvent: event: is not valid JSON"}},
		{name: "an event is one value", body: event + event, want: []string{"receiveEvent: event: is not valid JSON"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := lines(t, newValidator(t).CheckEvent([]byte(tt.body))); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
