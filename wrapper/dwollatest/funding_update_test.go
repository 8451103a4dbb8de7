package dwollatest_test

import (
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestFundingSourcesAreChangedAndListed(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	customer := r.AddVerifiedCustomer("Jane Doe")
	list := customer.Href + "/funding-sources"
	at := r.create(list, bank("Savings"))
	before := r.get(at).text("fingerprint")
	changed := r.post(at, jsonObject{"name": "Joint", "accountNumber": "70025514"})
	r.expect("name", changed.body.text("name"), "Joint")
	if changed.body.text("fingerprint") == before {
		t.Error("the fingerprint is that of the old number")
	}
	other := r.AddVerifiedCustomer("Max Roe")
	same := r.get(r.create(other.Href+"/funding-sources", bank("Savings")))
	r.expect("equal numbers, equal fingerprints", same.text("fingerprint"), before)
	verified := r.AddBank(customer.ID, "Checking")
	r.expect("numbers of a verified bank", r.post(verified.Href, jsonObject{"name": "x", "accountNumber": "70025514"}).problem(), "NotAllowed /accountNumber")
	r.post(verified.Href, jsonObject{"removed": true})
	r.expect("all", len(r.all(list, "funding-sources")), 3)
	r.expect("removed", len(r.all(list+"?removed=true", "funding-sources")), 1)
	r.expect("in use", len(r.all(list+"?removed=false", "funding-sources")), 2)
	r.expect("still there", r.get(verified.Href)["removed"], true)
}
