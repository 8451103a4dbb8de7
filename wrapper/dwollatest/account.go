package dwollatest

// account is the main account, which holds the application.
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

func (st *state) getRoot(req *request) (result, error) {
	return ok(jsonObject{"_links": links{
		"account":               req.hal.link(st.account.path()),
		"customers":             req.hal.link("/customers"),
		"events":                req.hal.link("/events"),
		"webhook-subscriptions": req.hal.link("/webhook-subscriptions"),
	}})
}

func (st *state) getAccount(req *request) (result, error) {
	if err := st.ownAccount(req); err != nil {
		return result{}, err
	}
	path := st.account.path()
	return ok(jsonObject{
		"_links": links{
			"self":            req.hal.link(path),
			"receive":         req.hal.link("/transfers"),
			"send":            req.hal.link("/transfers"),
			"funding-sources": req.hal.link(path + "/funding-sources"),
			"transfers":       req.hal.link(path + "/transfers"),
			"customers":       req.hal.link("/customers"),
		},
		"id":             st.account.id,
		"name":           st.account.name,
		"type":           "Commercial",
		"timezoneOffset": -6.0,
	})
}

// ownAccount refuses every account but that of the application: there is no other to be seen.
func (st *state) ownAccount(req *request) error {
	if req.id != st.account.id {
		return notFound("Account")
	}
	return nil
}
