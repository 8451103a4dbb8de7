package contract_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
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

func TestCheckRequestPutsTheBodyBack(t *testing.T) {
	t.Parallel()
	req := request(t, "POST /transfers", halJSON, transfer)
	closed := false
	req.Body = closer{req.Body, func() { closed = true }}
	req.GetBody = nil
	if err := newValidator(t).CheckRequest(req); err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(req.Body); err != nil || string(body) != transfer {
		t.Errorf("the body is %q, %v", body, err)
	}
	if req.GetBody != nil || req.ContentLength != int64(len(transfer)) {
		t.Error("GetBody or ContentLength has changed: net/http must not learn to replay a payment")
	}
	if _ = req.Body.Close(); !closed {
		t.Error("closing the body does not close the original")
	}
}

func TestCheckRequestLeavesAnAbsentBodyAlone(t *testing.T) {
	t.Parallel()
	for _, body := range []io.ReadCloser{nil, http.NoBody} {
		req := request(t, "GET /customers", "", "")
		req.Body = body
		if err := newValidator(t).CheckRequest(req); err != nil {
			t.Fatal(err)
		}
		if req.Body != body {
			t.Errorf("the body %v became %v", body, req.Body)
		}
	}
}

func TestCheckRequestPassesOnTheErrorOfReading(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection lost")
	req := request(t, "POST /transfers", halJSON, "x")
	req.Body = io.NopCloser(io.MultiReader(strings.NewReader(transfer[:10]), &failsOnce{broken}))
	if err := newValidator(t).CheckRequest(req); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if body, err := io.ReadAll(req.Body); string(body) != transfer[:10] || !errors.Is(err, broken) {
		t.Errorf("the next reader gets %q, %v", body, err)
	}
}

// Not parallel: with the race detector, large bodies at once take several times as long as one by one.
func TestCheckRequestStopsReadingAtTheLimit(t *testing.T) {
	const size = 3 << 20
	req := request(t, "POST /transfers", halJSON, "x")
	source := &counter{Reader: io.LimitReader(zeros{}, size)}
	req.Body = io.NopCloser(source)
	got := lines(t, newValidator(t, contract.WithLimit(1<<20)).CheckRequest(req))
	if want := []string{"createTransfer: request body: is larger than 1048576 bytes"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if source.n > 2<<20 {
		t.Errorf("%d bytes were read", source.n)
	}
	if n, err := io.Copy(io.Discard, req.Body); n != size || err != nil {
		t.Errorf("the next reader gets %d bytes, %v", n, err)
	}
}

// Not parallel: with the race detector, large bodies at once take several times as long as one by one.
func TestCheckRequestOfAnUpload(t *testing.T) {
	tests := []struct {
		name  string
		parts []part
		want  []string
	}{
		{name: "a field and a file pass", parts: []part{{name: "documentType", body: "passport"}, {"file", "a.png", "image/png", "png"}}},
		{
			name: "the file must be there", parts: []part{{name: "documentType", body: "passport"}},
			want: []string{`createCustomerDocument: request body: lacks "file"`},
		},
		{
			name: "a field has its values", parts: []part{{name: "documentType", body: "diary"}, {"file", "a.png", "image/png", "png"}},
			want: []string{"createCustomerDocument: request body /documentType: is none of passport, license, idCard, other"},
		},
		{
			name: "the file needs a name", parts: []part{{name: "documentType", body: "passport"}, {"file", "", "image/png", "png"}},
			want: []string{`createCustomerDocument: request body: has no file name in the part "file"`},
		},
		{
			name: "the file has one of the media types", parts: []part{{name: "documentType", body: "passport"}, {"file", "a.gif", "image/gif", "gif"}},
			want: []string{`createCustomerDocument: request body: has a file of a media type that is not allowed in the part "file"`},
		},
		{
			name: "a part cannot repeat", parts: []part{{name: "documentType", body: "passport"}, {name: "documentType", body: "passport"}},
			want: []string{`createCustomerDocument: request body: has the part "documentType" more than once`},
		},
		{
			name: "the file is at most 10 MiB", parts: []part{{name: "documentType", body: "passport"}, {"file", "a.png", "image/png", strings.Repeat("x", 10<<20+1)}},
			want: []string{`createCustomerDocument: request body: has a file of more than 10485760 bytes in the part "file"`},
		},
		{
			name: "a larger upload is not read to its end", parts: []part{{"file", "a.png", "image/png", strings.Repeat("x", 12<<20)}},
			want: []string{"createCustomerDocument: request body: is larger than 11534336 bytes"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body, contentType := upload(t, tt.parts)
			req := request(t, "POST /customers/c1/documents", contentType, body)
			if got := lines(t, newValidator(t, contract.WithStrict()).CheckRequest(req)); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if n, err := io.Copy(io.Discard, req.Body); n != int64(len(body)) || err != nil {
				t.Errorf("of %d bytes the next reader gets %d, %v", len(body), n, err)
			}
		})
	}
}

func TestCheckRequestOfABrokenUpload(t *testing.T) {
	t.Parallel()
	body, contentType := upload(t, []part{{name: "documentType", body: "passport"}})
	tests := []struct{ name, contentType, body, want string }{
		{"without a boundary", "multipart/form-data", body, "has no boundary"},
		{"with another boundary", "multipart/form-data; boundary=other", body, "is not a valid multipart form"},
		{"cut off in a part", contentType, body[:len(body)-20], "is not a valid multipart form"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := lines(t, newValidator(t).CheckRequest(request(t, "POST /customers/c1/documents", tt.contentType, tt.body)))
			if want := []string{"createCustomerDocument: request body: " + tt.want}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

type part struct{ name, file, contentType, body string }

func upload(t *testing.T, parts []part) (body, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name=%q`, p.name)}}
		if p.file != "" {
			header["Content-Disposition"] = []string{fmt.Sprintf(`form-data; name=%q; filename=%q`, p.name, p.file)}
		}
		if p.contentType != "" {
			header.Set("Content-Type", p.contentType)
		}
		to, err := w.CreatePart(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(to, p.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

type closer struct {
	io.Reader
	onClose func()
}

func (c closer) Close() error {
	c.onClose()
	return nil
}

// failsOnce gives its error to the first reader only.
type failsOnce struct{ err error }

func (f *failsOnce) Read([]byte) (int, error) {
	err := f.err
	f.err = io.EOF
	return 0, err
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

type counter struct {
	io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}
