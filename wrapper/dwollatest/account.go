package dwollatest

// account is the main account, which holds the application.
type account struct {
	owner
	name string
}

// openingBalance and openingBank are what a new sandbox account has.
const (
	openingBalance cents = 5_000_00
	openingBank          = "Superhero Savings Bank"
)

func (w *world) openAccount() {
	a := &account{name: w.accountName}
	a.owner = owner{id: w.ids.uuid()}
	w.account = a
	balance := w.addBalance(&a.owner)
	balance.holds = openingBalance
	w.addBank(&a.owner, openingBank, verified)
}

func (w *world) getRoot(c *call) (reply, error) {
	return ok(object{"_links": links{
		"account":               c.hal.link(w.account.path()),
		"customers":             c.hal.link("/customers"),
		"events":                c.hal.link("/events"),
		"webhook-subscriptions": c.hal.link("/webhook-subscriptions"),
	}})
}

func (w *world) getAccount(c *call) (reply, error) {
	if err := w.ownAccount(c); err != nil {
		return reply{}, err
	}
	path := w.account.path()
	return ok(object{
		"_links": links{
			"self":            c.hal.link(path),
			"receive":         c.hal.link("/transfers"),
			"send":            c.hal.link("/transfers"),
			"funding-sources": c.hal.link(path + "/funding-sources"),
			"transfers":       c.hal.link(path + "/transfers"),
			"customers":       c.hal.link("/customers"),
		},
		"id":             w.account.id,
		"name":           w.account.name,
		"type":           "Commercial",
		"timezoneOffset": -6.0,
	})
}

// ownAccount refuses every account but that of the application: there is no other to be seen.
func (w *world) ownAccount(c *call) error {
	if c.id != w.account.id {
		return notFound("Account")
	}
	return nil
}
