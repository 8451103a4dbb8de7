package dwolla_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// unreachable fails a test in which anything is sent.
type unreachable struct{ t *testing.T }

func (u unreachable) RoundTrip(req *http.Request) (*http.Response, error) {
	u.t.Errorf("something was sent: %s %s", req.Method, req.URL.Path)
	return nil, errors.New("unreachable")
}

func offlineClient(t *testing.T) *dwolla.Client {
	t.Helper()
	client, err := dwolla.NewClient(dwolla.Sandbox, "key", "secret", dwolla.WithHTTPClient(&http.Client{Transport: unreachable{t}}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestNewClientRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	tests := map[string]func() (*dwolla.Client, error){
		"no key":                      func() (*dwolla.Client, error) { return dwolla.NewClient(dwolla.Sandbox, "", "s") },
		"no secret":                   func() (*dwolla.Client, error) { return dwolla.NewClient(dwolla.Sandbox, "k", "") },
		"a secret with a newline":     func() (*dwolla.Client, error) { return dwolla.NewClient(dwolla.Sandbox, "k", "canary\n") },
		"no environment":              func() (*dwolla.Client, error) { return dwolla.NewClient("", "k", "s") },
		"an unknown environment":      func() (*dwolla.Client, error) { return dwolla.NewClient("staging", "k", "s") },
		"plain http":                  func() (*dwolla.Client, error) { return with(dwolla.WithBaseURL("http://gateway.example")) },
		"a base URL with a user":      func() (*dwolla.Client, error) { return with(dwolla.WithBaseURL("https://u:canary@gateway.example")) },
		"a base URL without host":     func() (*dwolla.Client, error) { return with(dwolla.WithBaseURL("/x")) },
		"a base URL that is none":     func() (*dwolla.Client, error) { return with(dwolla.WithBaseURL("http://[::1")) },
		"a plain base URL by address": func() (*dwolla.Client, error) { return with(dwolla.WithBaseURL("http://192.0.2.1")) },
		"an empty base URL":           func() (*dwolla.Client, error) { return with(dwolla.WithBaseURL("")) },
		"the other environment":       func() (*dwolla.Client, error) { return with(dwolla.WithBaseURL("https://api.dwolla.com")) },
		"no HTTP client":              func() (*dwolla.Client, error) { return with(dwolla.WithHTTPClient(nil)) },
		"no logger":                   func() (*dwolla.Client, error) { return with(dwolla.WithLogger(nil)) },
		"no middleware":               func() (*dwolla.Client, error) { return with(dwolla.WithMiddleware(nil)) },
		"a bad user agent":            func() (*dwolla.Client, error) { return with(dwolla.WithUserAgent("a\r\nb")) },
		"a negative time limit":       func() (*dwolla.Client, error) { return with(dwolla.WithTimeouts(dwolla.Timeouts{Attempt: -1})) },
		"negative retries":            func() (*dwolla.Client, error) { return with(dwolla.WithRetries(dwolla.Retries{MaxAttempts: -1})) },
		"a nil option":                func() (*dwolla.Client, error) { return with(nil) },
	}
	for name, construct := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := construct()
			if client != nil || !errors.Is(err, dwolla.ErrConfiguration) {
				t.Fatalf("got %v, %v; want ErrConfiguration", client, err)
			}
			if _, ok := errors.AsType[*dwolla.ConfigurationError](err); !ok {
				t.Errorf("%T is no *ConfigurationError", err)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("the error holds a value: %v", err)
			}
		})
	}
}

func with(opts ...dwolla.Option) (*dwolla.Client, error) {
	return dwolla.NewClient(dwolla.Sandbox, "k", "s", opts...)
}

func TestNewClientFromEnvSaysWhichVariableIsWrong(t *testing.T) {
	tests := []struct{ name, environment, key, secret, base, want string }{
		{"nothing set", "", "", "", "", "DWOLLA_ENVIRONMENT"},
		{"an unknown environment", "staging", "k", "s", "", "DWOLLA_ENVIRONMENT"},
		{"no key", "sandbox", "", "s", "", "DWOLLA_APP_KEY"},
		{"no secret", "sandbox", "k", "", "", "DWOLLA_APP_SECRET"},
		{"a bad base URL", "sandbox", "k", "s", "http://gateway.example", "base URL"},
		{"all there", "Sandbox", "k", "s", "http://127.0.0.1:8080", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("DWOLLA_ENVIRONMENT", tt.environment)
			t.Setenv("DWOLLA_APP_KEY", tt.key)
			t.Setenv("DWOLLA_APP_SECRET", tt.secret)
			t.Setenv("DWOLLA_BASE_URL", tt.base)
			_, err := dwolla.NewClientFromEnv()
			switch {
			case tt.want == "" && err != nil:
				t.Fatal(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Fatalf("got %v; want an error that names %s", err, tt.want)
			}
		})
	}
}

func TestAnIDThatIsNoneIsRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	client := offlineClient(t)
	ids := map[string]string{
		"empty": "", "a dot": ".", "two dots": "..", "encoded dots": "%2e%2e", "two segments": "a/b", "a query": "a?x=1",
		"a fragment": "a#b", "a space": "a b", "a newline": "a\nb", "too long": strings.Repeat("a", 200),
		"an href of another collection":           "https://api-sandbox.dwolla.com/customers/1",
		"an href of another host":                 "https://evil.test/mass-payments/1",
		"an href of the other environment":        "https://api.dwolla.com/mass-payments/1",
		"an href with a user":                     "https://u@api-sandbox.dwolla.com/mass-payments/1",
		"an href that only starts like Dwolla's":  "https://api-sandbox.dwolla.com.evil.test/mass-payments/1",
		"an href of something below the resource": "https://api-sandbox.dwolla.com/mass-payments/1/items",
		"an href with a query":                    "https://api-sandbox.dwolla.com/mass-payments/1?x=1",
		"an href with dots":                       "https://api-sandbox.dwolla.com/mass-payments/../customers",
		"a path of another collection":            "/transfers/1",
	}
	for name, id := range ids {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := client.MassPayments.Get(t.Context(), id)
			if arg, ok := errors.AsType[*dwolla.ArgumentError](err); !ok || arg.Argument != "id" || arg.Op != "MassPayments.Get" {
				t.Fatalf("got %v; want an *ArgumentError of MassPayments.Get about id", err)
			}
			if !errors.Is(err, dwolla.ErrInvalidArgument) || !errors.Is(err, dwolla.ErrNotSent) || dwolla.OutcomeOf(err) != dwolla.OutcomeNotSent {
				t.Errorf("kinds or outcome of %v", err)
			}
		})
	}
}

func payment(items int) dwolla.CreateMassPayment {
	var p dwolla.CreateMassPayment
	p.Links.Source.Href = "https://api-sandbox.dwolla.com/funding-sources/source"
	for range items {
		item := dwolla.CreateMassPaymentItem{Amount: dwolla.USDCents(100)}
		item.Links.Destination.Href = "https://api-sandbox.dwolla.com/funding-sources/destination"
		p.Items = append(p.Items, item)
	}
	return p
}

func TestAMassPaymentThatDwollaWouldRefuseIsNotSent(t *testing.T) {
	t.Parallel()
	client := offlineClient(t)
	tests := map[string]struct {
		change func(*dwolla.CreateMassPayment)
		want   string
	}{
		"no source":      {func(p *dwolla.CreateMassPayment) { p.Links.Source.Href = "" }, "body._links.source"},
		"no items":       {func(p *dwolla.CreateMassPayment) { p.Items = nil }, "body.items"},
		"too many items": {func(p *dwolla.CreateMassPayment) { p.Items = payment(5001).Items }, "body.items"},
		"no destination": {func(p *dwolla.CreateMassPayment) { p.Items[1].Links.Destination.Href = "" }, "body.items[1]._links.destination"},
		"the source is the destination": {
			func(p *dwolla.CreateMassPayment) { p.Items[0].Links.Destination.Href = p.Links.Source.Href }, "body.items[0]._links.destination",
		},
		"a correlation id with a space": {func(p *dwolla.CreateMassPayment) { p.CorrelationID = "a b" }, "body.correlationId"},
		"a correlation id of 256":       {func(p *dwolla.CreateMassPayment) { p.Items[0].CorrelationID = strings.Repeat("a", 256) }, "body.items[0].correlationId"},
		"metadata too long":             {func(p *dwolla.CreateMassPayment) { p.Metadata = map[string]string{"k": strings.Repeat("a", 255)} }, "body.metadata"},
		"too much metadata": {func(p *dwolla.CreateMassPayment) {
			p.Items[0].Metadata = map[string]string{}
			for c := range "abcdefghijk" {
				p.Items[0].Metadata[string(rune('a'+c))] = ""
			}
		}, "body.items[0].metadata"},
		"invalid UTF-8": {func(p *dwolla.CreateMassPayment) { p.Metadata = map[string]string{"k": "\xff"} }, "body"},
	}
	for _, amount := range []string{"", "0", "0.00", "-1", "1.234", "1e3", "1,000.00", " 1", "1 ", "+1", "NaN", "Inf", "0x1", "1.", ".5", strings.Repeat("9", 400)} {
		tests["the amount "+amount] = struct {
			change func(*dwolla.CreateMassPayment)
			want   string
		}{func(p *dwolla.CreateMassPayment) { p.Items[0].Amount.Value = amount }, "body.items[0].amount"}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := payment(2)
			tt.change(&p)
			_, err := client.MassPayments.Create(t.Context(), p)
			if arg, ok := errors.AsType[*dwolla.ArgumentError](err); !ok || arg.Argument != tt.want {
				t.Fatalf("got %v; want an *ArgumentError about %s", err, tt.want)
			}
		})
	}
}

func TestOtherBadInputIsRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	client := offlineClient(t)
	ctx := t.Context()
	var resp *dwolla.Response
	tests := map[string]error{
		"an empty idempotency key": second(client.MassPayments.Create(ctx, payment(1), dwolla.WithIdempotencyKey(""))),
		"a key with a newline":     second(client.MassPayments.Create(ctx, payment(1), dwolla.WithIdempotencyKey("a\nb"))),
		"a key of 256":             second(client.MassPayments.Create(ctx, payment(1), dwolla.WithIdempotencyKey(strings.Repeat("k", 256)))),
		"a header of the client":   second(client.MassPayments.Get(ctx, "1", dwolla.WithHeader("authorization", "x"))),
		"a header with a newline":  second(client.MassPayments.Get(ctx, "1", dwolla.WithHeader("X-A", "a\r\nX-B: b"))),
		"a nowhere response":       second(client.MassPayments.Get(ctx, "1", dwolla.WithResponse(resp))),
		"a transfer to nobody":     second(client.Transfers.Create(ctx, dwolla.CreateTransfer{Amount: dwolla.USDCents(1)})),
		"an empty path":            client.Get(ctx, "", nil, nil),
		"a foreign path":           client.Get(ctx, "//evil.test/x", nil, nil),
		"a nil context":            second(client.MassPayments.Get(nil, "1")), //nolint:staticcheck // the point of the test
		"a client nobody made":     second(new(dwolla.Client).Root.Get(ctx)),
		"a nil client":             (*dwolla.Client)(nil).Get(ctx, "/", nil, nil),
		"a link that is not there": second(dwolla.Follow(ctx, client, dwolla.Link[dwolla.Customer]{})),
		"a foreign link":           second(dwolla.Follow(ctx, client, dwolla.Link[dwolla.Customer]{Href: "https://evil.test/customers/1"})),
	}
	for name, err := range tests {
		if err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := client.MassPayments.Create(canceled, payment(1)); dwolla.OutcomeOf(err) != dwolla.OutcomeCanceled || !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled call: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }
