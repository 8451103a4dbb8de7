package dwollatest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// The partners.
const (
	mx       = "MX"
	plaid    = "Plaid"
	flinks   = "Flinks"
	finicity = "Finicity"
	checkout = "Checkout.com"
)

// active is the state of a working exchange or partner.
const active = "active"

// openBankingFunds is what a bank holds that was added through an exchange.
const openBankingFunds cents = 1_000_00

// exchangePartner is a partner for open banking or cards.
type exchangePartner struct {
	id      string
	name    string
	created time.Time
}

func (p *exchangePartner) path() string { return "/exchange-partners/" + p.id }

// exchange is a connection to one bank or card through a partner.
type exchange struct {
	id      string
	owner   *owner
	partner *exchangePartner
	status  string
	created time.Time
	source  *fundingSource // made of it, if any
	renewal bool           // the user must sign in again
	inquiry string         // how the name of a cardholder compared
}

func (x *exchange) path() string { return "/exchanges/" + x.id }

func (w *world) findPartners() {
	for _, name := range []string{mx, plaid, flinks, finicity, checkout} {
		w.partners = append(w.partners, &exchangePartner{id: w.ids.uuid(), name: name, created: w.now})
	}
}

// partner finds the partner that a reference leads to, or nil.
func (w *world) partner(href string) *exchangePartner {
	id := idIn(href, "exchange-partners")
	for _, p := range w.partners {
		if p.id == id {
			return p
		}
	}
	return nil
}

func (w *world) listExchangePartners(c *call) (reply, error) {
	return ok(collection(c, "exchange-partners", w.partners, func(p *exchangePartner) object { return p.show(c.hal) }))
}

func (w *world) getExchangePartner(c *call) (reply, error) {
	p := w.partner(c.path)
	if p == nil {
		return reply{}, notFound("Exchange partner")
	}
	return ok(p.show(c.hal))
}

func (p *exchangePartner) show(h hal) object {
	return object{
		"_links":  links{"self": h.link(p.path()), "funding-source": h.link("/funding-sources")},
		"id":      p.id,
		"name":    p.name,
		"status":  active,
		"created": stamp(p.created),
	}
}

// exchangeRequest is the body that creates an exchange: with a token, a receipt of Finicity, or what a session with MX
// or Plaid gave.
type exchangeRequest form

const atPartner = "/_links/exchange-partner/href"

func (w *world) createAccountExchange(_ *call, in exchangeRequest) (reply, error) {
	return w.createExchange(&w.account.owner, form(in))
}

func (w *world) createCustomerExchange(c *call, in exchangeRequest) (reply, error) {
	k, err := w.customer(c)
	if err != nil {
		return reply{}, err
	}
	return w.createExchange(&k.owner, form(in))
}

func (w *world) createExchange(o *owner, in form) (reply, error) {
	p := w.partner(in.href("exchange-partner"))
	if p == nil {
		return reply{}, validationError(invalid(atPartner, "Exchange partner not found."))
	}
	if err := w.redeem(o, p, in); err != nil {
		return reply{}, err
	}
	x := &exchange{id: w.ids.uuid(), owner: o, partner: p, status: active, created: w.now}
	if p.name == checkout {
		x.inquiry = o.inquiry()
	}
	o.exchanges = append(o.exchanges, x)
	w.exchangeByID[x.id] = x
	return created(x.path())
}

// redeem uses up the token of a partner. One that begins with "invalid" or "expired" is refused, as is one that was
// used before, or that MX has not given to this Customer.
func (w *world) redeem(o *owner, p *exchangePartner, in form) error {
	token := in.text("token") + in.object("plaid").text("publicToken")
	if given := in.object("mx").text("availableConnectionToken"); given != "" {
		if !slices.ContainsFunc(o.connections, func(c connection) bool { return c.token == given }) {
			return invalidToken()
		}
		token = given
	}
	name := fingerprint(p.id, token)
	if token != "" && (w.usedTokens[name] || strings.HasPrefix(token, "invalid") || strings.HasPrefix(token, "expired")) {
		return invalidToken()
	}
	w.usedTokens[name] = true
	if p.name == finicity && token == "" && in.object("finicity") == nil {
		return invalidToken()
	}
	return nil
}

func invalidToken() error {
	return &failure{
		status:  http.StatusBadRequest,
		code:    "InvalidExchangeToken",
		message: "The token of the partner is invalid or has expired.",
	}
}

func (w *world) listAccountExchanges(c *call) (reply, error) {
	return w.listExchanges(c, &w.account.owner)
}

func (w *world) listCustomerExchanges(c *call) (reply, error) {
	k, err := w.customer(c)
	if err != nil {
		return reply{}, err
	}
	return w.listExchanges(c, &k.owner)
}

func (w *world) listExchanges(c *call, o *owner) (reply, error) {
	return ok(collection(c, "exchanges", o.exchanges, func(x *exchange) object { return x.show(c.hal) }))
}

func (w *world) getExchange(c *call) (reply, error) {
	x, err := w.exchange(c)
	if err != nil {
		return reply{}, err
	}
	return ok(x.show(c.hal))
}

// exchange finds the exchange of the path.
func (w *world) exchange(c *call) (*exchange, error) {
	if x := w.exchangeByID[c.id]; x != nil {
		return x, nil
	}
	return nil, notFound("Exchange")
}

func (x *exchange) show(h hal) object {
	rels := links{
		"self":             h.link(x.path()),
		"exchange-partner": h.link(x.partner.path()),
		x.owner.rel():      h.link(x.owner.path()),
	}
	if x.source != nil {
		rels["funding-sources"] = h.link(x.source.path())
	}
	out := object{"_links": rels, "id": x.id, "status": x.status, "created": stamp(x.created)}
	if x.inquiry != "" {
		out["cardDetails"] = object{"accountNameInquiry": x.inquiry}
	}
	return out
}

// usable finds the exchange that a funding source is made of.
func (w *world) usable(o *owner, href string) (*exchange, error) {
	const at = "/_links/exchange/href"
	x := w.exchangeByID[idIn(href, "exchanges")]
	if x == nil || x.owner != o {
		return nil, validationError(invalid(at, "Exchange not found."))
	}
	if x.status != active {
		return nil, &failure{
			status: http.StatusBadRequest, code: "InactiveExchange", message: "The exchange is not active any more.",
		}
	}
	return x, nil
}

func (w *world) identifyByExchange(o *owner, f *fundingSource, href string) error {
	x, err := w.usable(o, href)
	if err != nil {
		return err
	}
	f.status, f.exchange, f.holds = verified, x, openBankingFunds
	f.fingerprint = fingerprint("exchange", x.id)
	if x.source == nil {
		x.source = f
	}
	return nil
}

// readable reports whether the partner tells the balance of the bank.
func (x *exchange) readable() error {
	switch {
	case x.partner.name == flinks, x.partner.name == checkout:
		return &failure{
			status: http.StatusBadRequest, code: "UnsupportedOperation", message: "The partner does not tell balances.",
		}
	case x.renewal:
		return &failure{
			status: http.StatusBadRequest, code: "UpdateCredentials", message: "The user must sign in again.",
			about: x.path() + "/exchange-sessions",
		}
	}
	return nil
}

func (w *world) listAvailableExchangeConnections(c *call) (reply, error) {
	k, err := w.customer(c)
	if err != nil {
		return reply{}, err
	}
	entries := make([]object, 0, len(k.connections))
	for _, found := range k.connections {
		entries = append(entries, object{"availableConnectionToken": found.token, "name": found.name})
	}
	return ok(object{
		"_links":    links{"self": c.hal.link(c.path), "customers": c.hal.link(k.path())},
		"_embedded": object{"available-exchange-connections": entries},
	})
}
