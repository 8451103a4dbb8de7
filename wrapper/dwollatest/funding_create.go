package dwollatest

import (
	"cmp"
	"net/http"
	"slices"
)

// maxBanks is the most that Dwolla lets a Customer have of banks and cards together. The default of an application is less.
const maxBanks = 6

// fundingSourceRequest is the body that creates a funding source of the account or of a Customer: by numbers, by a
// token of Plaid, through an exchange, as a virtual account number, or as a card.
type fundingSourceRequest jsonObject

func (r fundingSourceRequest) fieldErrors() []fieldError {
	return jsonObject(r).check("", rule{"routingNumber", routingRule})
}

func (st *state) createFundingSource(req *request, body fundingSourceRequest) (result, error) {
	p, err := st.partyOf(req)
	if err != nil {
		return result{}, err
	}
	if p.blocked() {
		return result{}, forbidden("The Customer can have no new funding source in its current state.")
	}
	in := jsonObject(body)
	f := &fundingSource{kind: bank, status: unverified, name: in.text("name"), accountType: in.text("bankAccountType")}
	f.channels = []string{"ach"}
	if in.has("channels") {
		f.channels = append(f.channels, "wire")
	}
	if err := st.identify(p, f, in); err != nil {
		return result{}, err
	}
	if old := p.sourceOf[f.fingerprint]; old != nil && f.fingerprint != "" {
		if !old.removed {
			return result{}, duplicateResource("Bank", old.id, old.path())
		}
		if old.status == unverified && st.now.Sub(old.created) <= restoreWindow {
			old.removed, old.name = false, f.name
			st.emit(old.event("added"))
			return created(old.path())
		}
	}
	if p.full(f) {
		return result{}, &apiError{
			status: http.StatusBadRequest, code: "MaxNumberOfResources", message: "The maximum number of banks have been added.",
		}
	}
	if err := st.useAuthorization(f, in.href("on-demand-authorization")); err != nil {
		return result{}, err
	}
	st.attach(p, f)
	if f.exchange != nil && f.exchange.source == nil {
		f.exchange.source = f
	}
	st.emit(f.event("added"))
	if f.status == verified {
		st.emit(f.event("verified"))
	}
	if f.party.customer != nil && slices.Contains(f.channels, instantChannel) {
		st.emit(f.event("rtp_enabled"))
	}
	return created(f.path())
}

// full reports whether the party is a Customer with as many banks and cards as it can have.
func (p *party) full(f *fundingSource) bool {
	count := 0
	for _, other := range p.sources {
		if !other.removed && (other.kind == bank || other.kind == card) {
			count++
		}
	}
	return p.customer != nil && (f.kind == bank || f.kind == card) && count >= maxBanks
}

// identify sets the type and the numbers of a funding source, depending on how it is added.
func (st *state) identify(p *party, f *fundingSource, in jsonObject) error {
	switch {
	case in.text("type") == virtual:
		if p.balance == nil {
			return forbidden("Only the account and verified Customers can have virtual account numbers.")
		}
		f.kind, f.status, f.channels = virtual, verified, []string{"external"}
		f.setNumbers(sandboxRouting, "9"+st.ids.digits(15))
	case in.has("cardDetails"):
		return st.identifyCard(p, f, in)
	case in.href("exchange") != "":
		return st.identifyByExchange(p, f, in.href("exchange"))
	case in.has("plaidToken"):
		f.status, f.accountType = verified, cmp.Or(f.accountType, "checking")
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
