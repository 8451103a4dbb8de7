package dwollatest

import "net/http"

// updateFundingSourceRequest renames, corrects or removes a funding source.
type updateFundingSourceRequest form

func (r updateFundingSourceRequest) problems() []problem {
	return form(r).check("", rule{"routingNumber", isRouting})
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
