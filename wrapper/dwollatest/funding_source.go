package dwollatest

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// The kinds of funding sources.
const (
	bank    = "bank"
	balance = "balance"
	virtual = "virtual"
	card    = "card"
)

const (
	sandboxBank    = "SANDBOX TEST BANK" // the name of every bank in the sandbox
	sandboxRouting = "222222226"
	instantChannel = "real-time-payments"
)

// revival is how long an unverified bank comes back under its old id when it is added again.
const revival = 48 * time.Hour

// fundingSource is a bank account, a balance, a virtual account number or a card.
type fundingSource struct {
	id          string
	owner       *owner
	kind        string
	status      string
	accountType string
	name        string
	created     time.Time
	removed     bool
	channels    []string
	routing     string
	number      string
	fingerprint string
	usage       string // "card-network" for a settlement account

	holds   cents // what a balance holds, or what open banking says about a bank
	labeled cents // the part of a balance that labels keep
	changed time.Time

	card          form
	cardFirst     string
	cardLast      string
	exchange      *exchange
	authorization string
	micro         *microDeposits
}

func (f *fundingSource) path() string { return "/funding-sources/" + f.id }

// about is news of the funding source.
func (f *fundingSource) about(what string) news {
	return f.owner.about("funding_source_"+what, f.path(), f.id)
}

// spendable is what a balance can send or label: labeled money stays where it is.
func (f *fundingSource) spendable() cents { return f.holds - f.labeled }

// holdsMoney reports whether the server knows what can be spent: of a balance, and of a settlement account.
func (f *fundingSource) holdsMoney() bool { return f.kind == balance || f.usage != "" }

func (w *world) credit(f *fundingSource, amount cents) {
	f.holds += amount
	f.changed = w.now
}

// debit takes from a balance; a late return can make it negative.
func (w *world) debit(f *fundingSource, amount cents) {
	before := f.holds
	f.holds -= amount
	f.changed = w.now
	if f.holds < 0 && before >= 0 {
		w.raise(f.about("negative"))
	}
}

// addSource enters a funding source of the owner.
func (w *world) addSource(o *owner, f *fundingSource) *fundingSource {
	f.id, f.owner, f.created, f.changed = w.ids.uuid(), o, w.now, w.now
	o.sources = append(o.sources, f)
	w.sourceByID[f.id] = f
	return f
}

func (w *world) addBalance(o *owner) *fundingSource {
	o.balance = w.addSource(o, &fundingSource{kind: balance, status: verified, name: "Balance"})
	return o.balance
}

// addBank enters a bank with invented numbers.
func (w *world) addBank(o *owner, name, status string) *fundingSource {
	f := &fundingSource{kind: bank, name: name, status: status, accountType: "checking", channels: []string{"ach"}}
	f.setNumbers(sandboxRouting, w.ids.digits(10))
	return w.attach(o, f)
}

// attach enters a bank and remembers its numbers.
func (w *world) attach(o *owner, f *fundingSource) *fundingSource {
	w.addSource(o, f)
	if o.sourceOf == nil {
		o.sourceOf = make(map[string]*fundingSource)
	}
	o.sourceOf[f.fingerprint] = f
	return f
}

// setNumbers sets the numbers of a bank and the fingerprint, which is equal for equal numbers across all owners.
func (f *fundingSource) setNumbers(routing, number string) {
	f.routing, f.number = routing, number
	f.fingerprint = fingerprint(routing, number)
}

func fingerprint(parts ...string) string {
	hash := sha256.New()
	for _, part := range parts {
		_, _ = hash.Write([]byte(part + "|"))
	}
	return hex.EncodeToString(hash.Sum(nil))
}

func (w *world) listAccountFundingSources(c *call) (reply, error) {
	if err := w.ownAccount(c); err != nil {
		return reply{}, err
	}
	return w.listFundingSources(c, &w.account.owner)
}

func (w *world) listCustomerFundingSources(c *call) (reply, error) {
	k, err := w.customer(c)
	if err != nil {
		return reply{}, err
	}
	return w.listFundingSources(c, &k.owner)
}

func (w *world) listFundingSources(c *call, o *owner) (reply, error) {
	wanted := c.query.Get("removed")
	found := make([]*fundingSource, 0, len(o.sources))
	for _, f := range o.sources {
		if wanted == "" || f.removed == (wanted == "true") {
			found = append(found, f)
		}
	}
	out := collection(c, "funding-sources", found, func(f *fundingSource) object { return w.showFundingSource(c.hal, f) })
	if o.customer != nil {
		out["_links"].(links)["customer"] = c.hal.link(o.path())
	}
	return ok(out)
}

func (w *world) getFundingSource(c *call) (reply, error) {
	f, err := w.source(c)
	if err != nil {
		return reply{}, err
	}
	return ok(w.showFundingSource(c.hal, f))
}

// source finds the funding source of the path.
func (w *world) source(c *call) (*fundingSource, error) {
	if f := w.sourceByID[c.id]; f != nil {
		return f, nil
	}
	return nil, notFound("Funding source")
}
