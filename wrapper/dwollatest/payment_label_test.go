package dwollatest_test

import (
	"net/http"
	"testing"
)

func TestLabelsAddUp(t *testing.T) {
	r := newRig(t)
	customer := r.AddVerifiedCustomer("Jane Doe")
	r.SetBalance(customer.ID, 100_00)
	labels := customer.Href + "/labels"
	r.expect("too much", r.post(labels, jsonObject{"amount": usd("100.01")}).problem(), "Invalid /amount/value")
	a := r.create(labels, jsonObject{"amount": usd("60.00")})
	r.expect("more than is left", r.post(labels, jsonObject{"amount": usd("40.01")}).problem(), "Invalid /amount/value")
	b := r.create(labels, jsonObject{"amount": usd("40.00")})
	balance := r.get(r.BalanceOf(customer.ID).Href + "/balance")
	r.expect("available", balance.text("balance value"), "0.00")
	r.expect("total", balance.text("total value"), "100.00")
	short := r.post("/transfers", transfer(r.BalanceOf(customer.ID).Href, r.AccountBalance().Href, "1.00"))
	r.expect("labeled money stays", short.problem(), "InsufficientFunds /_links/source/href")

	entry := r.get(r.create(r.get(a).href("update"), jsonObject{"amount": usd("-25.00")}))
	r.expect("entry", entry.text("amount value"), "-25.00")
	r.expect("label", r.get(a).text("amount value"), "35.00")
	r.expect("below zero", r.post(a+"/ledger-entries", jsonObject{"amount": usd("-35.01")}).problem(), "Invalid /amount/value")

	move := jsonObject{"_links": jsonObject{"from": href(b), "to": href(a)}, "amount": usd("40.00")}
	moved := r.get(r.create("/label-reallocations", move))
	r.expect("from", r.get(moved.href("from-ledger-entry")).text("amount value"), "-40.00")
	r.expect("to", r.get(moved.href("to-ledger-entry")).text("amount value"), "40.00")
	r.expect("label", r.get(a).text("amount value"), "75.00")
	r.expect("move again", r.post("/label-reallocations", move).problem(), "Invalid /amount/value")
	r.expect("entries", len(r.all(a+"/ledger-entries", "ledger-entries")), 3)
	r.expect("listed", len(r.all(labels, "labels")), 2)

	r.expect("remove", r.call(http.MethodDelete, a, nil).code(), "InvalidResourceState")
	r.expect("remove", r.call(http.MethodDelete, r.get(b).href("remove"), nil).status, http.StatusOK)
	r.expect("removed", r.call(http.MethodGet, b, nil).status, http.StatusNotFound)
	_, other := r.AddReceiver("Max Roe")
	r.expect("of a receiver", r.post(r.get(other.Href).href("customer")+"/labels", jsonObject{"amount": usd("1")}).code(), "NotAuthorized")
	r.wants("topics", r.topics(), "customer_label_created", "customer_label_ledger_entry_created", "customer_label_removed")
}
