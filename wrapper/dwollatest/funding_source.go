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

// restoreWindow is how long an unverified bank is restored under its old id when it is added again.
const restoreWindow = 48 * time.Hour

// A fundingSource is a bank account, a balance, a virtual account number or a card.
type fundingSource struct {
	id          string
	party       *party
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

	holds   cents // the money of a balance, or of a bank according to open banking
	labeled cents // the part of a balance that is labeled
	changed time.Time

	card          jsonObject
	cardFirst     string
	cardLast      string
	exchange      *exchange
	authorization string
	micro         *microDeposits
}

func (f *fundingSource) path() string { return "/funding-sources/" + f.id }

// event is an event of the funding source.
func (f *fundingSource) event(what string) event {
	return f.party.event("funding_source_"+what, f.path(), f.id)
}

// spendable is what a balance can send or label: labeled money is reserved.
func (f *fundingSource) spendable() cents { return f.holds - f.labeled }

// holdsMoney reports whether the server knows what can be spent, as of a balance and a settlement account.
func (f *fundingSource) holdsMoney() bool { return f.kind == balance || f.usage != "" }

func (st *state) credit(f *fundingSource, amount cents) {
	f.holds += amount
	f.changed = st.now
}

// debit takes from a balance; a late return can make it negative.
func (st *state) debit(f *fundingSource, amount cents) {
	before := f.holds
	f.holds -= amount
	f.changed = st.now
	if f.holds < 0 && before >= 0 {
		st.emit(f.event("negative"))
	}
}

// addSource adds a funding source to a party.
func (st *state) addSource(p *party, f *fundingSource) *fundingSource {
	f.id, f.party, f.created, f.changed = st.ids.uuid(), p, st.now, st.now
	p.sources = append(p.sources, f)
	st.sourceByID[f.id] = f
	return f
}

func (st *state) addBalance(p *party) *fundingSource {
	p.balance = st.addSource(p, &fundingSource{kind: balance, status: verified, name: "Balance"})
	return p.balance
}

// addBank enters a bank with invented numbers.
func (st *state) addBank(p *party, name, status string) *fundingSource {
	f := &fundingSource{kind: bank, name: name, status: status, accountType: "checking", channels: []string{"ach"}}
	f.setNumbers(sandboxRouting, st.ids.digits(10))
	return st.attach(p, f)
}

// attach adds a bank and remembers its numbers.
func (st *state) attach(p *party, f *fundingSource) *fundingSource {
	st.addSource(p, f)
	if p.sourceOf == nil {
		p.sourceOf = make(map[string]*fundingSource)
	}
	p.sourceOf[f.fingerprint] = f
	return f
}

// setNumbers sets the numbers of a bank and the fingerprint, which is equal for equal numbers across all parties.
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

func (st *state) listFundingSources(req *request) (result, error) {
	p, err := st.partyOf(req)
	if err != nil {
		return result{}, err
	}
	wanted := req.query.Get("removed")
	found := make([]*fundingSource, 0, len(p.sources))
	for _, f := range p.sources {
		if wanted == "" || f.removed == (wanted == "true") {
			found = append(found, f)
		}
	}
	out := collection(req, "funding-sources", found)
	if p.customer != nil {
		out["_links"].(links)["customer"] = req.hal.link(p.path())
	}
	return ok(out)
}

// source finds the funding source of the path.
func (st *state) source(req *request) (*fundingSource, error) {
	return byID(st.sourceByID, req, "Funding source")
}
