package dwollatest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// simulationRequest is the body of createSandboxSimulation: nothing, payments into virtual accounts, or a directive.
type simulationRequest form

func (w *world) createSandboxSimulation(c *call, in simulationRequest) (reply, error) {
	switch data := form(in); data.text("type") {
	case "":
		return ok(object{"_links": links{"self": c.hal.link(c.path)}, "total": w.settleBanks()})
	case virtual:
		return w.simulateVirtual(data)
	default:
		return w.simulateDirective(c, data)
	}
}

// simulateVirtual makes payments from outside to virtual account numbers, which credit the balance behind them.
func (w *world) simulateVirtual(data form) (reply, error) {
	requests := data.list("transfers")
	type incoming struct {
		to     *fundingSource
		amount cents
		ach    form
	}
	all := make([]incoming, 0, len(requests))
	for i, r := range requests {
		path := fmt.Sprintf("/transfers/%d", i)
		f := w.sourceByID[idIn(r.object("_link").object("destination").text("href"), "funding-sources")]
		if f == nil || f.kind != virtual || f.removed {
			return reply{}, validationError(invalid(path+"/_link/destination/href", "Not a virtual account."))
		}
		value, err := parseCents(r.object("amount").text("value"))
		if err != nil || value <= 0 {
			return reply{}, validationError(invalid(path+"/amount/value", "Invalid amount."))
		}
		all = append(all, incoming{f, value, r.object("achDetails")})
	}
	for _, in := range all {
		w.receive(in.to, in.amount, in.ach)
	}
	return accepted(nil)
}

// receive enters a payment from outside.
func (w *world) receive(f *fundingSource, value cents, ach form) {
	t := &transfer{
		id: w.ids.uuid(), status: pending, amount: value, created: w.now,
		buyer: f.owner.balance, to: f.owner, started: true, outside: f,
	}
	t.terms.achDetails = outsideDetails(ach)
	w.enter(t)
	w.announce(t, "created")
	if code := failureByPrefix(f.name); code != nil {
		t.failure, t.faulty = code, f
		w.move(t, failed)
		w.announce(t, "failed")
		return
	}
	w.complete(t)
}

// outsideDetails turns the flat details of a simulation into those of an ACH entry.
func outsideDetails(in form) json.RawMessage {
	if len(in) == 0 {
		return nil
	}
	entry := object{}
	for _, name := range []string{"companyEntryDescription", "companyName", "companyId", "beneficiaryName", "routingNumber"} {
		if in.has(name) {
			entry[name] = in[name]
		}
	}
	if in.has("addenda") {
		entry["addenda"] = object{"values": []any{in["addenda"]}}
	}
	if in.has("companyDiscretionaryData") {
		posting := []string{in.text("companyName"), in.text("companyDiscretionaryData"), in.text("beneficiaryName")}
		entry["postingData"] = strings.Join(posting, ":")
	}
	out, err := json.Marshal(object{"source": entry})
	if err != nil {
		return nil
	}
	return out
}

// simulateDirective tells a business what it must still do to be verified.
func (w *world) simulateDirective(c *call, data form) (reply, error) {
	k := w.customerByID[idIn(data.href("customer"), "customers")]
	if k == nil {
		return reply{}, notFound("Customer")
	}
	if k.kind != business || k.status != retry && k.status != document {
		return reply{}, validationError(invalid("/_links/customer/href", "Only for a business in the state retry or document."))
	}
	code := data.text("errorCode")
	k.findings = []directive{directiveFor(code)}
	w.customers.changed()
	return ok(object{"_links": links{"self": c.hal.link(c.path)}, "errorCode": code})
}

// directiveFor is what a business reads about a simulated finding.
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
	return directive{problem: problem{code: code, message: message}, rels: []string{rel}}
}
