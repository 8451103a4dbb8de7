package dwollatest_test

import (
	"net/http"
	"testing"
)

func TestMicroDepositsCanFailAndHaveThreeAttempts(t *testing.T) {
	r := newRig(t)
	customer := r.AddVerifiedCustomer("Jane Doe")
	bad := r.AddUnverifiedBank(customer.ID, "R03")
	at := r.create(bad.Href+"/micro-deposits", nil)
	r.simulate()
	r.expect("failure", r.get(at).text("failure code"), "R03")

	good := r.AddUnverifiedBank(customer.ID, "Checking")
	at = r.create(good.Href+"/micro-deposits", nil)
	r.SetMicroDeposits(good.ID, 3, 7)
	r.simulate()
	pair := func(a, b string) jsonObject { return jsonObject{"amount1": usd(a), "amount2": usd(b)} }
	for range 3 {
		r.expect("wrong", r.post(at, pair("0.01", "0.02")).code(), "ValidationError")
	}
	r.expect("too often", r.post(at, pair("0.07", "0.03")).code(), "InvalidResourceState")

	other := r.AddUnverifiedBank(customer.ID, "Savings")
	at = r.create(other.Href+"/micro-deposits", nil)
	r.SetMicroDeposits(other.ID, 3, 7)
	r.simulate()
	r.expect("right in the other order", r.post(at, pair("0.07", "0.03")).status, http.StatusOK)
}

func TestSandboxMicroDepositsVerifiedAndOutOfAttempts(t *testing.T) {
	r := newRig(t)
	k := r.create("/customers", person("Amara", "a@example.com"))
	f := r.get(r.create(k+"/funding-sources", bank("Savings")))
	at := r.create(f.href("initiate-micro-deposits"), nil)
	pair := func(a, b string) jsonObject { return jsonObject{"amount1": usd(a), "amount2": usd(b)} }

	early := r.post(at, pair("0.03", "0.07"))
	r.expect("before they settle", early.status, http.StatusAccepted)
	r.expect("code", early.code(), "TryAgainLater")
	r.expect("initiated twice", r.post(at, nil).code(), "MaxNumberOfResources")
	r.simulate()
	f = r.get(f.href("self"))
	r.expect("verified", r.post(f.href("verify-micro-deposits"), pair("0.03", "0.07")).status, http.StatusOK)
	f = r.get(f.href("self"))
	r.expect("status", f.text("status"), "verified")
	r.expect("verified again", r.post(at, pair("0.03", "0.07")).code(), "InvalidResourceState")

	second := bank("Checking")
	second["accountNumber"] = "5099218837"
	g := r.get(r.create(k+"/funding-sources", second))
	at = r.create(g.href("initiate-micro-deposits"), nil)
	r.simulate()
	r.expect("the wrong pair", r.post(at, pair("0.09", "0.09")).code(), "ValidationError")
	r.expect("out of attempts", r.post(at, pair("0.03", "0.07")).code(), "InvalidResourceState")
	r.wants("relations", r.get(g.href("self")).rels(), "failed-verification-micro-deposits")
	r.wants("topics", r.topics(), "customer_microdeposits_added", "customer_microdeposits_completed",
		"customer_funding_source_verified", "customer_microdeposits_maxattempts", "microdeposits_maxattempts")
}
