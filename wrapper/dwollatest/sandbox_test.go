package dwollatest_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// The tests of this file are the rows of the documented triggers of the sandbox, one each.

func TestSandboxRowsThatLieOutsideOfTheAPI(t *testing.T) {
	for name, reason := range map[string]string{
		"Plaid":             "the user signs in at Plaid; the API sees the token only",
		"Mastercard":        "the user picks a bank in the widget of Mastercard; the API sees the receipt only",
		"cards":             "the number is typed at Checkout.com; the API sees the exchange only",
		"Connect transfers": "Dwolla Connect is another product on the same host",
	} {
		t.Run(name, func(t *testing.T) { t.Skip(reason) })
	}
}

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

func TestSandboxKBAPassedAndFailed(t *testing.T) {
	r := newRig(t)
	choose := func(right int) jsonObject {
		k := r.create("/customers", person("kba", strings.Repeat("k", right+1)+"@example.com"))
		session := r.get(r.create(k+"/kba", nil))
		var answers []jsonObject
		for i, q := range session["questions"].([]any) {
			question := jsonObject(q.(map[string]any))
			options := question["answers"].([]any)
			pick := jsonObject(options[0].(map[string]any))
			if i < right {
				pick = options[len(options)-1].(map[string]any)
				if text := pick.text("text"); text != "None of the above" && text != "I have never been associated with this vehicle" {
					t.Errorf("the last answer is %q", text)
				}
			}
			answers = append(answers, jsonObject{"questionId": question.text("id"), "answerId": pick.text("id")})
		}
		out := r.post(session.href("answer"), jsonObject{"answers": answers})
		r.expect("answer", out.status, http.StatusOK)
		again := r.post(session.href("answer"), jsonObject{"answers": answers})
		r.expect("answer twice", again.code(), "InvalidResourceState")
		return r.get(out.body.href("customer"))
	}
	r.expect("all right", choose(4).text("status"), "verified")
	r.expect("three right", choose(3).text("status"), "verified")
	r.expect("two right", choose(2).text("status"), "document")
	r.wants("topics", r.topics(), "customer_kba_verification_passed", "customer_kba_verification_failed")

	k := r.create("/customers", person("kba", "late@example.com"))
	session := r.create(k+"/kba", nil)
	r.get(session)
	r.Advance(2*time.Minute + time.Second)
	r.expect("two minutes later", r.call(http.MethodGet, session, nil).status, http.StatusForbidden)
}

func TestSandboxDocumentApprovedAndRejectedByFileName(t *testing.T) {
	r := newRig(t)
	k := r.get(r.create("/customers", person("document", "a@example.com")))
	target := k.href("verify-with-document")
	if target == "" {
		t.Fatal("no relation to upload to")
	}
	bad := r.upload(target, "license", "test-document-upload-fail.png", []byte("blurred"))
	r.expect("upload", bad.status, http.StatusCreated)
	r.expect("before the review", r.get(bad.location).text("documentVerificationStatus"), "pending")
	r.Advance(time.Second)
	d := r.get(bad.location)
	r.expect("rejected", d.text("documentVerificationStatus"), "rejected")
	r.expect("reason", d.text("failureReason"), "ScanNotReadable")
	r.expect("customer", r.get(k.href("self")).text("status"), "document")

	good := r.upload(target, "license", "test-document-upload-success.png", []byte("sharp"))
	r.Advance(time.Second)
	r.expect("accepted", r.get(good.location).text("documentVerificationStatus"), "accepted")
	r.expect("customer", r.get(k.href("self")).text("status"), "verified")
	late := r.upload(target, "license", "another.png", []byte("x"))
	r.expect("not needed any more", late.code(), "invalidResourceState")
	r.wants("topics", r.topics(), "customer_verification_document_uploaded", "customer_verification_document_failed",
		"customer_verification_document_approved")
	r.expect("listed", len(r.all(target, "documents")), 2)
}

func (r *rig) upload(target, kind, name string, data []byte) answer {
	r.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("documentType", kind); err != nil {
		r.t.Fatal(err)
	}
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", `form-data; name="file"; filename="`+name+`"`)
	header.Set("Content-Type", "image/png")
	part, err := form.CreatePart(header)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err = part.Write(data); err != nil {
		r.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		r.t.Fatal(err)
	}
	request := r.request(http.MethodPost, target, &body)
	request.Header.Set("Content-Type", form.FormDataContentType())
	return r.send(request)
}

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

func TestSandboxTransferFailureByFundingSourceName(t *testing.T) {
	for _, row := range []struct {
		name    string
		code    string
		calls   int
		removed bool
	}{
		{"R01", "R01", 1, false},
		{"R03", "R03", 1, true},
		{"R01-late", "R01", 2, false},
		{"R03-late", "R03", 2, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t)
			customer, bank := r.AddVerifiedCustomerWithBank("Jane Doe")
			r.post(bank.Href, jsonObject{"name": row.name})
			at := r.create("/transfers", transfer(bank.Href, r.BalanceOf(customer.ID).Href, "25.00"))
			if row.calls == 2 {
				r.simulate()
				r.expect("first call", r.get(at).text("status"), "processed")
				r.expect("balance", r.Balance(customer.ID), int64(2500))
			}
			r.simulate()
			failed := r.get(at)
			r.expect("status", failed.text("status"), "failed")
			r.expect("code", r.get(failed.href("failure")).text("code"), row.code)
			r.expect("bank", r.get(failed.href("failure")).href("failed-funding-source"), bank.Href)
			r.expect("balance", r.Balance(customer.ID), int64(0))
			r.expect("removed", r.get(bank.Href)["removed"], row.removed)
			r.wants("topics", r.topics(), "customer_bank_transfer_created", "customer_bank_transfer_failed")
		})
	}
}

func virtualAccount(r *rig, name string) (account, balance string) {
	customer := r.AddVerifiedCustomer("Jane Doe")
	account = r.create(customer.Href+"/funding-sources", jsonObject{"type": "virtual", "bankAccountType": "checking", "name": name})
	return account, customer.ID
}

func inbound(to string) jsonObject {
	return jsonObject{"type": "virtual", "transfers": []jsonObject{{
		"_link":      jsonObject{"destination": href(to)},
		"amount":     usd("18.75"),
		"achDetails": jsonObject{"companyName": "Prairie Clinic", "addenda": "claim 5521"},
	}}}
}

func TestSandboxVirtualAccountFailureByName(t *testing.T) {
	r := newRig(t)
	account, customer := virtualAccount(r, "r02 of tenant 12")
	r.expect("simulate", r.post("/sandbox-simulations", inbound(account)).status, http.StatusAccepted)
	failed := r.all("/customers/"+customer+"/transfers", "transfers")[0]
	r.expect("status", failed.text("status"), "failed")
	r.expect("code", r.get(failed.href("failure")).text("code"), "R02")
	r.expect("balance", r.Balance(customer), int64(0))
}

func TestSandboxInboundTransfersToAVirtualAccount(t *testing.T) {
	r := newRig(t)
	account, customer := virtualAccount(r, "Deposits")
	numbers := r.get(r.get(account).href("ach-routing"))
	r.expect("routing number", numbers.text("routingNumber"), "222222226")
	r.expect("simulate", r.post("/sandbox-simulations", inbound(account)).status, http.StatusAccepted)
	in := r.all("/customers/"+customer+"/transfers", "transfers")[0]
	r.expect("status", in.text("status"), "processed")
	r.expect("source", in.href("source"), account)
	r.expect("addenda", in.text("achDetails source addenda values 0"), "claim 5521")
	r.expect("balance", r.Balance(customer), int64(1875))
}

func TestSandboxProcessTransfers(t *testing.T) {
	r := newRig(t)
	_, bank := r.AddReceiver("Jane Doe")
	at := r.create("/transfers", transfer(r.AccountBank().Href, bank.Href, "40.00"))
	main := r.get(at)
	r.expect("before", main.text("status"), "pending")
	first := main.href("funding-transfer")
	out := r.post("/sandbox-simulations", nil)
	r.expect("total", out.body["total"], 1.0)
	r.expect("the debit after one call", r.get(first).text("status"), "processed")
	r.expect("the credit after one call", r.get(at).text("status"), "pending")
	r.simulate()
	r.expect("the credit after two calls", r.get(at).text("status"), "processed")
	r.expect("balance in between", r.Balance(r.Account().ID), int64(5_000_00))
	r.expect("nothing is left", r.post("/sandbox-simulations", nil).body["total"], 0.0)
	r.wants("topics", r.topics(), "bank_transfer_created", "bank_transfer_completed", "transfer_created",
		"transfer_completed", "customer_transfer_created", "customer_transfer_completed")
}

func TestSandboxVerificationDirective(t *testing.T) {
	r := newRig(t)
	k := r.get(r.create("/customers", company("retry", "Nils", "a@example.com")))
	for _, code := range []string{
		"ControllerNonResidential", "POBoxNotAllowed", "AddressNotAssociatedWithBusiness", "EINDocumentRequired", "PersonalIDRequired",
	} {
		out := r.post("/sandbox-simulations", jsonObject{
			"type": "customer-verification", "_links": jsonObject{"customer": href(k.href("self"))}, "errorCode": code,
		})
		r.expect("simulate", out.body.text("errorCode"), code)
		r.expect("directive", r.get(k.href("self")).text("_embedded errors 0 code"), code)
	}
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

func TestSandboxANewAccountHasABankAndABalance(t *testing.T) {
	r := newRig(t)
	account := r.get(r.get("/").href("account"))
	found := r.all(account.href("funding-sources"), "funding-sources")
	r.expect("funding sources", len(found), 2)
	r.expect("balance", r.get(found[0].href("balance")).text("balance value"), "5000.00")
	r.expect("bank", found[1].text("name"), "Superhero Savings Bank")
	r.expect("status", found[1].text("status"), "verified")
}
