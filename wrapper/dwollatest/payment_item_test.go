package dwollatest_test

import (
	"fmt"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestMassPaymentItemsFailForTheDocumentedReasons(t *testing.T) {
	r := newRig(t, dwollatest.WithItemRate(0))
	balance := r.AccountBalance().Href
	_, good := r.AddReceiver("Jane Doe")
	_, removed := r.AddReceiver("Rosa Okafor")
	r.post(removed.Href, jsonObject{"removed": true})
	deactivated, closed := r.AddReceiver("Max Roe")
	r.post(deactivated.Href, jsonObject{"status": "deactivated"})
	suspended, blocked := r.AddReceiver("Eva Lind")
	r.SetStatus(suspended.ID, "suspended")
	r.SetBalance(r.Account().ID, 10_00)
	rows := []struct{ to, value, status, want string }{
		{good.Href, "4.00", "success", " "},
		{r.base + "/funding-sources/none", "1.00", "failed", "Invalid /items/destination/href"},
		{r.AccountBank().Href, "1.00", "failed", "Invalid /items/destination/href"},
		{removed.Href, "1.00", "failed", "RequiresFundingSource /items/destination/href"},
		{closed.Href, "1.00", "failed", "Restricted /items/destination/href"},
		{blocked.Href, "1.00", "failed", "Restricted /items/destination/href"},
		{good.Href, "6.01", "failed", "InsufficientFunds /items/amount/value"},
		{good.Href, "6.00", "success", " "},
	}
	var items []jsonObject
	for i, row := range rows {
		items = append(items, item(row.to, row.value, fmt.Sprint("item-", i)))
	}
	at := r.create("/mass-payments", massPayment(balance, items...))
	r.expect("status", r.get(at).text("status"), "complete")
	for i, got := range r.all(at+"/items", "items") {
		finding := got.text("_embedded errors 0 code") + " " + got.text("_embedded errors 0 path")
		if got.text("status") != rows[i].status || finding != rows[i].want {
			t.Errorf("item %d: got %s %q, want %s %q", i, got.text("status"), finding, rows[i].status, rows[i].want)
		}
		if failed := got.text("status") == "failed"; failed == (got.href("transfer") != "") {
			t.Errorf("item %d: %s, transfer %q", i, got.text("status"), got.href("transfer"))
		}
	}
	r.expect("ledger", r.Ledger().Total().String(), "10.00 USD")
	r.expect("paid", len(r.Ledger().To(good.ID)), 2)
}

func item(to, value, correlation string) jsonObject {
	return jsonObject{"_links": jsonObject{"destination": href(to)}, "amount": usd(value), "correlationId": correlation}
}
