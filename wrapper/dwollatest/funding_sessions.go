package dwollatest

import (
	"slices"
	"time"
)

// externalPage is the page of a session with MX; it does not exist.
const externalPage = "https://mx.example.com/connect/"

// An exchangeSession is a user's session with a partner.
type exchangeSession struct {
	id      string
	partner *exchangePartner
	created time.Time
	token   string
}

func (s *exchangeSession) path() string { return "/exchange-sessions/" + s.id }

// A connection is a bank that a user opened up in a session with MX.
type connection struct{ token, name string }

func (st *state) createCustomerExchangeSession(req *request, in jsonObject) (result, error) {
	k, err := st.customer(req)
	if err != nil {
		return result{}, err
	}
	partner := st.partner(in.href("exchange-partner"))
	if partner == nil {
		return result{}, validationError(invalid(atPartner, "Exchange partner not found."))
	}
	if partner.name == checkout {
		k.asksName = in.object("cardDetails")["accountNameInquiry"] == true
	}
	return st.openSession(&k.party, partner, in)
}

// createReauthExchangeSession lets the user sign in again; the session itself does it here.
func (st *state) createReauthExchangeSession(req *request, in jsonObject) (result, error) {
	x, err := st.exchange(req)
	if err != nil {
		return result{}, err
	}
	out, err := st.openSession(x.party, x.partner, in)
	if err == nil {
		x.renewal = false
	}
	return out, err
}

func (st *state) openSession(p *party, partner *exchangePartner, in jsonObject) (result, error) {
	if partner.name == flinks || partner.name == finicity {
		return result{}, forbidden("The partner has no sessions.")
	}
	back := in.href("redirect-url")
	if back != "" && len(st.redirectURLs) > 0 && !slices.Contains(st.redirectURLs, back) {
		return result{}, validationError(invalid("/_links/redirect-url/href", "The URL is not registered."))
	}
	s := &exchangeSession{id: st.ids.uuid(), partner: partner, created: st.now, token: st.ids.token(32)}
	st.sessionByID[s.id] = s
	if partner.name == mx {
		p.connections = append(p.connections,
			connection{token: st.ids.token(32), name: "MX Checking"},
			connection{token: st.ids.token(32), name: "MX Savings"},
		)
	}
	return created(s.path())
}

// inquiry is the result of the comparison of a cardholder's name: it always matches where the session asked for it.
func (p *party) inquiry() string {
	if p.asksName {
		return "full-match"
	}
	return "not-performed"
}

// exchangeSession finds the session of the path.
func (st *state) exchangeSession(req *request) (*exchangeSession, error) {
	return byID(st.sessionByID, req, "Exchange session")
}

func (s *exchangeSession) show(h hal) jsonObject {
	rels := links{"self": h.link(s.path()), "exchange-partner": h.link(s.partner.path())}
	out := jsonObject{"_links": rels, "created": stamp(s.created)}
	switch s.partner.name {
	case mx:
		rels["external-provider-session"] = link{Href: externalPage + s.token, Type: mediaType, ResourceType: "text/html"}
	case plaid:
		out["externalProviderSessionToken"] = "link-sandbox-" + s.token
	case checkout:
		out["externalProviderSessionData"] = jsonObject{
			"id":                     "ps_" + s.token,
			"payment_session_secret": "pss_" + s.token,
			"payment_session_token":  "pst_" + s.token,
		}
	}
	return out
}
