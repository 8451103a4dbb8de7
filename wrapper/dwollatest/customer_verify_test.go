package dwollatest_test

import (
	"net/http"
	"testing"
)

func TestSandboxPersonalCustomerStatusByFirstName(t *testing.T) {
	r := newRig(t)
	for _, status := range []string{"verified", "retry", "kba", "document", "suspended"} {
		k := r.get(r.create("/customers", person(status, status+"@example.com")))
		r.expect(status, k.text("status"), status)
	}
	k := r.get(r.create("/customers", person("Amara", "amara@example.com")))
	r.expect("any other name", k.text("status"), "verified")
	r.wants("topics", r.topics(), "customer_created", "customer_verified", "customer_reverification_needed",
		"customer_kba_verification_needed", "customer_verification_document_needed", "customer_suspended")
}

func TestSandboxBusinessRetryByBusinessNameAndController(t *testing.T) {
	r := newRig(t)
	firm := r.get(r.create("/customers", company("retry", "Nils", "a@example.com")))
	r.expect("status", firm.text("status"), "retry")
	r.wants("relations", firm.rels(), "retry-verification")
	r.expect("full SSN of the business", firm.href("retry-with-full-ssn"), "")

	both := r.get(r.create("/customers", company("Lind Cycles", "retry", "b@example.com")))
	r.wants("relations", both.rels(), "retry-verification", "retry-with-full-ssn")

	again := company("Lind Cycles", "Nils", "b@example.com")
	again["controller"].(jsonObject)["ssn"] = "900451234"
	if out := r.post(both.href("retry-with-full-ssn"), again); out.status != http.StatusOK || out.body.text("status") != "verified" {
		t.Errorf("retry: %d %s", out.status, out.raw)
	}
	// The second failure cannot be corrected.
	again = company("retry", "Nils", "a@example.com")
	delete(again, "controller")
	out := r.post(firm.href("retry-verification"), again)
	r.expect("second failure", out.body.text("status"), "document")
	out = r.post(firm.href("self"), again)
	r.expect("third try", out.code(), "InvalidResourceState")
}

func TestSandboxBusinessDocumentByBusinessNameAndController(t *testing.T) {
	r := newRig(t)
	for _, row := range []struct{ firm, controller, rel string }{
		{"Lind Cycles", "document", "verify-with-document"},
		{"document", "Nils", "verify-business-with-document"},
		{"document", "document", "verify-controller-and-business-with-document"},
	} {
		k := r.get(r.create("/customers", company(row.firm, row.controller, row.rel+"@example.com")))
		r.expect("status", k.text("status"), "document")
		r.wants("relations", k.rels(), row.rel, "document-form")
		r.expect("edit", k.href("edit"), "")
	}
}

func TestSandboxBusinessSuspendedByController(t *testing.T) {
	r := newRig(t)
	k := r.get(r.create("/customers", company("Lind Cycles", "suspended", "a@example.com")))
	r.expect("status", k.text("status"), "suspended")
	out := r.post(k.href("self"), jsonObject{"status": "deactivated"})
	r.expect("deactivate", out.code(), "InvalidResourceState")
}
