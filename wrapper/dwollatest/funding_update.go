package dwollatest

import "net/http"

// updateFundingSourceRequest renames, corrects or removes a funding source.
type updateFundingSourceRequest jsonObject

func (r updateFundingSourceRequest) fieldErrors() []fieldError {
	return jsonObject(r).check("", rule{"routingNumber", routingRule})
}

func (st *state) updateFundingSource(req *request, in updateFundingSourceRequest) (result, error) {
	f, err := st.source(req)
	if err != nil {
		return result{}, err
	}
	if f.removed {
		return result{}, invalidState("A removed funding source cannot be changed.")
	}
	data := jsonObject(in)
	if data.has("removed") {
		err = st.removeByCaller(f)
	} else {
		err = st.changeSource(f, data)
	}
	if err != nil {
		return result{}, err
	}
	return ok(f.show(req.hal))
}

func (st *state) removeByCaller(f *fundingSource) error {
	if f.kind == balance {
		return validationError(notAllowed("/removed", "A balance cannot be removed."))
	}
	st.remove(f)
	return nil
}

// remove takes a funding source out of use. Pending debits continue; pending credits to it are cancelled, and stay in the
// balance of a verified Customer.
func (st *state) remove(f *fundingSource) {
	f.removed = true
	st.emit(f.event("removed"))
	st.cancelCredits(f)
}

func (st *state) changeSource(f *fundingSource, data jsonObject) error {
	numbers := data.has("routingNumber") || data.has("accountNumber") || data.has("bankAccountType")
	switch {
	case f.kind == balance || f.kind == virtual:
		return &apiError{status: http.StatusBadRequest, code: "ValidationError", message: "Only banks and cards can be changed."}
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
		st.renumber(f, data)
	}
	if data.has("cardDetails") {
		f.changeCard(data.object("cardDetails"))
	}
	st.emit(f.event("updated"))
	return nil
}

// renumber corrects the numbers of an unverified bank.
func (st *state) renumber(f *fundingSource, data jsonObject) {
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
	delete(f.party.sourceOf, f.fingerprint)
	f.setNumbers(routing, number)
	f.party.sourceOf[f.fingerprint] = f
}
