package dwollatest

import (
	"fmt"
	"time"
)

// A massPayment is a batch of payments from one funding source.
type massPayment struct {
	terms
	id        string
	source    *fundingSource
	status    string
	created   time.Time
	total     cents
	key       string
	items     list[massPaymentItem]
	done      int // how many items have been processed
	completed time.Time
	funding   *transfer // the one debit of a bank for the whole batch
}

func (m *massPayment) path() string { return "/mass-payments/" + m.id }

func (m *massPayment) event(what string) event {
	n := m.source.party.event("mass_payment_"+what, m.path(), m.id)
	n.correlation = m.CorrelationID
	return n
}

// massPaymentRequest is the body of createMassPayment.
type massPaymentRequest struct {
	Links struct {
		Source link `json:"source"`
	} `json:"_links"`
	terms
	Items  []massPaymentItemRequest `json:"items"`
	Status string                   `json:"status"`
}

func (r massPaymentRequest) fieldErrors() []fieldError {
	var out []fieldError
	for i, item := range r.Items {
		out = append(out, amountErrors(fmt.Sprintf("/items/%d", i)+atAmount, item.Amount)...)
	}
	return out
}

// createMassPayment checks the source and the form of the items; their destinations are checked when they are paid.
func (st *state) createMassPayment(req *request, in massPaymentRequest) (result, error) {
	source, bad := st.payer(in.Links.Source.Href)
	if bad != nil {
		return result{}, validationError(*bad)
	}
	if source.party.balance == nil {
		return result{}, validationError(invalid(atSource, "Invalid funding source."))
	}
	m := &massPayment{
		id: st.ids.uuid(), source: source, status: pending, created: st.now, terms: in.terms, key: req.key,
	}
	if err := st.addItems(m, in.Items); err != nil {
		return result{}, err
	}
	if st.quirks.RefuseItems {
		if refused := st.refusedItems(m); len(refused) > 0 {
			return result{}, validationError(refused...)
		}
	}
	for _, item := range m.items.all {
		st.itemByID[item.id] = item
	}
	st.paymentByID[m.id] = m
	source.party.massPayments.add(m)
	st.emit(m.event("created"))
	if in.Status == deferred {
		m.status = deferred
	} else {
		st.release(m)
	}
	return created(m.path())
}

func (st *state) listMassPayments(req *request) (result, error) {
	p, err := st.partyOf(req)
	if err != nil {
		return result{}, err
	}
	correlation := req.query.Get("correlationId")
	found := p.massPayments.view(filterKey(req, "correlationId"), func(m *massPayment) bool { return m.CorrelationID == correlation })
	found = listed(st, st.quirks.SearchLag, found, func(m *massPayment) time.Time { return m.created })
	return ok(page(req, "mass-payments", found, newestFirst))
}

// massPayment finds the mass payment of the path.
func (st *state) massPayment(req *request) (*massPayment, error) {
	return byID(st.paymentByID, req, "Mass payment")
}

func (m *massPayment) show(h hal) jsonObject {
	out := jsonObject{
		"_links": links{
			"self":   h.link(m.path()),
			"source": h.link(m.source.path()),
			"items":  h.link(m.path() + "/items"),
		},
		"id":        m.id,
		"status":    m.status,
		"created":   stamp(m.created),
		"total":     usd(m.total),
		"totalFees": usd(0),
	}
	m.showIn(out)
	return out
}

// updateMassPaymentRequest is the body of updateMassPayment.
type updateMassPaymentRequest struct {
	Status string `json:"status"`
}

func (st *state) updateMassPayment(req *request, in updateMassPaymentRequest) (result, error) {
	m, err := st.massPayment(req)
	if err != nil {
		return result{}, err
	}
	if m.status != deferred {
		return result{}, validationError(invalid("/status", "Only a deferred mass payment can be updated."))
	}
	if in.Status == cancelled {
		m.status = cancelled
		st.emit(m.event("cancelled"))
	} else {
		st.release(m)
	}
	return ok(m.show(req.hal))
}

// release makes the mass payment pending; it begins after the time of one item.
func (st *state) release(m *massPayment) {
	m.status = pending
	st.after(st.itemTime, func() { st.begin(m) })
}

// begin starts to pay the items. A bank is debited once for all of them.
func (st *state) begin(m *massPayment) {
	m.status = processing
	if m.source.kind == bank {
		m.funding = st.openLeg(leg{m.source, m.source.party.balance}, m.total, nil, func(*transfer) {})
		st.startLeg(m.funding)
	}
	st.processNext(m)
}

// processNext pays the next item and sets a timer for the one after it.
func (st *state) processNext(m *massPayment) {
	st.payItem(m, m.items.all[m.done])
	m.done++
	m.items.changed()
	if m.done < len(m.items.all) {
		st.after(st.itemTime, func() { st.processNext(m) })
		return
	}
	m.status, m.completed = complete, st.now
	st.emit(m.event("completed"))
}
