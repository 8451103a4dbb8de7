package dwollatest

import "slices"

// fundingSourceRequest is the body that creates a funding source of the account or of a Customer: by numbers, by a
// token of Plaid, through an exchange, as a virtual account number, or as a card.
type fundingSourceRequest form

func (r fundingSourceRequest) problems() []problem {
	return form(r).check("", rule{"routingNumber", isRouting})
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
