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

// openBankingFunds is what a bank holds that was added through an exchange.
const openBankingFunds cents = 1_000_00

// An exchangePartner is a partner for open banking or cards.
type exchangePartner struct {
	id      string
	name    string
	created time.Time
}

func (partner *exchangePartner) path() string { return "/exchange-partners/" + partner.id }

// An exchange is a connection to one bank or card through a partner.
type exchange struct {
	id      string
	party   *party
	partner *exchangePartner
	status  string
	created time.Time
	source  *fundingSource // made of it, if any
	renewal bool           // whether the user must sign in again
	inquiry string         // the result of the comparison of the cardholder's name
}

func (x *exchange) path() string { return "/exchanges/" + x.id }

func (st *state) addPartners() {
	for _, name := range []string{mx, plaid, flinks, finicity, checkout} {
		st.partners = append(st.partners, &exchangePartner{id: st.ids.uuid(), name: name, created: st.now})
	}
}

// partner finds the partner that a reference leads to, or nil.
func (st *state) partner(href string) *exchangePartner {
	id := st.idIn(href, "exchange-partners")
	for _, partner := range st.partners {
		if partner.id == id {
			return partner
		}
	}
	return nil
}

// exchangePartner finds the partner of the path.
func (st *state) exchangePartner(req *request) (*exchangePartner, error) {
	if partner := st.partner(req.path); partner != nil {
		return partner, nil
	}
	return nil, notFound("Exchange partner")
}

func (partner *exchangePartner) show(h hal) jsonObject {
	return jsonObject{
		"_links":  links{"self": h.link(partner.path()), "funding-source": h.link("/funding-sources")},
		"id":      partner.id,
		"name":    partner.name,
		"status":  active,
		"created": stamp(partner.created),
	}
}

const atPartner = "/_links/exchange-partner/href"

// createExchange makes an exchange of a token, a receipt of Finicity, or what a session with MX or Plaid gave.
func (st *state) createExchange(req *request, in jsonObject) (result, error) {
	p, err := st.partyOf(req)
	if err != nil {
		return result{}, err
	}
	partner := st.partner(in.href("exchange-partner"))
	if partner == nil {
		return result{}, validationError(invalid(atPartner, "Exchange partner not found."))
	}
	if err := st.redeem(p, partner, in); err != nil {
		return result{}, err
	}
	x := &exchange{id: st.ids.uuid(), party: p, partner: partner, status: active, created: st.now}
	if partner.name == checkout {
		x.inquiry = p.inquiry()
	}
	p.exchanges = append(p.exchanges, x)
	st.exchangeByID[x.id] = x
	return created(x.path())
}

// redeem uses the token of a partner. One that begins with "invalid" or "expired" is refused, as is one that was
// used before, or that MX has not given to this Customer.
func (st *state) redeem(p *party, partner *exchangePartner, in jsonObject) error {
	token := in.text("token") + in.object("plaid").text("publicToken")
	if given := in.object("mx").text("availableConnectionToken"); given != "" {
		if !slices.ContainsFunc(p.connections, func(c connection) bool { return c.token == given }) {
			return invalidToken()
		}
		token = given
	}
	name := fingerprint(partner.id, token)
	if token != "" && (st.usedTokens[name] || strings.HasPrefix(token, "invalid") || strings.HasPrefix(token, "expired")) {
		return invalidToken()
	}
	st.usedTokens[name] = true
	if partner.name == finicity && token == "" && in.object("finicity") == nil {
		return invalidToken()
	}
	return nil
}

func invalidToken() error {
	return &apiError{
		status:  http.StatusBadRequest,
		code:    "InvalidExchangeToken",
		message: "The token of the partner is invalid or has expired.",
	}
}

// exchange finds the exchange of the path.
func (st *state) exchange(req *request) (*exchange, error) {
	return byID(st.exchangeByID, req, "Exchange")
}

func (x *exchange) show(h hal) jsonObject {
	rels := links{
		"self":             h.link(x.path()),
		"exchange-partner": h.link(x.partner.path()),
		x.party.rel():      h.link(x.party.path()),
	}
	if x.source != nil {
		rels["funding-sources"] = h.link(x.source.path())
	}
	out := jsonObject{"_links": rels, "id": x.id, "status": x.status, "created": stamp(x.created)}
	if x.inquiry != "" {
		out["cardDetails"] = jsonObject{"accountNameInquiry": x.inquiry}
	}
	return out
}

// usableExchange finds the exchange that a funding source is made of.
func (st *state) usableExchange(p *party, href string) (*exchange, error) {
	const at = "/_links/exchange/href"
	x := st.exchangeByID[st.idIn(href, "exchanges")]
	if x == nil || x.party != p {
		return nil, validationError(invalid(at, "Exchange not found."))
	}
	if x.status != active {
		return nil, &apiError{
			status: http.StatusBadRequest, code: "InactiveExchange", message: "The exchange is not active any more.",
		}
	}
	return x, nil
}

func (st *state) identifyByExchange(p *party, f *fundingSource, href string) error {
	x, err := st.usableExchange(p, href)
	if err != nil {
		return err
	}
	f.status, f.exchange, f.holds = verified, x, openBankingFunds
	f.fingerprint = fingerprint("exchange", x.id)
	return nil
}

// readable refuses an exchange whose partner does not give the balance.
func (x *exchange) readable() error {
	switch {
	case x.partner.name == flinks, x.partner.name == checkout:
		return &apiError{
			status: http.StatusBadRequest, code: "UnsupportedOperation", message: "The partner does not tell balances.",
		}
	case x.renewal:
		return &apiError{
			status: http.StatusBadRequest, code: "UpdateCredentials", message: "The user must sign in again.",
			about: x.path() + "/exchange-sessions",
		}
	}
	return nil
}

func (st *state) listAvailableExchangeConnections(req *request) (result, error) {
	k, err := st.customer(req)
	if err != nil {
		return result{}, err
	}
	entries := make([]jsonObject, 0, len(k.connections))
	for _, found := range k.connections {
		entries = append(entries, jsonObject{"availableConnectionToken": found.token, "name": found.name})
	}
	return ok(jsonObject{
		"_links":    links{"self": req.hal.link(req.path), "customers": req.hal.link(k.path())},
		"_embedded": jsonObject{"available-exchange-connections": entries},
	})
}
