package dwollatest_test

import (
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestTheLedgerIsWhatWasPaid(t *testing.T) {
	r := newRig(t)
	customer, to := r.AddReceiver("Jane Doe")
	_, other := r.AddReceiver("Max Roe")
	balance := r.AccountBalance()
	first := transfer(balance.Href, to.Href, "10.00")
	first["correlationId"] = "first"
	r.create("/transfers", first)
	r.post(r.create("/transfers", transfer(balance.Href, to.Href, "20.00")), jsonObject{"status": "cancelled"})
	r.Fault("createTransfer", dwollatest.Fault{Status: 500, AfterCommit: true, Times: 1})
	r.post("/transfers", transfer(balance.Href, other.Href, "5.00"))
	r.expect("payments", len(r.Ledger()), 3)
	r.expect("to the bank", len(r.Ledger().To(to.ID)), 2)
	r.expect("to the Customer", len(r.Ledger().To(customer.ID)), 2)
	r.expect("without the cancelled one", r.Ledger().To(to.ID).Total().String(), "10.00 USD")
	r.expect("with a lost response", r.Ledger().Total().String(), "15.00 USD")
	r.expect("correlated", r.Ledger().Correlated("first")[0].Source, balance.ID)
}
