package dwollatest

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
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

// fundingSourceRequest is the body that creates a funding source of the account or of a Customer: by numbers, by a
// token of Plaid, through an exchange, as a virtual account number, or as a card.
type fundingSourceRequest form

func (r fundingSourceRequest) problems() []problem {
	in := form(r)
	numbers := in.has("routingNumber") || in.has("accountNumber") || in.byNumbers()
	out := in.check("",
		field{name: "routingNumber", label: "RoutingNumber", needed: numbers, valid: isRouting},
		field{name: "accountNumber", label: "AccountNumber", needed: numbers, pattern: digitsShape},
		field{name: "bankAccountType", label: "BankAccountType", needed: !in.has("cardDetails")},
		field{name: "name", label: "Name", needed: true, max: 50},
	)
	return out
}

// byNumbers reports whether nothing else than numbers can identify the bank.
func (f form) byNumbers() bool {
	return !f.has("plaidToken") && !f.has("type") && !f.has("cardDetails") && f.href("exchange") == ""
}

func (w *world) createAccountFundingSource(_ *call, in fundingSourceRequest) (reply, error) {
	return w.createFundingSource(&w.account.owner, form(in))
}

func (w *world) createCustomerFundingSource(c *call, in fundingSourceRequest) (reply, error) {
	k, err := w.customer(c)
	if err != nil {
		return reply{}, err
	}
	if k.blocked() {
		return reply{}, forbidden("The Customer can have no new funding source in its current state.")
	}
	return w.createFundingSource(&k.owner, form(in))
}

func (w *world) createFundingSource(o *owner, in form) (reply, error) {
	f := &fundingSource{kind: bank, status: unverified, name: in.text("name"), accountType: in.text("bankAccountType")}
	f.channels = []string{"ach"}
	if in.has("channels") {
		f.channels = append(f.channels, "wire")
	}
	if err := w.identify(o, f, in); err != nil {
		return reply{}, err
	}
	if err := w.consent(f, in.href("on-demand-authorization")); err != nil {
		return reply{}, err
	}
	if old := o.sourceOf[f.fingerprint]; old != nil && f.fingerprint != "" {
		if !old.removed {
			return reply{}, duplicateResource("Bank", old.id, old.path())
		}
		if old.status == unverified && w.now.Sub(old.created) <= revival {
			old.removed, old.name = false, f.name
			w.raise(old.about("added"))
			return created(old.path())
		}
	}
	w.attach(o, f)
	w.raise(f.about("added"))
	if f.status == verified {
		w.raise(f.about("verified"))
	}
	if f.owner.customer != nil && slices.Contains(f.channels, instantChannel) {
		w.raise(f.about("rtp_enabled"))
	}
	return created(f.path())
}

// identify sets what tells the funding source from others, depending on how it is added.
func (w *world) identify(o *owner, f *fundingSource, in form) error {
	switch {
	case in.text("type") == virtual:
		if o.balance == nil {
			return forbidden("Only the account and verified Customers can have virtual account numbers.")
		}
		f.kind, f.status, f.channels = virtual, verified, []string{"external"}
		f.setNumbers(sandboxRouting, "9"+w.ids.digits(15))
	case in.has("cardDetails"):
		return w.identifyCard(o, f, in)
	case in.href("exchange") != "":
		return w.identifyByExchange(o, f, in.href("exchange"))
	case in.has("plaidToken"):
		f.status = verified
		f.fingerprint = fingerprint("plaid", in.text("plaidToken"))
	default:
		f.setNumbers(in.text("routingNumber"), in.text("accountNumber"))
		if f.routing != sandboxRouting {
			// Which banks the network reaches is a list of The Clearing House; here it is all but that of the sandbox.
			f.channels = append(f.channels, instantChannel)
		}
	}
	return nil
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

// updateFundingSourceRequest renames, corrects or removes a funding source.
type updateFundingSourceRequest form

func (r updateFundingSourceRequest) problems() []problem {
	return form(r).check("",
		field{name: "name", label: "Name", max: 50},
		field{name: "routingNumber", label: "RoutingNumber", valid: isRouting},
		field{name: "accountNumber", label: "AccountNumber", pattern: digitsShape},
	)
}

func (w *world) updateFundingSource(c *call, in updateFundingSourceRequest) (reply, error) {
	f, err := w.source(c)
	if err != nil {
		return reply{}, err
	}
	if f.removed {
		return reply{}, invalidState("A removed funding source cannot be changed.")
	}
	data := form(in)
	if data.has("removed") {
		err = w.removeByCaller(f)
	} else {
		err = w.changeSource(f, data)
	}
	if err != nil {
		return reply{}, err
	}
	return ok(w.showFundingSource(c.hal, f))
}

func (w *world) removeByCaller(f *fundingSource) error {
	if f.kind == balance {
		return validationError(notAllowed("/removed", "A balance cannot be removed."))
	}
	w.remove(f)
	return nil
}

// remove takes a funding source out of use. Debits under way go on; credits to it are cancelled, and stay in the
// balance of a verified Customer.
func (w *world) remove(f *fundingSource) {
	f.removed = true
	w.raise(f.about("removed"))
	w.cancelCredits(f)
}

func (w *world) changeSource(f *fundingSource, data form) error {
	numbers := data.has("routingNumber") || data.has("accountNumber") || data.has("bankAccountType")
	switch {
	case f.kind == balance || f.kind == virtual:
		return &failure{status: http.StatusBadRequest, code: "ValidationError", message: "Only banks and cards can be changed."}
	case data.has("cardDetails") && f.kind != card:
		return validationError(notAllowed("/cardDetails", "A bank has no card details."))
	case numbers && f.kind == card:
		return validationError(notAllowed("/accountNumber", "A card has no bank numbers."))
	case numbers && f.status == verified:
		return validationError(notAllowed("/accountNumber", "The numbers of a verified bank cannot be changed."))
	}
	if name := data.text("name"); name != "" {
		f.name = name
	}
	if numbers {
		w.renumber(f, data)
	}
	if data.has("cardDetails") {
		f.changeCard(data.object("cardDetails"))
	}
	w.raise(f.about("updated"))
	return nil
}

// renumber corrects the numbers of an unverified bank.
func (w *world) renumber(f *fundingSource, data form) {
	routing, number := f.routing, f.number
	if data.has("routingNumber") {
		routing = data.text("routingNumber")
	}
	if data.has("accountNumber") {
		number = data.text("accountNumber")
	}
	if data.has("bankAccountType") {
		f.accountType = data.text("bankAccountType")
	}
	delete(f.owner.sourceOf, f.fingerprint)
	f.setNumbers(routing, number)
	f.owner.sourceOf[f.fingerprint] = f
}

func (w *world) showFundingSource(h hal, f *fundingSource) object {
	out := object{
		"_links":   f.links(h),
		"id":       f.id,
		"status":   f.status,
		"type":     f.kind,
		"name":     f.name,
		"created":  stamp(f.created),
		"removed":  f.removed,
		"channels": append([]string{}, f.channels...),
	}
	if f.accountType != "" {
		out["bankAccountType"] = f.accountType
	}
	if f.kind == bank || f.kind == virtual {
		out["bankName"] = sandboxBank
	}
	if f.fingerprint != "" {
		out["fingerprint"] = f.fingerprint
	}
	if f.usage != "" {
		out["bankUsageType"] = f.usage
	}
	if f.card != nil {
		out["cardDetails"] = f.card
	}
	return out
}

// links are the relations of the funding source; actions are there only while they are allowed.
func (f *fundingSource) links(h hal) links {
	path := f.path()
	out := links{"self": h.link(path), f.owner.rel(): h.link(f.owner.path())}
	if f.authorization != "" {
		out["on-demand-authorization"] = h.link(f.authorization)
	}
	if f.removed {
		return out
	}
	if own := f.owner.balance; own != nil {
		out["with-available-balance"] = h.link(own.path())
	}
	switch f.kind {
	case balance:
		out["balance"] = h.link(path + "/balance")
		out["transfer-send"] = h.link("/transfers")
		out["transfer-receive"] = h.link("/transfers")
		return out
	case virtual:
		delete(out, "with-available-balance")
		out["ach-routing"] = h.link(path + "/ach-routing")
	case bank:
		f.bankLinks(h, out)
	case card:
		out["transfer-receive"] = h.link("/transfers")
	}
	out["remove"] = h.link(path)
	return out
}

func (f *fundingSource) bankLinks(h hal, out links) {
	out["transfer-receive"] = h.link("/transfers")
	if f.exchange != nil || f.usage != "" {
		out["balance"] = h.link(f.path() + "/balance")
	}
	if f.owner.balance != nil {
		out["transfer-from-balance"] = h.link("/transfers")
	}
	if f.status == verified {
		out["transfer-send"] = h.link("/transfers")
		if f.owner.balance != nil {
			out["transfer-to-balance"] = h.link("/transfers")
		}
		return
	}
	f.micro.link(f, h, out)
}

func (w *world) getFundingSourceBalance(c *call) (reply, error) {
	f, err := w.source(c)
	if err != nil {
		return reply{}, err
	}
	out := object{
		"_links": links{
			"self":           c.hal.link(f.path() + "/balance"),
			"funding-source": c.hal.link(f.path()),
		},
		"lastUpdated": stamp(f.changed),
	}
	switch {
	case f.removed:
		return reply{}, invalidState("The funding source is removed.")
	case f.kind == balance:
		out["balance"], out["total"] = usd(f.spendable()), usd(f.holds)
	case f.usage != "":
		out["available"] = usd(f.holds)
	case f.exchange != nil:
		if err := f.exchange.readable(); err != nil {
			return reply{}, err
		}
		out["available"], out["closing"] = usd(f.holds), usd(f.holds)
	default:
		return reply{}, &failure{
			status:  http.StatusBadRequest,
			code:    "UnsupportedOperation",
			message: "The balance of this funding source cannot be read.",
		}
	}
	return ok(out)
}
