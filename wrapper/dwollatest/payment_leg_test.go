package dwollatest_test

import (
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestPaymentsBetweenBanksHaveLegs(t *testing.T) {
	r := newRig(t)
	sender, from := r.AddVerifiedCustomerWithBank("Jane Doe")
	receiver, to := r.AddVerifiedCustomerWithBank("Max Roe")
	at := r.create("/transfers", transfer(from.Href, to.Href, "30.00"))
	main := r.get(at)
	debit := r.get(main.href("funding-transfer"))
	r.expect("debit leads on", debit.href("funded-transfer"), at)
	r.expect("debit", debit.href("source"), debit.href("destination"))
	r.expect("from", main.href("source"), sender.Href)
	r.expect("to", main.href("destination"), receiver.Href)
	r.expect("from which", main.href("source-funding-source"), from.Href)
	r.expect("to which", main.href("destination-funding-source"), to.Href)
	r.simulate()
	main = r.get(at)
	r.expect("after one call", main.text("status"), "processed")
	credit := r.get(main.href("funded-transfer"))
	r.expect("the credit", credit.text("status"), "pending")
	r.expect("its balance", r.Balance(receiver.ID), int64(0))
	r.simulate()
	r.expect("after two calls", r.get(credit.href("self")).text("status"), "processed")
	r.wants("topics", r.topics(), "customer_bank_transfer_created", "customer_transfer_completed", "customer_bank_transfer_completed")
	r.expect("paid once", len(r.Ledger()), 1)
}

func TestAReturnedDebitFailsThePaymentThatWaitsForIt(t *testing.T) {
	r := newRig(t)
	_, to := r.AddReceiver("Jane Doe")
	from := r.AddBank(r.Account().ID, "R01")
	at := r.create("/transfers", transfer(from.Href, to.Href, "30.00"))
	r.simulate()
	failed := r.get(at)
	r.expect("status", failed.text("status"), "failed")
	r.expect("reason", r.get(failed.href("failure")).text("code"), "R01")
	r.expect("balance", r.Balance(r.Account().ID), int64(5_000_00))
}

func TestAReturnedCreditGoesBackToTheBalance(t *testing.T) {
	r := newRig(t)
	customer, to := r.AddReceiver("Jane Doe")
	r.post(to.Href, jsonObject{"name": "R10"})
	at := r.create("/transfers", transfer(r.AccountBalance().Href, to.Href, "30.00"))
	r.expect("on its way", r.Balance(r.Account().ID), int64(4_970_00))
	r.simulate()
	r.expect("status", r.get(at).text("status"), "failed")
	r.expect("back", r.Balance(r.Account().ID), int64(5_000_00))
	r.expect("customer", r.get(customer.Href).text("status"), "suspended")
	r.expect("bank", r.get(to.Href)["removed"], true)
}

func TestALateReturnCanMakeABalanceNegative(t *testing.T) {
	r := newRig(t)
	customer, bank := r.AddVerifiedCustomerWithBank("Jane Doe")
	r.post(bank.Href, jsonObject{"name": "R01-late"})
	r.create("/transfers", transfer(bank.Href, r.BalanceOf(customer.ID).Href, "30.00"))
	r.simulate()
	r.create("/transfers", transfer(r.BalanceOf(customer.ID).Href, r.AccountBalance().Href, "30.00"))
	r.simulate()
	r.expect("balance", r.Balance(customer.ID), int64(-30_00))
	r.wants("topics", r.topics(), "customer_funding_source_negative")
}

func TestPendingTransfersCanBeCancelled(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	_, to := r.AddReceiver("Jane Doe")
	at := r.create("/transfers", transfer(r.AccountBank().Href, to.Href, "30.00"))
	pending := r.get(at)
	r.expect("another status", r.post(pending.href("cancel"), jsonObject{"status": "failed"}).problem(), "Invalid /status")
	r.expect("cancel", r.post(pending.href("cancel"), jsonObject{"status": "cancelled"}).body.text("status"), "cancelled")
	r.expect("its debit", r.get(pending.href("funding-transfer")).text("status"), "cancelled")
	r.expect("no link any more", r.get(at).href("cancel"), "")
	r.expect("twice", r.post(at, jsonObject{"status": "cancelled"}).problem(), "NotAllowed /status")

	at = r.create("/transfers", transfer(r.AccountBalance().Href, to.Href, "30.00"))
	r.post(to.Href, jsonObject{"removed": true})
	r.expect("its bank was removed", r.get(at).text("status"), "cancelled")
	r.expect("balance", r.Balance(r.Account().ID), int64(5_000_00))
}

func TestFeesAreChargedOnceTheTransferIsProcessed(t *testing.T) {
	r := newRig(t)
	payer, bank := r.AddVerifiedCustomerWithBank("Jane Doe")
	payee := r.AddVerifiedCustomer("Max Roe")
	body := transfer(bank.Href, r.BalanceOf(payee.ID).Href, "50.00")
	body["fees"] = []jsonObject{
		{"_links": jsonObject{"charge-to": href(payee.Href)}, "amount": usd("1.00")},
		{"_links": jsonObject{"charge-to": href(payee.Href)}, "amount": usd("2.50")},
	}
	at := r.create("/transfers", body)
	r.expect("before", r.get(at).href("fees"), "")
	r.simulate()
	fees := r.get(r.get(at).href("fees"))
	r.expect("total", fees["total"], 2.0)
	r.expect("amount", fees.text("transactions 1 amount value"), "2.50")
	r.expect("charged on", fees.text("transactions 0 _links created-from-transfer href"), at)
	r.expect("payee", r.Balance(payee.ID), int64(46_50))
	r.expect("account", r.Balance(r.Account().ID), int64(5_003_50))
	r.expect("payer", r.Balance(payer.ID), int64(0))

	body["_links"] = jsonObject{"source": href(bank.Href), "destination": href(r.BalanceOf(payee.ID).Href)}
	r.post(bank.Href, jsonObject{"name": "R01"})
	at = r.create("/transfers", body)
	r.simulate()
	r.expect("on a failed one", r.get(at).href("fees"), "")
}

// partner is the URL of an exchange partner.
func (r *rig) partner(name string) string {
	r.t.Helper()
	for _, p := range r.all("/exchange-partners", "exchange-partners") {
		if p.text("name") == name {
			return p.href("self")
		}
	}
	r.t.Fatalf("there is no partner %s", name)
	return ""
}

func TestOneSimulationProcessesTheLast500(t *testing.T) {
	r := newRig(t, dwollatest.WithItemRate(0))
	_, bank := r.AddReceiver("Jane Doe")
	items := make([]jsonObject, 502)
	for i := range items {
		items[i] = item(bank.Href, "0.01", "a")
	}
	r.create("/mass-payments", massPayment(r.AccountBalance().Href, items...))
	first := r.all("/accounts/"+r.Account().ID+"/transfers?limit=200&offset=400", "transfers")
	r.expect("processed", r.Settle(), 500)
	r.expect("the oldest", r.get(first[len(first)-1].href("self")).text("status"), "pending")
	r.expect("processed", r.Settle(), 2)
	r.expect("processed", r.Settle(), 0)
}
