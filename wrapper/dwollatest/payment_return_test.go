package dwollatest_test

import (
	"testing"
)

func TestSandboxTransferFailureByFundingSourceName(t *testing.T) {
	for _, row := range []struct {
		name    string
		code    string
		calls   int
		removed bool
	}{
		{"R01", "R01", 1, false},
		{"R03", "R03", 1, true},
		{"R01-late", "R01", 2, false},
		{"R03-late", "R03", 2, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t)
			customer, bank := r.AddVerifiedCustomerWithBank("Jane Doe")
			r.post(bank.Href, jsonObject{"name": row.name})
			at := r.create("/transfers", transfer(bank.Href, r.BalanceOf(customer.ID).Href, "25.00"))
			if row.calls == 2 {
				r.simulate()
				r.expect("first call", r.get(at).text("status"), "processed")
				r.expect("balance", r.Balance(customer.ID), int64(2500))
			}
			r.simulate()
			failed := r.get(at)
			r.expect("status", failed.text("status"), "failed")
			r.expect("code", r.get(failed.href("failure")).text("code"), row.code)
			r.expect("bank", r.get(failed.href("failure")).href("failed-funding-source"), bank.Href)
			r.expect("balance", r.Balance(customer.ID), int64(0))
			r.expect("removed", r.get(bank.Href)["removed"], row.removed)
			r.wants("topics", r.topics(), "customer_bank_transfer_created", "customer_bank_transfer_failed")
		})
	}
}
