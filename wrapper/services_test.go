package dwolla

import (
	"errors"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

func TestTheHandWrittenServicesAreTheGeneratedOnesAndMore(t *testing.T) {
	client, err := NewClient(Sandbox, "key", "secret")
	if err != nil {
		t.Fatal(err)
	}
	if client.Transfers.TransfersService != client.Services.Transfers || client.MassPayments.MassPaymentsService != client.Services.MassPayments {
		t.Error("a service is another one than the client's")
	}
	if client.Transfers.sources != client.FundingSources || client.MassPayments.sources != client.FundingSources {
		t.Error("owners are looked up by another client")
	}
}

func TestTheHandWrittenServicesOfAZeroClientReturnAnError(t *testing.T) {
	var client Client
	ctx := t.Context()
	var payment CreateMassPayment
	payment.CorrelationID = "c"
	payment.Links.Source.Href = "https://api-sandbox.dwolla.com/funding-sources/x"
	_, get := client.Transfers.Get(ctx, "id")
	_, wait := client.MassPayments.WaitFor(ctx, "id", Wait{})
	_, reconcile := client.MassPayments.Reconcile(ctx, payment, justSent(), Lookup{})
	for name, err := range map[string]error{"Get": get, "WaitFor": wait, "Reconcile": reconcile} {
		if !errors.Is(err, call.ErrNoClient) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, err := range client.Transfers.AllForAccount(ctx, "id", ListAccountTransfersParams{}) {
		if !errors.Is(err, call.ErrNoClient) {
			t.Errorf("a walk: %v", err)
		}
	}
}
