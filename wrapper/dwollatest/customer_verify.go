package dwollatest

import (
	"strings"
	"time"
)

// documentNeeds says what a Customer in the state "document" has to upload.
type documentNeeds struct{ person, business bool }

// A directive is what a business must still do to be verified. It is shown with the Customer, not as an error.
type directive struct {
	fieldError
	rels []string // the actions that resolve it
}

// customerErrors are the errors in the data of a Customer that the contract cannot state.
func customerErrors(in jsonObject) []fieldError {
	out := in.check("",
		rule{"email", emailRule}, rule{"address1", invalidUnless(isStreet)}, rule{"state", invalidUnless(isState)},
		rule{"dateOfBirth", invalidUnless(isDay)}, rule{"website", invalidUnless(isURL)})
	if controller := in.object("controller"); controller != nil {
		out = append(out, personErrors("/controller", controller)...)
	}
	return out
}

// personErrors are those of a controller or a beneficial owner, who has an SSN or a passport.
func personErrors(prefix string, in jsonObject) []fieldError {
	out := in.check(prefix, rule{"dateOfBirth", invalidUnless(isDay)})
	if in.text("ssn") == "" && !in.has("passport") {
		out = append(out, missing(prefix, "ssn"))
	}
	return append(out, in.object("address").addressErrors(prefix+"/address")...)
}

// addressErrors are those of the address of a person, who may live abroad.
func (f jsonObject) addressErrors(prefix string) []fieldError {
	out := f.check(prefix, rule{"address1", invalidUnless(isStreet)})
	if f.text("country") == "US" {
		out = append(out, f.check(prefix, rule{"stateProvinceRegion", invalidUnless(isState)})...)
	}
	return out
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// adult refuses dates of birth outside of 18 to 125 years ago.
func (st *state) adult(data jsonObject) []fieldError {
	var out []fieldError
	check := func(path string, in jsonObject) {
		born, err := time.Parse(time.DateOnly, in.text("dateOfBirth"))
		if err != nil {
			return
		}
		if born.After(st.now.AddDate(-18, 0, 0)) || born.Before(st.now.AddDate(-126, 0, 1)) {
			out = append(out, invalid(path+"/dateOfBirth", "DateOfBirth must be between 18 and 125 years ago."))
		}
	}
	check("", data)
	check("/controller", data.object("controller"))
	return out
}

// verify sets the state of a personal or business Customer by its names, as the sandbox does.
func (st *state) verify(k *customer, data jsonObject) {
	k.retrySSN, k.documents, k.directives = false, documentNeeds{}, nil
	if k.kind == business {
		k.openOwnership()
		st.setVerification(k, k.businessOutcome(data))
		return
	}
	switch name := strings.ToLower(data.text("firstName")); name {
	case retry, kbaNeeded, suspended:
		st.setVerification(k, name)
	case document:
		k.documents.person = true
		st.setVerification(k, document)
	default:
		st.setVerification(k, verified)
	}
}

// businessOutcome depends on the names of the business and of its controller; a sole proprietor is its own controller.
func (k *customer) businessOutcome(data jsonObject) string {
	person := data.object("controller").text("firstName")
	if k.details.text("businessType") == soleProprietorship {
		person = data.text("firstName")
	}
	person, firm := strings.ToLower(person), strings.ToLower(data.text("businessName"))
	switch {
	case person == suspended:
		return suspended
	case person == document || firm == document:
		k.documents = documentNeeds{person: person == document, business: firm == document}
		return document
	case person == retry || firm == retry:
		k.retrySSN = person == retry
		return retry
	}
	return verified
}

// setVerification sets the outcome of a verification. A second failure cannot be corrected by a retry.
func (st *state) setVerification(k *customer, outcome string) {
	if outcome == retry && k.retried {
		k.documents = documentNeeds{person: k.kind == personal || k.retrySSN, business: k.kind == business && !k.retrySSN}
		outcome = document
	}
	k.status = outcome
	st.customers.changed()
	switch outcome {
	case verified:
		st.completeVerification(k)
	case retry:
		st.emit(k.event("reverification_needed"))
	case kbaNeeded:
		st.emit(k.event("kba_verification_needed"))
	case document:
		st.emit(k.event("verification_document_needed"))
	case suspended:
		st.emit(k.event("suspended"))
	}
}

// completeVerification gives a verified Customer a balance. A business with a controller must certify its beneficial
// owners before it can send.
func (st *state) completeVerification(k *customer) {
	if k.balance == nil {
		st.addBalance(&k.party)
	}
	k.openOwnership()
	st.emit(k.event("verified"))
}

// openOwnership lets a business with a controller name its beneficial owners, whatever the state of its verification.
func (k *customer) openOwnership() {
	if k.kind == business && k.details.text("businessType") != soleProprietorship && k.ownership == "" {
		k.ownership = uncertified
	}
}

// verificationLinks adds the actions that lead to a verified Customer.
func (k *customer) verificationLinks(h hal, out links) {
	path := k.path()
	switch k.status {
	case retry:
		out["retry-verification"] = h.link(path)
		if k.retrySSN {
			out["retry-with-full-ssn"] = h.link(path)
		}
	case document:
		out[k.documents.rel(k.kind)] = h.link(path + "/documents")
		out["document-form"] = h.halForm(path + "/documents")
	}
	if k.kind != business || k.ownership == "" || k.blocked() {
		return
	}
	out["beneficial-owners"] = h.link(path + "/beneficial-owners")
	if k.ownership != certified {
		out["verify-beneficial-owners"] = h.link(path + "/beneficial-owners")
		out["certify-beneficial-ownership"] = h.link(path + "/beneficial-ownership")
	}
}

// without is what is still needed after a document was accepted. Business papers are of the kind "other"; when only
// one need is left, any document serves it.
func (n documentNeeds) without(kind string) documentNeeds {
	if !n.person || !n.business {
		return documentNeeds{}
	}
	return documentNeeds{person: kind == "other", business: kind != "other"}
}

func (n documentNeeds) rel(kind string) string {
	switch {
	case n.person && n.business:
		return "verify-controller-and-business-with-document"
	case n.business && kind == business:
		return "verify-business-with-document"
	}
	return "verify-with-document"
}

func (k *customer) showDirectives(h hal) []jsonObject {
	out := make([]jsonObject, 0, len(k.directives))
	for _, d := range k.directives {
		rels := links{}
		for _, rel := range d.rels {
			rels[rel] = h.link(k.actionPath(rel))
		}
		out = append(out, jsonObject{"code": d.code, "message": d.message, "path": d.path, "_links": rels})
	}
	return out
}

func (k *customer) actionPath(rel string) string {
	if strings.HasPrefix(rel, "upload") {
		return k.path() + "/documents"
	}
	return k.path()
}
