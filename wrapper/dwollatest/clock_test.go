package dwollatest_test

import (
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestTheServerRunsInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := dwollatest.New(t)
		client := server.Dwolla()
		_, bank := server.AddReceiver("Jane Doe")
		items := make([]dwolla.CreateMassPaymentItem, 100)
		for i := range items {
			items[i] = dwolla.CreateMassPaymentItem{
				Links:  dwolla.CreateMassPaymentItemLinks{Destination: dwolla.LinkTo[dwolla.FundingSource](bank.Href)},
				Amount: dwolla.USDCents(100),
			}
		}
		start := time.Now()
		ref, err := client.MassPayments.Create(t.Context(), dwolla.CreateMassPayment{
			Links: dwolla.CreateMassPaymentLinks{Source: dwolla.LinkTo[dwolla.FundingSource](server.AccountBalance().Href)},
			Items: items,
		})
		if err != nil {
			t.Fatal(err)
		}
		done, err := client.MassPayments.WaitFor(t.Context(), ref.ID(), dwolla.Wait{})
		if err != nil {
			t.Fatal(err)
		}
		if done.Status != dwolla.MassPaymentStatusComplete {
			t.Errorf("got %s", done.Status)
		}
		if took := time.Since(start); took < 75*time.Second || took > 2*time.Minute {
			t.Errorf("100 items took %s of virtual time", took)
		}
	})
}
