package dwollatest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func massPayment(from string, items ...jsonObject) jsonObject {
	return jsonObject{"_links": jsonObject{"source": href(from)}, "items": items}
}

func TestMassPaymentsPayItemByItemAsTimeGoesBy(t *testing.T) {
	r := newRig(t)
	_, bank := r.AddReceiver("Jane Doe")
	var items []jsonObject
	for i := range 4 {
		items = append(items, item(bank.Href, "1.50", fmt.Sprint("item-", i)))
	}
	at := r.create("/mass-payments", massPayment(r.AccountBalance().Href, items...))
	m := r.get(at)
	r.expect("at first", m.text("status"), "pending")
	r.expect("total", m.text("total value"), "6.00")
	r.expect("fees", m.text("totalFees value"), "0.00")
	open := func() int { return len(r.all(at+"/items?status=pending", "items")) }
	for done, want := range []string{"pending", "processing", "processing", "processing", "complete"} {
		r.expect(fmt.Sprint("after ", done), r.get(at).text("status"), want)
		r.expect("open", open(), 4-done)
		r.Advance(750 * time.Millisecond)
	}
	r.expect("successful", len(r.all(at+"/items"+query("status", "success", "status", "failed", "limit", "3"), "items")), 4)
	r.expect("balance", r.Balance(r.Account().ID), int64(5_000_00-6_00))

	transfers := r.all("/accounts/"+r.Account().ID+"/transfers?correlationId=item-2", "transfers")
	r.expect("found by correlation id", len(transfers), 1)
	found := r.all(at+"/items?limit=1&offset=2", "items")[0]
	r.expect("transfer of the item", found.href("transfer"), transfers[0].href("self"))
	r.expect("item", r.get(found.href("self")).text("correlationId"), "item-2")
	r.wants("topics", r.topics(), "mass_payment_created", "transfer_created", "customer_transfer_created", "mass_payment_completed")
}

func TestDeferredMassPaymentsWaitAndCanBeCancelled(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	_, bank := r.AddReceiver("Jane Doe")
	later := massPayment(r.AccountBalance().Href, item(bank.Href, "1.00", "a"))
	later["status"] = "deferred"
	at := r.create("/mass-payments", later)
	r.Advance(time.Hour / 2)
	r.expect("status", r.get(at).text("status"), "deferred")
	r.expect("complete", r.post(at, jsonObject{"status": "complete"}).problem(), "Invalid /status")
	r.expect("cancel", r.post(at, jsonObject{"status": "cancelled"}).body.text("status"), "cancelled")
	r.expect("release", r.post(at, jsonObject{"status": "pending"}).problem(), "Invalid /status")

	at = r.create("/mass-payments", later)
	r.expect("release", r.post(at, jsonObject{"status": "pending"}).body.text("status"), "pending")
	r.expect("cancel", r.post(at, jsonObject{"status": "cancelled"}).problem(), "Invalid /status")
	r.Advance(time.Second)
	r.expect("status", r.get(at).text("status"), "complete")
	r.expect("paid", len(r.Ledger()), 1)
	r.wants("topics", r.topics(), "mass_payment_cancelled")
}

func TestAMassPaymentFromABankIsDebitedOnce(t *testing.T) {
	r := newRig(t, dwollatest.WithItemRate(0))
	customer, source := r.AddVerifiedCustomerWithBank("Jane Doe")
	_, one := r.AddReceiver("Rosa Okafor")
	other := r.AddVerifiedCustomer("Max Roe")
	at := r.create("/mass-payments", massPayment(source.Href,
		item(one.Href, "10.00", "bank"), item(r.BalanceOf(other.ID).Href, "5.00", "balance"), item("/funding-sources/none", "1.00", "none")))
	items := r.all(at+"/items", "items")
	toBank, toBalance := items[0].href("transfer"), items[1].href("transfer")
	debit := r.get(r.get(toBank).href("funding-transfer"))
	r.expect("one debit", r.get(toBalance).href("funding-transfer"), debit.href("self"))
	r.expect("of everything", debit.text("amount value"), "16.00")
	r.simulate()
	r.expect("to a balance", r.get(toBalance).text("status"), "processed")
	r.expect("to a bank", r.get(toBank).text("status"), "pending")
	r.simulate()
	r.expect("to a bank", r.get(toBank).text("status"), "processed")
	r.expect("what is left", r.Balance(customer.ID), int64(1_00))
	r.expect("received", r.Balance(other.ID), int64(5_00))
	r.expect("listed", len(r.all(customer.Href+"/mass-payments", "mass-payments")), 1)
	r.wants("topics", r.topics(), "customer_mass_payment_created", "customer_bank_transfer_created", "customer_mass_payment_completed")
}

func TestMassPaymentsAreRefused(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	_, bank := r.AddReceiver("Jane Doe")
	balance := r.AccountBalance().Href
	many := make([]jsonObject, 5001)
	for i := range many {
		many[i] = item(bank.Href, "1.00", "a")
	}
	for _, row := range []struct {
		name string
		body jsonObject
		want string
	}{
		{"more than 5,000 items", massPayment(balance, many...), "Invalid /items"},
		{"no items", massPayment(balance), "Required /items"},
		{"an amount of nothing", massPayment(balance, item(bank.Href, "0", "a")), "Invalid /items/0/amount/value"},
		{"a bad correlation id", massPayment(balance, item(bank.Href, "1", "a"), item(bank.Href, "1", "ä")), "InvalidFormat /items/1/correlationId"},
		{"an unknown source", massPayment("/funding-sources/none", item(bank.Href, "1", "a")), "Invalid /_links/source/href"},
		{"an unverified source", massPayment(bank.Href, item(balance, "1", "a")), "Invalid /_links/source/href"},
	} {
		out := r.post("/mass-payments", row.body)
		if out.status != http.StatusBadRequest || out.problem() != row.want {
			t.Errorf("%s: got %d %q, want %q", row.name, out.status, out.problem(), row.want)
		}
	}
}
