package dwollatest_test

import (
	"net/http"
	"testing"
)

func TestOnDemandAuthorizationsServeForOneBank(t *testing.T) {
	r := newRig(t)
	customer := r.AddVerifiedCustomer("Jane Doe")
	consent := r.post("/on-demand-authorizations", nil)
	r.expect("status", consent.status, http.StatusOK)
	in := bank("Savings")
	in["_links"] = jsonObject{"on-demand-authorization": href(consent.body.href("self"))}
	at := r.create(customer.Href+"/funding-sources", in)
	r.expect("linked", r.get(at).href("on-demand-authorization"), consent.body.href("self"))
	in["accountNumber"] = "11112222"
	r.expect("used twice", r.post(customer.Href+"/funding-sources", in).problem(), "Invalid /_links/on-demand-authorization/href")
}
