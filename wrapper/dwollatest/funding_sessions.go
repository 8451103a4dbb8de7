package dwollatest

import (
	"slices"
	"time"
)

// externalPage is where a session with MX sends the user; nothing is there.
const externalPage = "https://mx.example.com/connect/"

// exchangeSession is a user's session with a partner.
type exchangeSession struct {
	id      string
	partner *exchangePartner
	created time.Time
	token   string
}

func (s *exchangeSession) path() string { return "/exchange-sessions/" + s.id }

// connection is a bank that a user opened up in a session with MX.
type connection struct{ token, name string }

// sessionRequest is the body of the two operations that create a session.
type sessionRequest form

func (w *world) createCustomerExchangeSession(c *call, in sessionRequest) (reply, error) {
	k, err := w.customer(c)
	if err != nil {
		return reply{}, err
	}
	data := form(in)
	p := w.partner(data.href("exchange-partner"))
	if p == nil {
		return reply{}, validationError(invalid(atPartner, "Exchange partner not found."))
	}
	if p.name == checkout {
		k.asksName = data.object("cardDetails")["accountNameInquiry"] == true
	}
	return w.openSession(&k.owner, p, data)
}

// createReauthExchangeSession lets the user sign in again; here that is done with the session.
func (w *world) createReauthExchangeSession(c *call, in sessionRequest) (reply, error) {
	x, err := w.exchange(c)
	if err != nil {
		return reply{}, err
	}
	out, err := w.openSession(x.owner, x.partner, form(in))
	if err == nil {
		x.renewal = false
	}
	return out, err
}

func (w *world) openSession(o *owner, p *exchangePartner, in form) (reply, error) {
	if p.name == flinks || p.name == finicity {
		return reply{}, forbidden("The partner has no sessions.")
	}
	back := in.href("redirect-url")
	if back != "" && len(w.redirectURLs) > 0 && !slices.Contains(w.redirectURLs, back) {
		return reply{}, validationError(invalid("/_links/redirect-url/href", "The URL is not registered."))
	}
	s := &exchangeSession{id: w.ids.uuid(), partner: p, created: w.now, token: w.ids.token(32)}
	w.sessionByID[s.id] = s
	if p.name == mx {
		o.connections = append(o.connections,
			connection{token: w.ids.token(32), name: "MX Checking"},
			connection{token: w.ids.token(32), name: "MX Savings"},
		)
	}
	return created(s.path())
}

// inquiry is how the name of a cardholder compares: it always matches when the session asked for it.
func (o *owner) inquiry() string {
	if o.asksName {
		return "full-match"
	}
	return "not-performed"
}

func (w *world) getExchangeSession(c *call) (reply, error) {
	s := w.sessionByID[c.id]
	if s == nil {
		return reply{}, notFound("Exchange session")
	}
	rels := links{"self": c.hal.link(s.path()), "exchange-partner": c.hal.link(s.partner.path())}
	out := object{"_links": rels, "created": stamp(s.created)}
	switch s.partner.name {
	case mx:
		rels["external-provider-session"] = link{Href: externalPage + s.token, Type: mediaType, ResourceType: "text/html"}
	case plaid:
		out["externalProviderSessionToken"] = "link-sandbox-" + s.token
	case checkout:
		out["externalProviderSessionData"] = object{
			"id":                     "ps_" + s.token,
			"payment_session_secret": "pss_" + s.token,
			"payment_session_token":  "pst_" + s.token,
		}
	}
	return ok(out)
}
