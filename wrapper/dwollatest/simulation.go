package dwollatest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// createSandboxSimulation processes the bank transfers, or what the type of the body says.
func (st *state) createSandboxSimulation(req *request, in jsonObject) (result, error) {
	switch in.text("type") {
	case "":
		return ok(jsonObject{"_links": links{"self": req.hal.link(req.path)}, "total": st.settleBanks()})
	case virtual:
		return st.simulateVirtual(in)
	default:
		return st.simulateDirective(req, in)
	}
}

// simulateVirtual makes payments from outside to virtual account numbers, which credit the balance behind them.
func (st *state) simulateVirtual(data jsonObject) (result, error) {
	requests := data.list("transfers")
	type incoming struct {
		to     *fundingSource
		amount cents
		ach    jsonObject
	}
	all := make([]incoming, 0, len(requests))
	for i, r := range requests {
		path := fmt.Sprintf("/transfers/%d", i)
		f := st.sourceByID[st.idIn(r.object("_link").object("destination").text("href"), "funding-sources")]
		if f == nil || f.kind != virtual || f.removed {
			return result{}, validationError(invalid(path+"/_link/destination/href", "Not a virtual account."))
		}
		value, err := r.amount("amount").cents()
		if err != nil || value <= 0 {
			return result{}, validationError(invalid(path+"/amount/value", "Invalid amount."))
		}
		all = append(all, incoming{f, value, r.object("achDetails")})
	}
	for _, in := range all {
		st.receive(in.to, in.amount, in.ach)
	}
	return accepted(nil)
}

// receive adds a payment from outside.
func (st *state) receive(f *fundingSource, value cents, ach jsonObject) {
	t := &transfer{
		id: st.ids.uuid(), status: pending, amount: value, created: st.now,
		destination: f.party.balance, receiver: f.party, started: true, outside: f,
	}
	t.ACHDetails = outsideDetails(ach)
	st.addTransfer(t)
	st.announceTransfer(t, "created")
	if code := returnCodeByPrefix(f.name); code != nil {
		t.failure, t.failedSource = code, f
		st.setStatus(t, failed)
		st.announceTransfer(t, "failed")
		return
	}
	st.completeLeg(t)
}

// outsideDetails turns the flat details of a simulation into those of an ACH entry.
func outsideDetails(in jsonObject) json.RawMessage {
	if len(in) == 0 {
		return nil
	}
	entry := jsonObject{}
	for _, name := range []string{"companyEntryDescription", "companyName", "companyId", "beneficiaryName", "routingNumber"} {
		if in.has(name) {
			entry[name] = in[name]
		}
	}
	if in.has("addenda") {
		entry["addenda"] = jsonObject{"values": []any{in["addenda"]}}
	}
	if in.has("companyDiscretionaryData") {
		posting := []string{in.text("companyName"), in.text("companyDiscretionaryData"), in.text("beneficiaryName")}
		entry["postingData"] = strings.Join(posting, ":")
	}
	out, err := json.Marshal(jsonObject{"source": entry})
	if err != nil {
		return nil
	}
	return out
}

// simulateDirective gives a business a directive.
func (st *state) simulateDirective(req *request, data jsonObject) (result, error) {
	k := st.customerByID[st.idIn(data.href("customer"), "customers")]
	if k == nil {
		return result{}, notFound("Customer")
	}
	if k.kind != business || k.status != retry && k.status != document {
		return result{}, validationError(invalid("/_links/customer/href", "Only for a business in the state retry or document."))
	}
	code := data.text("errorCode")
	k.directives = []directive{directiveFor(code)}
	st.customers.changed()
	return ok(jsonObject{"_links": links{"self": req.hal.link(req.path)}, "errorCode": code})
}

// directiveFor is the directive of an error code.
func directiveFor(code string) directive {
	message, rel := "More information is needed.", "retry-verification"
	switch code {
	case "ControllerNonResidential":
		message, rel = "The address of the controller is not residential.", "retry-with-full-ssn"
	case "POBoxNotAllowed":
		message = "The address of the business is a PO box."
	case "AddressNotAssociatedWithBusiness":
		message = "The address is not known to belong to the business."
	case "EINDocumentRequired":
		message, rel = "A document about the EIN is needed.", "upload-ein-document"
	case "PersonalIDRequired":
		message, rel = "A document about the controller is needed.", "upload-id-document"
	}
	return directive{fieldError: fieldError{code: code, message: message}, rels: []string{rel}}
}
