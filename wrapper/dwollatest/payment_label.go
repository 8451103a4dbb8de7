package dwollatest

import (
	"net/http"
	"slices"
	"time"
)

// label is a named portion of a verified Customer's balance.
type label struct {
	id       string
	customer *customer
	created  time.Time
	amount   cents
	entries  list[ledgerEntry]
}

// ledgerEntry is one change of a label.
type ledgerEntry struct {
	id      string
	label   *label
	created time.Time
	amount  cents
}

// reallocation is a move from one label to another.
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

func (r amountRequest) problems() []problem { return amountProblems(atAmount, r.Amount) }

// changeRequest is the body of createLabelLedgerEntry; a negative amount lowers the label.
type changeRequest struct {
	Amount amount `json:"amount"`
}

func (r changeRequest) problems() []problem {
	value, err := r.Amount.cents()
	switch {
	case r.Amount.Value == "":
		return []problem{required(atAmount, "Amount")}
	case err != nil:
		return []problem{invalidFormat(atAmount, "The amount is not a decimal in USD.")}
	case value == 0:
		return []problem{invalid(atAmount, "The amount must not be zero.")}
	}
	return nil
}

func (w *world) createCustomerLabel(c *call, in amountRequest) (reply, error) {
	k, err := w.customer(c)
	if err != nil {
		return reply{}, err
	}
	if k.balance == nil || k.status != verified {
		return reply{}, &failure{
			status:  http.StatusForbidden,
			code:    "NotAuthorized",
			message: "Only verified Customers can have labels.",
		}
	}
	value, err := in.Amount.cents()
	if err != nil {
		return reply{}, err
	}
	if value > k.balance.spendable() {
		return reply{}, validationError(invalid(atAmount, "The amount is more than the balance."))
	}
	l := &label{id: w.ids.uuid(), customer: k, created: w.now}
	k.labels.add(l)
	w.labelByID[l.id] = l
	w.raise(k.owner.about("label_created", l.path(), l.id))
	w.relabel(l, value)
	return created(l.path())
}

// relabel changes a label by an amount and enters that in its ledger. No money moves.
func (w *world) relabel(l *label, by cents) *ledgerEntry {
	e := &ledgerEntry{id: w.ids.uuid(), label: l, created: w.now, amount: by}
	l.amount += by
	l.customer.balance.labeled += by
	l.entries.add(e)
	w.entryByID[e.id] = e
	w.raise(l.customer.owner.about("label_ledger_entry_created", e.path(), e.id))
	return e
}

func (w *world) listCustomerLabels(c *call) (reply, error) {
	k, err := w.customer(c)
	if err != nil {
		return reply{}, err
	}
	out := page(c, "labels", k.labels.all, newestFirst, func(l *label) object { return l.show(c.hal) })
	out["_links"].(links)["customer"] = c.hal.link(k.path())
	return ok(out)
}

func (w *world) getLabel(c *call) (reply, error) {
	l, err := w.label(c)
	if err != nil {
		return reply{}, err
	}
	return ok(l.show(c.hal))
}

// label finds the label of the path.
func (w *world) label(c *call) (*label, error) {
	if l := w.labelByID[c.id]; l != nil {
		return l, nil
	}
	return nil, notFound("Label")
}

func (l *label) show(h hal) object {
	rels := links{
		"self":           h.link(l.path()),
		"ledger-entries": h.link(l.path() + "/ledger-entries"),
		"update":         h.link(l.path() + "/ledger-entries"),
		"customer":       h.link(l.customer.path()),
	}
	if l.amount == 0 {
		rels["remove"] = h.link(l.path())
	}
	return object{"_links": rels, "id": l.id, "created": stamp(l.created), "amount": usd(l.amount)}
}

func (w *world) deleteLabel(c *call) (reply, error) {
	l, err := w.label(c)
	if err != nil {
		return reply{}, err
	}
	if l.amount != 0 {
		return reply{}, invalidState("Only a label of zero can be removed.")
	}
	delete(w.labelByID, l.id)
	labels := &l.customer.labels
	labels.all = slices.DeleteFunc(labels.all, func(other *label) bool { return other == l })
	w.raise(l.customer.owner.about("label_removed", l.path(), l.id))
	return ok(l.show(c.hal))
}

func (w *world) listLabelLedgerEntries(c *call) (reply, error) {
	l, err := w.label(c)
	if err != nil {
		return reply{}, err
	}
	return ok(page(c, "ledger-entries", l.entries.all, newestFirst, func(e *ledgerEntry) object { return e.show(c.hal) }))
}

func (w *world) createLabelLedgerEntry(c *call, in changeRequest) (reply, error) {
	l, err := w.label(c)
	if err != nil {
		return reply{}, err
	}
	value, err := in.Amount.cents()
	if err != nil {
		return reply{}, err
	}
	switch {
	case l.amount+value < 0:
		return reply{}, validationError(invalid(atAmount, "The label would be below zero."))
	case value > l.customer.balance.spendable():
		return reply{}, validationError(invalid(atAmount, "The amount is more than the balance."))
	}
	return created(w.relabel(l, value).path())
}

func (w *world) getLedgerEntry(c *call) (reply, error) {
	e := w.entryByID[c.id]
	if e == nil {
		return reply{}, notFound("Ledger entry")
	}
	return ok(e.show(c.hal))
}

func (e *ledgerEntry) show(h hal) object {
	return object{
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

func (r reallocationRequest) problems() []problem { return amountProblems(atAmount, r.Amount) }

func (w *world) createLabelReallocation(_ *call, in reallocationRequest) (reply, error) {
	value, err := in.Amount.cents()
	if err != nil {
		return reply{}, err
	}
	from, to := w.labelByID[idIn(in.Links.From.Href, "labels")], w.labelByID[idIn(in.Links.To.Href, "labels")]
	switch {
	case from == nil:
		return reply{}, validationError(invalid(atFrom, "Label not found."))
	case to == nil:
		return reply{}, validationError(invalid(atTo, "Label not found."))
	case from == to || from.customer != to.customer:
		return reply{}, validationError(invalid(atTo, "The labels must be two of the same Customer."))
	case from.amount < value:
		return reply{}, validationError(invalid(atAmount, "The label holds less than the amount."))
	}
	r := &reallocation{id: w.ids.uuid(), created: w.now, from: w.relabel(from, -value), to: w.relabel(to, value)}
	w.reallocationByID[r.id] = r
	return created("/label-reallocations/" + r.id)
}

func (w *world) getLabelReallocation(c *call) (reply, error) {
	r := w.reallocationByID[c.id]
	if r == nil {
		return reply{}, notFound("Label reallocation")
	}
	return ok(object{
		"_links": links{
			"self":              c.hal.link(c.path),
			"from-ledger-entry": c.hal.link(r.from.path()),
			"to-ledger-entry":   c.hal.link(r.to.path()),
		},
		"created": stamp(r.created),
	})
}
