package dwollatest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestSandboxBankAccountWithItsRoutingNumber(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	k := r.create("/customers", person("Amara", "a@example.com"))
	numbers := bank("Savings")
	f := r.get(r.create(k+"/funding-sources", numbers))
	r.expect("status", f.text("status"), "unverified")
	r.expect("bank", f.text("bankName"), "SANDBOX TEST BANK")

	again := r.post(k+"/funding-sources", numbers)
	r.expect("the same bank again", again.code(), "DuplicateResource")
	r.expect("about", again.body.href("about"), f.href("self"))

	numbers["routingNumber"] = "222222227"
	r.expect("wrong checksum", r.post(k+"/funding-sources", numbers).problem(), "Invalid /routingNumber")
	numbers["routingNumber"], numbers["accountNumber"] = "222222226", "123"
	r.expect("short account number", r.post(k+"/funding-sources", numbers).problem(), "InvalidFormat /accountNumber")

	out := r.post(f.href("remove"), jsonObject{"removed": true})
	r.expect("remove", out.body["removed"], true)
	r.expect("change after removal", r.post(f.href("self"), jsonObject{"name": "x"}).code(), "InvalidResourceState")
	r.expect("back under its old id", r.create(k+"/funding-sources", bank("Savings")), f.href("self"))
}

func TestSandboxBankReachedByRealTimePayments(t *testing.T) {
	r := newRig(t)
	customer, slow := r.AddReceiver("Jane Doe")
	numbers := bank("RTP bank")
	numbers["routingNumber"] = "021000021"
	fast := r.create(customer.Href+"/funding-sources", numbers)
	r.expect("its second channel", r.get(fast).text("channels 1"), "real-time-payments")
	pay := transfer(r.AccountBalance().Href, slow.Href, "12.00")
	pay["processingChannel"] = jsonObject{"destination": "instant"}
	r.expect("the sandbox bank", r.post("/transfers", pay).problem(), "NotAllowed /processingChannel/destination")
	pay["_links"].(jsonObject)["destination"] = href(fast)
	pay["instantDetails"] = jsonObject{"destination": jsonObject{"remittanceData": "invoice 12"}}
	done := r.get(r.create("/transfers", pay))
	r.expect("status", done.text("status"), "processed")
	r.expect("channel", done.text("processingChannel destination"), "real-time-payments")
	r.expect("note", done.text("rtpDetails destination remittanceData"), "invoice 12")
}

func bank(name string) jsonObject {
	return jsonObject{
		"routingNumber": "222222226", "accountNumber": "4099218837", "bankAccountType": "checking", "name": name,
	}
}

func TestFault420_ABankAboveTheMaximumIsRefused(t *testing.T) {
	r := newRig(t)
	jane := r.AddCustomer(dwollatest.Customer{})
	bank := func(number int) jsonObject {
		return jsonObject{
			"routingNumber": "222222226", "accountNumber": fmt.Sprint(100_000 + number), "bankAccountType": "checking", "name": "A",
		}
	}
	var last string
	for i := range 6 {
		last = r.create(jane.Href+"/funding-sources", bank(i))
	}
	refused := r.post(jane.Href+"/funding-sources", bank(6))
	r.wire("the seventh", refused, http.StatusBadRequest, `{"code":"MaxNumberOfResources","message":"The maximum number of banks have been added."}`)
	r.wire("one of them again", r.post(jane.Href+"/funding-sources", bank(0)), http.StatusBadRequest, `"code":"DuplicateResource"`)
	r.expect("banks", len(r.all(jane.Href+"/funding-sources", "funding-sources")), 6)
	r.post(last, jsonObject{"removed": true})
	r.create(jane.Href+"/funding-sources", bank(6))

	for i := range 8 { // the account is Dwolla's own customer: no number is known
		r.create("/funding-sources", bank(i))
	}
}
