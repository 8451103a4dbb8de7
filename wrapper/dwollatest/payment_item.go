package dwollatest

import (
	"encoding/json"
	"slices"
)

// massPaymentItem is one payment of a mass payment.
type massPaymentItem struct {
	id          string
	parent      *massPayment
	destination string // path, as the caller named it
	amount      cents
	status      string
	terms       terms
	correlation string
	transfer    *transfer
	failure     *problem
}

// atReceiver is where Dwolla puts the finding of a failed item; it has no index.
const atReceiver = "/items/destination/href"

// massPaymentItemRequest is one item in the body of createMassPayment.
type massPaymentItemRequest struct {
	Links struct {
		Destination link `json:"destination"`
	} `json:"_links"`
	Amount        amount            `json:"amount"`
	Metadata      map[string]string `json:"metadata"`
	CorrelationID *string           `json:"correlationId"`
	Clearing      form              `json:"clearing"`
	ACH           json.RawMessage   `json:"achDetails"`
	Channel       struct {
		Destination string `json:"destination"`
	} `json:"processingChannel"`
}

// addItems enters the items of a mass payment.
func (w *world) addItems(m *massPayment, requests []massPaymentItemRequest) error {
	items := make([]massPaymentItem, len(requests))
	for i, r := range requests {
		value, err := r.Amount.cents()
		if err != nil {
			return err
		}
		items[i] = massPaymentItem{
			id: w.ids.uuid(), parent: m, destination: pathOf(r.Links.Destination.Href), amount: value, status: pending,
			terms: terms{metadata: r.Metadata, clearing: r.Clearing, achDetails: r.ACH, channel: r.Channel.Destination},
		}
		if r.CorrelationID != nil {
			items[i].correlation = *r.CorrelationID
		}
		m.total += value
		m.items.all = append(m.items.all, &items[i])
		w.itemByID[items[i].id] = &items[i]
	}
	return nil
}

// try pays one item, or fails it for what is wrong at this moment.
func (w *world) try(m *massPayment, item *massPaymentItem) {
	o, bad := w.orderItem(m, item)
	if bad != nil {
		item.status, item.failure = failed, bad
		return
	}
	item.transfer = w.pay(o)
	item.status = success
	w.paid = append(w.paid, payment{transfer: item.transfer, key: m.key, item: item})
}

func (w *world) orderItem(m *massPayment, item *massPaymentItem) (order, *problem) {
	o := order{
		source: m.source, amount: item.amount, terms: item.terms, correlation: item.correlation, funding: m.funding,
	}
	destination, bad := w.payee(item.destination, atReceiver)
	if bad != nil {
		return o, bad
	}
	o.destination = destination
	switch {
	case destination.owner == m.source.owner:
		return o, &problem{code: "Invalid", message: "Receiver owns the source.", path: atReceiver}
	case !m.funded(item.amount):
		return o, &problem{code: "InsufficientFunds", message: "Insufficient funds.", path: "/items/amount/value"}
	case m.source.removed || m.source.owner.blocked():
		return o, &problem{code: "Restricted", message: "Sender restricted.", path: "/source/href"}
	}
	if bad := w.checkChannel(&o); bad != nil {
		return o, bad
	}
	return o, nil
}

// funded reports whether there is money for an item: in the balance, or on its way from the bank.
func (m *massPayment) funded(value cents) bool {
	if m.funding != nil {
		return m.funding.status == pending || m.funding.status == processed
	}
	return m.source.spendable() >= value
}

func (w *world) listMassPaymentItems(c *call) (reply, error) {
	m, err := w.massPayment(c)
	if err != nil {
		return reply{}, err
	}
	states := c.query["status"]
	found := m.items.view(filterKey(c, "status"), func(i *massPaymentItem) bool { return slices.Contains(states, i.status) })
	return ok(page(c, "items", found, oldestFirst, func(i *massPaymentItem) object { return i.show(c.hal) }))
}

func (w *world) getMassPaymentItem(c *call) (reply, error) {
	item := w.itemByID[c.id]
	if item == nil {
		return reply{}, notFound("Mass payment item")
	}
	return ok(item.show(c.hal))
}

func (i *massPaymentItem) show(h hal) object {
	rels := links{
		"self":         h.link("/mass-payment-items/" + i.id),
		"mass-payment": h.link(i.parent.path()),
		"destination":  h.link(i.destination),
	}
	out := object{"_links": rels, "id": i.id, "status": i.status, "amount": usd(i.amount)}
	if i.transfer != nil {
		rels["transfer"] = h.link(i.transfer.path())
	}
	if i.failure != nil {
		out["_embedded"] = object{"errors": embedded([]problem{*i.failure})}
	}
	if len(i.terms.metadata) > 0 {
		out["metadata"] = i.terms.metadata
	}
	if len(i.terms.clearing) > 0 {
		out["clearing"] = i.terms.clearing
	}
	if len(i.terms.achDetails) > 0 {
		out["achDetails"] = i.terms.achDetails
	}
	if i.terms.channel != "" {
		out["processingChannel"] = object{"destination": i.terms.channel}
	}
	if i.correlation != "" {
		out["correlationId"] = i.correlation
	}
	return out
}
