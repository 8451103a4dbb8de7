package dwollatest

import "maps"

// identifyCard makes a card of an exchange with Checkout.com. Only the partner knows its number.
func (st *state) identifyCard(p *party, f *fundingSource, in jsonObject) error {
	x, err := st.usableExchange(p, in.href("exchange"))
	if err != nil {
		return err
	}
	if x.partner.name != checkout {
		return validationError(invalid("/_links/exchange/href", "The exchange is not that of a card."))
	}
	details := in.object("cardDetails")
	f.kind, f.status, f.channels, f.exchange = card, verified, nil, x
	f.fingerprint = fingerprint("card", x.id)
	f.card = jsonObject{
		"brand": "VISA", "lastFour": "1519", "bin": "402476", "expirationMonth": 12, "expirationYear": st.now.Year() + 3,
	}
	f.nameCard(details)
	f.keepCard(details)
	return nil
}

// changeCard changes the cardholder; what is left out stays.
func (f *fundingSource) changeCard(details jsonObject) {
	f.nameCard(details)
	f.keepCard(details)
}

func (f *fundingSource) nameCard(details jsonObject) {
	if details.has("firstName") {
		f.cardFirst = details.text("firstName")
	}
	if details.has("lastName") {
		f.cardLast = details.text("lastName")
	}
	f.card["nameOnCard"] = f.cardFirst + " " + f.cardLast
}

func (f *fundingSource) keepCard(details jsonObject) {
	for _, name := range []string{"dateOfBirth", "countryOfBirth"} {
		if details.has(name) {
			f.card[name] = details[name]
		}
	}
	if !details.has("billingAddress") {
		return
	}
	address := map[string]any{}
	maps.Copy(address, f.card.object("billingAddress"))
	maps.Copy(address, details.object("billingAddress"))
	f.card["billingAddress"] = address
}
