package dwolla_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

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
		}{func(p *dwolla.CreateMassPayment) { p.Items[0].Amount.Amount = amount }, "body.items[0].amount"}
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
