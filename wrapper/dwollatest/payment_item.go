package dwollatest

import (
	"slices"
	"time"
)

// A massPaymentItem is one payment of a mass payment.
type massPaymentItem struct {
	id          string
	parent      *massPayment
	destination string // path, as the caller named it; "" if it leads elsewhere
	elsewhere   string // where it leads then
	amount      cents
	status      string
	terms
	transfer *transfer
	failure  *fieldError
}

// atReceiver is the path in the error of a failed item; Dwolla gives no index.
const atReceiver = "/items/destination/href"

// massPaymentItemRequest is one item in the body of createMassPayment.
type massPaymentItemRequest struct {
	Links struct {
		Destination link `json:"destination"`
	} `json:"_links"`
	terms
	Amount amount `json:"amount"`
}

// addItems adds the items of a mass payment.
func (st *state) addItems(m *massPayment, requests []massPaymentItemRequest) error {
	items := make([]massPaymentItem, len(requests))
	for i, r := range requests {
		value, err := r.Amount.cents()
		if err != nil {
			return err
		}
		items[i] = massPaymentItem{
			id: st.ids.uuid(), parent: m, destination: st.pathOf(r.Links.Destination.Href), amount: value, status: pending,
			terms: r.terms,
		}
		if items[i].destination == "" {
			items[i].elsewhere = r.Links.Destination.Href
		}
		m.total += value
		m.items.all = append(m.items.all, &items[i])
	}
	return nil
}

// payItem pays one item, or fails it if a rule forbids it now.
func (st *state) payItem(m *massPayment, item *massPaymentItem) {
	o, bad := st.orderItem(m, item)
	if bad != nil {
		item.status, item.failure = failed, bad
		return
	}
	item.transfer = st.pay(o)
	item.status = success
	st.paid = append(st.paid, payment{transfer: item.transfer, key: m.key, item: item})
}

func (st *state) orderItem(m *massPayment, item *massPaymentItem) (order, *fieldError) {
	o := order{
		source: m.source, amount: item.amount, terms: item.terms, funding: m.funding,
	}
	destination, bad := st.payee(item.destination, atReceiver)
	if bad != nil {
		return o, bad
	}
	o.destination = destination
	switch {
	case destination.party == m.source.party:
		return o, &fieldError{code: "Invalid", message: "Receiver owns the source.", path: atReceiver}
	case !m.funded(item.amount):
		return o, &fieldError{code: "InsufficientFunds", message: "Insufficient funds.", path: "/items/amount/value"}
	case m.source.removed || m.source.party.blocked():
		return o, &fieldError{code: "Restricted", message: "Sender restricted.", path: "/source/href"}
	}
	if bad := st.checkChannel(&o); bad != nil {
		return o, bad
	}
	return o, nil
}

// funded reports whether there is money for an item: in the balance, or in the debit of the bank.
func (m *massPayment) funded(value cents) bool {
	if m.funding != nil {
		return m.funding.status == pending || m.funding.status == processed
	}
	return m.source.spendable() >= value
}

func (st *state) listMassPaymentItems(req *request) (result, error) {
	m, err := st.massPayment(req)
	if err != nil {
		return result{}, err
	}
	states := req.query["status"]
	found := m.items.view(filterKey(req, "status"), func(i *massPaymentItem) bool { return slices.Contains(states, i.status) })
	found = listed(st, st.quirks.ItemLag, found, func(*massPaymentItem) time.Time { return m.created })
	return ok(page(req, "items", found, oldestFirst))
}

// item finds the item of the path.
func (st *state) item(req *request) (*massPaymentItem, error) {
	return byID(st.itemByID, req, "Mass payment item")
}

func (i *massPaymentItem) show(h hal) jsonObject {
	rels := links{
		"self":         h.link("/mass-payment-items/" + i.id),
		"mass-payment": h.link(i.parent.path()),
		"destination":  h.link(i.destination),
	}
	if i.elsewhere != "" {
		rels["destination"] = link{Href: i.elsewhere}
	}
	out := jsonObject{"_links": rels, "id": i.id, "status": i.status, "amount": usd(i.amount)}
	i.showIn(out)
	if h.state.quirks.unsettled(i.parent, h.state.now) {
		out["status"] = pending
		return out
	}
	if i.transfer != nil {
		rels["transfer"] = h.link(i.transfer.path())
	}
	if i.failure != nil {
		out["_embedded"] = jsonObject{"errors": showFieldErrors([]fieldError{*i.failure})}
	}
	return out
}
