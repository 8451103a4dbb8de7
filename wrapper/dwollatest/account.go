package dwollatest

import "strings"

// An account is the main account, which holds the application.
type account struct {
	party
	name string
}

// openingBalance and openingBank are what a new sandbox account has.
const (
	openingBalance cents = 5_000_00
	openingBank          = "Superhero Savings Bank"
)

func (st *state) openAccount() {
	a := &account{name: st.accountName}
	a.party = party{id: st.ids.uuid()}
	st.account = a
	balance := st.addBalance(&a.party)
	balance.holds = openingBalance
	st.addBank(&a.party, openingBank, verified)
}

// ownAccount finds the account of the path, which must be that of the application.
func (st *state) ownAccount(req *request) (*account, error) {
	if req.id != st.account.id {
		return nil, notFound("Account")
	}
	return st.account, nil
}

// partyOf finds the Customer or the account of the path; a path without an id is about the account.
func (st *state) partyOf(req *request) (*party, error) {
	if strings.HasPrefix(req.path, "/customers/") {
		k, err := st.customer(req)
		if err != nil {
			return nil, err
		}
		return &k.party, nil
	}
	if req.id == "" {
		return &st.account.party, nil
	}
	a, err := st.ownAccount(req)
	if err != nil {
		return nil, err
	}
	return &a.party, nil
}

func (st *state) getRoot(req *request) (result, error) {
	return ok(jsonObject{"_links": links{
		"account":               req.hal.link(st.account.path()),
		"customers":             req.hal.link("/customers"),
		"events":                req.hal.link("/events"),
		"webhook-subscriptions": req.hal.link("/webhook-subscriptions"),
	}})
}

func (a *account) show(h hal) jsonObject {
	path := a.path()
	return jsonObject{
		"_links": links{
			"self":            h.link(path),
			"receive":         h.link("/transfers"),
			"send":            h.link("/transfers"),
			"funding-sources": h.link(path + "/funding-sources"),
			"transfers":       h.link(path + "/transfers"),
			"customers":       h.link("/customers"),
		},
		"id":             a.id,
		"name":           a.name,
		"type":           "Commercial",
		"timezoneOffset": -6.0,
	}
}
