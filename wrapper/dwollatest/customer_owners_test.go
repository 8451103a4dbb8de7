package dwollatest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestSandboxBeneficialOwnerStatusByFirstName(t *testing.T) {
	r := newRig(t)
	firm := r.get(r.create("/customers", company("Lind Cycles", "Nils", "a@example.com")))
	r.expect("send before certification", firm.href("send"), "")
	owner := func(first string) jsonObject {
		return jsonObject{
			"firstName": first, "lastName": "Lind", "dateOfBirth": "1982-01-17", "ssn": "900451234", "address": address(),
		}
	}
	wanted := map[string]string{"incomplete": "retry-verification", "document": "verify-with-document"}
	for name, rel := range wanted {
		o := r.get(r.create(firm.href("beneficial-owners"), owner(name)))
		r.expect(name, o.text("verificationStatus"), name)
		r.wants("relations", o.rels(), rel)
		out := r.post(firm.href("certify-beneficial-ownership"), jsonObject{"status": "certified"})
		r.expect("certify too early", out.status, http.StatusForbidden)
		if name == "incomplete" {
			out = r.post(o.href("self"), owner("incomplete"))
			r.expect("second failure", out.body.text("verificationStatus"), "document")
		}
		r.expect("remove", r.call(http.MethodDelete, o.href("self"), nil).status, http.StatusOK)
		r.expect("removed", r.call(http.MethodGet, o.href("self"), nil).status, http.StatusNotFound)
	}
	r.create(firm.href("beneficial-owners"), owner("Ebba"))
	out := r.post(firm.href("certify-beneficial-ownership"), jsonObject{"status": "certified"})
	r.expect("certify", out.body.text("status"), "certified")
	r.wants("relations", r.get(firm.href("self")).rels(), "send")
	r.create(firm.href("beneficial-owners"), owner("Olle"))
	ownership := r.get(firm.href("self") + "/beneficial-ownership")
	r.expect("after a change", ownership.text("status"), "recertify")
	r.wants("relations", r.get(firm.href("self")).rels(), "send")
	r.Advance(30 * 24 * time.Hour)
	r.authenticate()
	r.expect("thirty days later", r.get(firm.href("self")).href("send"), "")
}

func TestFault435_ABusinessNamesItsOwnersInWhateverStateItsVerificationIs(t *testing.T) {
	r := newRig(t, dwollatest.WithInvalidRequests())
	owner := jsonObject{"firstName": "Ada", "lastName": "Roe", "dateOfBirth": "1980-02-03", "ssn": "123-45-6789", "address": address()}
	for _, state := range []string{"document", "retry"} {
		k := r.create("/customers", company(state, "Ida", state+"@example.com"))
		r.expect("state", r.get(k).text("status"), state)
		r.wire(state, r.post(k+"/beneficial-owners", owner), http.StatusCreated)
		r.wire(state, r.call(http.MethodGet, k+"/beneficial-ownership", nil), http.StatusOK, `"status":"uncertified"`)
		r.wire(state, r.post(k+"/beneficial-ownership", jsonObject{"status": "certified"}), http.StatusOK, `"status":"certified"`)
	}
	jane := r.create("/customers", person("Jane", "jane@example.com"))
	r.wire("a person", r.call(http.MethodGet, jane+"/beneficial-ownership", nil), http.StatusForbidden, `"code":"Forbidden"`)
}
