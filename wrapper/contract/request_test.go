package contract_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

func TestCheckRequest(t *testing.T) {
	t.Parallel()
	const (
		form     = "application/x-www-form-urlencoded"
		jsonType = "application/json"
	)
	edit := func(old, replacement string) string { return strings.Replace(transfer, old, replacement, 1) }
	tests := []struct {
		name        string
		line        string
		contentType string
		body        string
		header      http.Header
		want        []string
		strict      []string // what WithStrict finds besides
	}{
		{name: "a transfer as JSON passes", line: "POST /transfers", contentType: jsonType, body: transfer},
		{name: "a transfer as HAL passes", line: "POST /transfers", contentType: halJSON, body: transfer},
		{name: "parameters of the media type do not matter", line: "POST /transfers", contentType: jsonType + "; charset=utf-8", body: transfer},
		{name: "a wrong Accept is not the validator's business", line: "POST /transfers", contentType: jsonType, body: transfer, header: http.Header{"Accept": {"text/html"}}},
		{
			name: "a required body must be there", line: "POST /transfers", contentType: jsonType,
			want: []string{"createTransfer: request body: is missing"},
		},
		{name: "an optional body may be left out", line: "POST /sandbox-simulations"},
		{
			name: "an unknown media type is refused", line: "POST /transfers", contentType: "text/plain", body: transfer,
			want: []string{"createTransfer: request body: has a Content-Type that is not in the contract"},
		},
		{
			name: "a missing media type is refused", line: "POST /transfers", body: transfer,
			want: []string{"createTransfer: request body: has a Content-Type that is not in the contract"},
		},
		{
			name: "broken JSON is refused", line: "POST /transfers", contentType: jsonType, body: transfer[:40],
			want: []string{"createTransfer: request body: is not valid JSON"},
		},
		{
			name: "a second JSON value is refused", line: "POST /transfers", contentType: jsonType, body: transfer + transfer,
			want: []string{"createTransfer: request body: is not valid JSON"},
		},
		{
			name: "a required member must be there", line: "POST /transfers", contentType: jsonType,
			body: edit(`"currency":"USD"`, `"x":1`), want: []string{`createTransfer: request body /amount: lacks "currency"`},
			strict: []string{"createTransfer: request body /amount/x: is not in the contract"},
		},
		{
			name: "a number is not a money value", line: "POST /transfers", contentType: jsonType, body: edit(`"40.15"`, "40.15"),
			want: []string{"createTransfer: request body /amount/value: is of type number, not string"},
		},
		{
			name: "an amount is a plain decimal", line: "POST /transfers", contentType: jsonType, body: edit("40.15", "4e1"),
			want: []string{`createTransfer: request body /amount/value: does not match ^-?[0-9]+(\.[0-9]+)?$`},
		},
		{
			name: "members beside the declared ones pass unless strict", line: "POST /transfers", contentType: jsonType,
			body: edit(`"amount"`, `"memo":"x","amount"`), strict: []string{"createTransfer: request body /memo: is not in the contract"},
		},
		{
			name: "an enumeration is closed in a request", line: "POST /mass-payments/m1", contentType: jsonType, body: `{"status":"paused"}`,
			want: []string{"updateMassPayment: request body /status: is none of pending, cancelled"},
		},
		{
			name: "metadata keys are not repeated in a violation", line: "POST /transfers", contentType: jsonType,
			body: edit(`"amount"`, `"metadata":{"Rosa Okafor":7},"amount"`),
			want: []string{"createTransfer: request body /metadata/*: is of type number, not string"},
		},
		{
			name: "a metadata key can be too long", line: "POST /transfers", contentType: jsonType,
			body: edit(`"amount"`, `"metadata":{"`+strings.Repeat("k", 255)+`":"v"},"amount"`),
			want: []string{"createTransfer: request body /metadata: has a member whose name is not allowed"},
		},
		{
			name: "of a union the closest variant is explained", line: "POST /customers", contentType: jsonType,
			body: `{"type":"receive-only","firstName":"Rosa","email":"rosa@okafor.example"}`,
			want: []string{`createCustomer: request body: lacks "lastName" (in the closest of several variants)`},
		},
		{
			name: "of a union no variant may fit", line: "POST /customers", contentType: jsonType,
			body: `{"type":"robot","businessType":"robot"}`,
			want: []string{
				"createCustomer: request body: lacks \"email\", \"firstName\", \"lastName\" (in the closest of several variants)",
				"createCustomer: request body /type: is none of unverified (in the closest of several variants)",
			},
		},
		{
			name: "a strict union names the member outside of all variants", line: "POST /customers", contentType: jsonType,
			body:   `{"type":"receive-only","firstName":"Rosa","lastName":"Okafor","email":"rosa@okafor.example","nick":"R"}`,
			strict: []string{"createCustomer: request body /nick: is not in the contract"},
		},
		{name: "a token request passes", line: "POST /token", contentType: form, body: "grant_type=client_credentials"},
		{
			name: "a form field can have the wrong value", line: "POST /token", contentType: form, body: "grant_type=password",
			want: []string{`createToken: request body /grant_type: is not "client_credentials"`},
		},
		{
			name: "a form field cannot repeat", line: "POST /token", contentType: form, body: "grant_type=client_credentials&grant_type=x",
			want: []string{"createToken: request body /grant_type: is of type array, not string"},
		},
		{
			name: "credentials do not belong into the form", line: "POST /token", contentType: form,
			body:   "grant_type=client_credentials&client_secret=hush",
			strict: []string{"createToken: request body /client_secret: is not in the contract"},
		},
		{
			name: "a broken form is refused", line: "POST /token", contentType: form, body: "grant_type=%zz",
			want: []string{"createToken: request body: is not a valid form"},
		},
		{name: "query parameters pass", line: "GET /customers?limit=200&offset=0&status=verified&status=document"},
		{
			name: "a query parameter has bounds", line: "GET /customers?limit=201",
			want: []string{"listCustomers: query limit: is more than 200"},
		},
		{
			name: "a query parameter has a type", line: "GET /customers?limit=ten",
			want: []string{"listCustomers: query limit: is of type string, not integer"},
		},
		{
			name: "a quoted number is text", line: "GET /customers?limit=%2210%22",
			want: []string{"listCustomers: query limit: is of type string, not integer"},
		},
		{
			name: "each entry of an array is checked", line: "GET /mass-payments/m1/items?status=success&status=lost",
			want: []string{"listMassPaymentItems: query status /1: is none of pending, success, failed"},
		},
		{
			name: "a single parameter cannot repeat", line: "GET /customers?limit=1&limit=2",
			want: []string{"listCustomers: query limit: is given more than once"},
		},
		{name: "a boolean is true or false", line: "GET /customers/c1/funding-sources?removed=true"},
		{
			name: "a boolean is nothing else", line: "GET /customers/c1/funding-sources?removed=1",
			want: []string{"listCustomerFundingSources: query removed: is of type string, not boolean"},
		},
		{
			name: "an unknown query parameter passes unless strict", line: "GET /customers?page=2&after=x",
			strict: []string{"listCustomers: query after: is not in the contract", "listCustomers: query page: is not in the contract"},
		},
		{
			name: "a query must be well formed", line: "GET /customers?limit=%zz",
			want: []string{"listCustomers: query: is malformed"},
		},
		{
			name: "a header has a length", line: "POST /transfers", contentType: jsonType, body: transfer,
			header: http.Header{"Idempotency-Key": {strings.Repeat("k", 256)}},
			want:   []string{"createTransfer: header Idempotency-Key: is longer than 255 characters"},
		},
		{
			name: "a header cannot repeat", line: "POST /transfers", contentType: jsonType, body: transfer,
			header: http.Header{"Idempotency-Key": {"a", "b"}},
			want:   []string{"createTransfer: header Idempotency-Key: is given more than once"},
		},
		{
			name: "a body where there is none passes unless strict", line: "GET /customers", contentType: jsonType, body: "{}",
			strict: []string{"listCustomers: request body: is not in the contract"},
		},
		{
			name: "all findings come at once", line: "POST /transfers", contentType: jsonType,
			header: http.Header{"Idempotency-Key": {""}}, body: `{"_links":{"source":{}},"amount":{"value":"x","currency":"USD"}}`,
			want: []string{
				"createTransfer: header Idempotency-Key: is shorter than 1 characters",
				`createTransfer: request body /_links: lacks "destination"`,
				`createTransfer: request body /_links/source: lacks "href"`,
				`createTransfer: request body /amount/value: does not match ^-?[0-9]+(\.[0-9]+)?$`,
			},
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
				req := request(t, tt.line, tt.contentType, tt.body)
				maps.Copy(req.Header, tt.header)
				got := lines(t, newValidator(t, opts...).CheckRequest(req))
				if !slices.Equal(got, want) {
					t.Errorf("strict %v\ngot  %q\nwant %q", strict, got, want)
				}
			}
		})
	}
}
