package dwollatest_test

import (
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestFirst(t *testing.T) {
	server := dwollatest.New(t, dwollatest.WithItemRate(0))
	client := server.Dwolla()
	_, bank := server.AddReceiver("Jane Doe")
	root, err := client.Root.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Log(root.Links.Account.Href)
	ref, err := client.MassPayments.Create(t.Context(), dwolla.CreateMassPayment{
		Links: dwolla.CreateMassPaymentLinks{Source: dwolla.LinkTo[dwolla.FundingSource](server.AccountBalance().Href)},
		Items: []dwolla.CreateMassPaymentItem{{
			Links:  dwolla.CreateMassPaymentItemLinks{Destination: dwolla.LinkTo[dwolla.FundingSource](bank.Href)},
			Amount: dwolla.USDCents(1250),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := ref.Get(t.Context())
	t.Logf("%+v %v", m, err)
	for item, err := range client.MassPayments.AllItems(t.Context(), ref.ID(), dwolla.ListMassPaymentItemsParams{}) {
		t.Logf("%+v %v", item, err)
	}
	t.Logf("%+v", server.Ledger())
}
