package dwollatest_test

import (
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestCustomersChangeTheirState(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	at := r.create("/customers", jsonObject{"type": "receive-only", "firstName": "Rosa", "lastName": "Lind", "email": "rosa@example.com"})
	r.expect("may send", r.get(at).href("send"), "")
	r.expect("upgrade", r.post(at, jsonObject{"type": "unverified"}).body.text("type"), "unverified")
	r.wants("relations", r.get(at).rels(), "send", "receive", "edit", "deactivate", "funding-sources", "transfers")

	edited := r.post(at, jsonObject{"email": "lind@example.com", "businessName": "Lind Cycles"})
	r.expect("edited", edited.body.text("businessName"), "Lind Cycles")
	edited = r.post(at, jsonObject{"businessName": ""})
	r.expect("unset", edited.body["businessName"], nil)
	r.expect("the old email is free", r.post("/customers", jsonObject{"firstName": "A", "lastName": "B", "email": "rosa@example.com"}).status, 201)

	data := person("Rosa", "lind@example.com")
	r.expect("upgrade", r.post(at, data).body.text("status"), "verified")
	r.expect("a name is fixed then", r.post(at, jsonObject{"firstName": "Rose"}).problem(), "ReadOnly /firstName")
	r.expect("an address is not", r.post(at, jsonObject{"city": "Superior"}).body.text("city"), "Superior")
	r.expect("verified twice", r.post(at, data).code(), "InvalidResourceState")
	r.expect("a balance of its own", len(r.all(at+"/funding-sources", "funding-sources")), 1)

	r.expect("deactivate", r.post(at, jsonObject{"status": "deactivated"}).body.text("status"), "deactivated")
	r.expect("edit then", r.post(at, jsonObject{"city": "Duluth"}).code(), "InvalidResourceState")
	r.expect("a bank then", r.post(at+"/funding-sources", bank("x")).code(), "Forbidden")
	r.expect("reactivate", r.post(at, jsonObject{"status": "reactivated"}).body.text("status"), "verified")
	r.expect("suspend", r.post(at, jsonObject{"status": "suspended"}).body.text("status"), "suspended")
	r.expect("reactivate", r.post(at, jsonObject{"status": "reactivated"}).code(), "InvalidResourceState")
	r.wants("topics", r.topics(), "customer_deactivated", "customer_activated", "customer_suspended")
}

func TestAPersonalRetryNeedsTheFullSSN(t *testing.T) {
	r := newRig(t)
	at := r.create("/customers", person("retry", "a@example.com"))
	again := person("Amara", "a@example.com")
	r.expect("four digits", r.post(at, again).problem(), "Invalid /ssn")
	again["ssn"] = "900-45-1234"
	r.expect("nine digits", r.post(at, again).body.text("status"), "verified")
	if strings.Contains(string(r.post(at, jsonObject{"city": "Duluth"}).raw), "900-45-1234") {
		t.Error("the SSN came back")
	}
}
