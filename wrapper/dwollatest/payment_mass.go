package dwollatest

import (
	"encoding/json"
	"fmt"
	"time"
)

// The states of mass payments and their items that transfers do not have.
const (
	deferred   = "deferred"
	processing = "processing"
	complete   = "complete"
	success    = "success"
)

// massPayment is a batch of payments from one funding source.
type massPayment struct {
	id          string
	source      *fundingSource
	status      string
	created     time.Time
	metadata    map[string]string
	clearing    form
	achDetails  json.RawMessage
	correlation string
	total       cents
	key         string
	items       list[massPaymentItem]
	done        int       // how many items have been tried
	funding     *transfer // the one debit of a bank for the whole batch
}

func (m *massPayment) path() string { return "/mass-payments/" + m.id }

func (m *massPayment) about(what string) news {
	n := m.source.owner.about("mass_payment_"+what, m.path(), m.id)
	n.correlation = m.correlation
	return n
}

// massPaymentRequest is the body of createMassPayment.
type massPaymentRequest struct {
	Links struct {
		Source link `json:"source"`
	} `json:"_links"`
	Items         []massPaymentItemRequest `json:"items"`
	Metadata      map[string]string        `json:"metadata"`
	Status        string                   `json:"status"`
	ACH           json.RawMessage          `json:"achDetails"`
	Clearing      form                     `json:"clearing"`
	CorrelationID *string                  `json:"correlationId"`
}

func (r massPaymentRequest) problems() []problem {
	var out []problem
	for i, item := range r.Items {
		out = append(out, amountProblems(fmt.Sprintf("/items/%d", i)+atAmount, item.Amount)...)
	}
	return out
}

// createMassPayment checks the source and the form of the items; whom they pay is looked at when their turn comes.
func (w *world) createMassPayment(c *call, in massPaymentRequest) (reply, error) {
	source, bad := w.payer(in.Links.Source.Href)
	if bad != nil {
		return reply{}, validationError(*bad)
	}
	if source.owner.balance == nil {
		return reply{}, validationError(invalid(atSource, "Invalid funding source."))
	}
	m := &massPayment{
		id: w.ids.uuid(), source: source, status: pending, created: w.now, metadata: in.Metadata,
		clearing: in.Clearing, achDetails: in.ACH, key: c.key,
	}
	if in.CorrelationID != nil {
		m.correlation = *in.CorrelationID
	}
	if err := w.addItems(m, in.Items); err != nil {
		return reply{}, err
	}
	w.paymentByID[m.id] = m
	source.owner.massPayments.add(m)
	w.raise(m.about("created"))
	if in.Status == deferred {
		m.status = deferred
	} else {
		w.release(m)
	}
	return created(m.path())
}

func (w *world) listAccountMassPayments(c *call) (reply, error) {
	if err := w.ownAccount(c); err != nil {
		return reply{}, err
	}
	return w.listMassPayments(c, &w.account.owner)
}

func (w *world) listCustomerMassPayments(c *call) (reply, error) {
	k, err := w.customer(c)
	if err != nil {
		return reply{}, err
	}
	return w.listMassPayments(c, &k.owner)
}

func (w *world) listMassPayments(c *call, o *owner) (reply, error) {
	correlation := c.query.Get("correlationId")
	found := o.massPayments.view(filterKey(c, "correlationId"), func(m *massPayment) bool { return m.correlation == correlation })
	return ok(page(c, "mass-payments", found, newestFirst, func(m *massPayment) object { return m.show(c.hal) }))
}

func (w *world) getMassPayment(c *call) (reply, error) {
	m, err := w.massPayment(c)
	if err != nil {
		return reply{}, err
	}
	return ok(m.show(c.hal))
}

// massPayment finds the mass payment of the path.
func (w *world) massPayment(c *call) (*massPayment, error) {
	if m := w.paymentByID[c.id]; m != nil {
		return m, nil
	}
	return nil, notFound("Mass payment")
}

func (m *massPayment) show(h hal) object {
	out := object{
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
	if len(m.metadata) > 0 {
		out["metadata"] = m.metadata
	}
	if len(m.clearing) > 0 {
		out["clearing"] = m.clearing
	}
	if len(m.achDetails) > 0 {
		out["achDetails"] = m.achDetails
	}
	if m.correlation != "" {
		out["correlationId"] = m.correlation
	}
	return out
}

// updateMassPaymentRequest is the body of updateMassPayment.
type updateMassPaymentRequest struct {
	Status string `json:"status"`
}

func (w *world) updateMassPayment(c *call, in updateMassPaymentRequest) (reply, error) {
	m, err := w.massPayment(c)
	if err != nil {
		return reply{}, err
	}
	if m.status != deferred {
		return reply{}, validationError(invalid("/status", "Only a deferred mass payment can be updated."))
	}
	if in.Status == cancelled {
		m.status = cancelled
		w.raise(m.about("cancelled"))
	} else {
		w.release(m)
	}
	return ok(m.show(c.hal))
}

// release puts the mass payment in line; it begins after the time of one item.
func (w *world) release(m *massPayment) {
	m.status = pending
	w.after(w.itemTime, func() { w.begin(m) })
}

// begin starts with the items. A bank is debited once for all of them.
func (w *world) begin(m *massPayment) {
	m.status = processing
	if m.source.kind == bank {
		m.funding = w.open(hop{m.source, m.source.owner.balance}, m.total, nil, func(*transfer) {})
		w.start(m.funding)
	}
	w.processNext(m)
}

// processNext tries the next item and plans the one after it.
func (w *world) processNext(m *massPayment) {
	w.try(m, m.items.all[m.done])
	m.done++
	m.items.changed()
	if m.done < len(m.items.all) {
		w.after(w.itemTime, func() { w.processNext(m) })
		return
	}
	m.status = complete
	w.raise(m.about("completed"))
}
