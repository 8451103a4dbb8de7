package dwollatest

import (
	"net/http"
	"slices"
	"time"
)

// A label is a named portion of a verified Customer's balance.
type label struct {
	id       string
	customer *customer
	created  time.Time
	amount   cents
	entries  list[ledgerEntry]
}

// A ledgerEntry is one change of a label.
type ledgerEntry struct {
	id      string
	label   *label
	created time.Time
	amount  cents
}

// A reallocation is a move from one label to another.
type reallocation struct {
	id       string
	created  time.Time
	from, to *ledgerEntry
}

func (l *label) path() string { return "/labels/" + l.id }

func (e *ledgerEntry) path() string { return "/ledger-entries/" + e.id }

// amountRequest is the body of createCustomerLabel.
type amountRequest struct {
	Amount amount `json:"amount"`
}

func (r amountRequest) fieldErrors() []fieldError { return amountErrors(atAmount, r.Amount) }

// changeRequest is the body of createLabelLedgerEntry; a negative amount lowers the label.
type changeRequest struct {
	Amount amount `json:"amount"`
}

func (r changeRequest) fieldErrors() []fieldError {
	value, err := r.Amount.cents()
	switch {
	case r.Amount.Value == "":
		return []fieldError{required(atAmount, "Amount")}
	case err != nil:
		return []fieldError{invalidFormat(atAmount, "The amount is not a decimal in USD.")}
	case value == 0:
		return []fieldError{invalid(atAmount, "The amount must not be zero.")}
	}
	return nil
}

func (st *state) createCustomerLabel(req *request, in amountRequest) (result, error) {
	k, err := st.customer(req)
	if err != nil {
		return result{}, err
	}
	if k.balance == nil || k.status != verified {
		return result{}, &apiError{
			status:  http.StatusForbidden,
			code:    "NotAuthorized",
			message: "Only verified Customers can have labels.",
		}
	}
	value, err := in.Amount.cents()
	if err != nil {
		return result{}, err
	}
	if value > k.balance.spendable() {
		return result{}, validationError(invalid(atAmount, "The amount is more than the balance."))
	}
	l := &label{id: st.ids.uuid(), customer: k, created: st.now}
	k.labels.add(l)
	st.labelByID[l.id] = l
	st.emit(k.party.event("label_created", l.path(), l.id))
	st.changeLabel(l, value)
	return created(l.path())
}

// changeLabel changes a label by an amount and adds a ledger entry. No money moves.
func (st *state) changeLabel(l *label, by cents) *ledgerEntry {
	e := &ledgerEntry{id: st.ids.uuid(), label: l, created: st.now, amount: by}
	l.amount += by
	l.customer.balance.labeled += by
	l.entries.add(e)
	st.entryByID[e.id] = e
	st.emit(l.customer.party.event("label_ledger_entry_created", e.path(), e.id))
	return e
}

func (st *state) listCustomerLabels(req *request) (result, error) {
	k, err := st.customer(req)
	if err != nil {
		return result{}, err
	}
	out := page(req, "labels", k.labels.all, newestFirst)
	out["_links"].(links)["customer"] = req.hal.link(k.path())
	return ok(out)
}

// label finds the label of the path.
func (st *state) label(req *request) (*label, error) { return byID(st.labelByID, req, "Label") }

func (l *label) show(h hal) jsonObject {
	rels := links{
		"self":           h.link(l.path()),
		"ledger-entries": h.link(l.path() + "/ledger-entries"),
		"update":         h.link(l.path() + "/ledger-entries"),
		"customer":       h.link(l.customer.path()),
	}
	if l.amount == 0 {
		rels["remove"] = h.link(l.path())
	}
	return jsonObject{"_links": rels, "id": l.id, "created": stamp(l.created), "amount": usd(l.amount)}
}

func (st *state) deleteLabel(req *request) (result, error) {
	l, err := st.label(req)
	if err != nil {
		return result{}, err
	}
	if l.amount != 0 {
		return result{}, invalidState("Only a label of zero can be removed.")
	}
	delete(st.labelByID, l.id)
	labels := &l.customer.labels
	labels.all = slices.DeleteFunc(labels.all, func(other *label) bool { return other == l })
	st.emit(l.customer.party.event("label_removed", l.path(), l.id))
	return ok(l.show(req.hal))
}

func (st *state) listLabelLedgerEntries(req *request) (result, error) {
	l, err := st.label(req)
	if err != nil {
		return result{}, err
	}
	return ok(page(req, "ledger-entries", l.entries.all, newestFirst))
}

func (st *state) createLabelLedgerEntry(req *request, in changeRequest) (result, error) {
	l, err := st.label(req)
	if err != nil {
		return result{}, err
	}
	value, err := in.Amount.cents()
	if err != nil {
		return result{}, err
	}
	switch {
	case l.amount+value < 0:
		return result{}, validationError(invalid(atAmount, "The label would be below zero."))
	case value > l.customer.balance.spendable():
		return result{}, validationError(invalid(atAmount, "The amount is more than the balance."))
	}
	return created(st.changeLabel(l, value).path())
}

// ledgerEntry finds the ledger entry of the path.
func (st *state) ledgerEntry(req *request) (*ledgerEntry, error) {
	return byID(st.entryByID, req, "Ledger entry")
}

func (e *ledgerEntry) show(h hal) jsonObject {
	return jsonObject{
		"_links":  links{"self": h.link(e.path()), "label": h.link(e.label.path())},
		"id":      e.id,
		"amount":  usd(e.amount),
		"created": stamp(e.created),
	}
}

// reallocationRequest is the body of createLabelReallocation.
type reallocationRequest struct {
	Links struct {
		From link `json:"from"`
		To   link `json:"to"`
	} `json:"_links"`
	Amount amount `json:"amount"`
}

const (
	atFrom = "/_links/from/href"
	atTo   = "/_links/to/href"
)

func (r reallocationRequest) fieldErrors() []fieldError { return amountErrors(atAmount, r.Amount) }

func (st *state) createLabelReallocation(_ *request, in reallocationRequest) (result, error) {
	value, err := in.Amount.cents()
	if err != nil {
		return result{}, err
	}
	from, to := st.labelByID[st.idIn(in.Links.From.Href, "labels")], st.labelByID[st.idIn(in.Links.To.Href, "labels")]
	switch {
	case from == nil:
		return result{}, validationError(invalid(atFrom, "Label not found."))
	case to == nil:
		return result{}, validationError(invalid(atTo, "Label not found."))
	case from == to || from.customer != to.customer:
		return result{}, validationError(invalid(atTo, "The labels must be two of the same Customer."))
	case from.amount < value:
		return result{}, validationError(invalid(atAmount, "The label holds less than the amount."))
	}
	r := &reallocation{id: st.ids.uuid(), created: st.now, from: st.changeLabel(from, -value), to: st.changeLabel(to, value)}
	st.reallocationByID[r.id] = r
	return created(r.path())
}

// reallocation finds the reallocation of the path.
func (st *state) reallocation(req *request) (*reallocation, error) {
	return byID(st.reallocationByID, req, "Label reallocation")
}

func (r *reallocation) path() string { return "/label-reallocations/" + r.id }

func (r *reallocation) show(h hal) jsonObject {
	return jsonObject{
		"_links": links{
			"self":              h.link(r.path()),
			"from-ledger-entry": h.link(r.from.path()),
			"to-ledger-entry":   h.link(r.to.path()),
		},
		"created": stamp(r.created),
	}
}
