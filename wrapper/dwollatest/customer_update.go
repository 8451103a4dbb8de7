package dwollatest

import "strings"

// updateCustomerRequest is the body of updateCustomer: a new state, an upgrade or retry, or new data.
type updateCustomerRequest jsonObject

func (r updateCustomerRequest) fieldErrors() []fieldError { return customerErrors(jsonObject(r)) }

func (st *state) updateCustomer(req *request, in updateCustomerRequest) (result, error) {
	k, err := st.customer(req)
	if err != nil {
		return result{}, err
	}
	data := jsonObject(in)
	switch {
	case data.has("status"):
		err = st.moveCustomer(k, data.text("status"))
	case data.has("type"):
		err = st.reverify(k, data)
	default:
		err = st.editCustomer(k, data)
	}
	if err != nil {
		return result{}, err
	}
	return ok(k.show(req.hal))
}

// moveCustomer suspends, deactivates or reactivates. Only Dwolla lifts a suspension; until then the state is fixed.
func (st *state) moveCustomer(k *customer, to string) error {
	switch {
	case k.status == suspended:
		return invalidState("A suspended Customer cannot change its state.")
	case to == suspended || to == deactivated:
		if k.status == deactivated {
			return invalidState("The Customer is deactivated already.")
		}
		k.before, k.status = k.status, to
		st.emit(k.event(to))
	case k.status != deactivated:
		return invalidState("Only a deactivated Customer can be reactivated.")
	default:
		k.status = k.before
		st.emit(k.event("activated"))
	}
	st.customers.changed()
	return nil
}

// reverify upgrades a Customer, or corrects one whose verification can be retried.
func (st *state) reverify(k *customer, data jsonObject) error {
	kind := data.text("type")
	if kind == unverified {
		return st.upgradeReceiver(k)
	}
	correcting := k.status == retry && k.kind == kind
	upgrading := k.status == unverified && k.kind != receiveOnly
	if !correcting && !upgrading {
		return invalidState("The Customer cannot be verified in its current state.")
	}
	found := append(st.duplicates(data, k), st.adult(data)...)
	if correcting {
		found = append(found, k.retryErrors(data)...)
	} else if kind == business && data.text("businessType") != soleProprietorship && !data.has("controller") {
		found = append(found, required("/controller", "Controller"))
	}
	if len(found) > 0 {
		return validationError(found...)
	}
	delete(st.byEmail, strings.ToLower(k.email))
	k.kind, k.retried = kind, correcting
	k.setData(data)
	st.index(k)
	st.verify(k, data)
	return nil
}

// upgradeReceiver lets a receive-only Customer send.
func (st *state) upgradeReceiver(k *customer) error {
	if k.kind != receiveOnly || k.blocked() {
		return invalidState("Only a receive-only Customer can become unverified.")
	}
	k.kind = unverified
	st.customers.changed()
	return nil
}

// retryErrors refuses a retry without all nine digits of the SSN.
func (k *customer) retryErrors(data jsonObject) []fieldError {
	const wanted = "The full nine digits of the SSN are needed for a retry."
	short := func(in jsonObject) bool { return in.has("ssn") && len(onlyDigits(in.text("ssn"))) != 9 }
	switch {
	case k.kind == personal || data.text("businessType") == soleProprietorship:
		if short(data) {
			return []fieldError{invalid("/ssn", wanted)}
		}
	case k.retrySSN && !data.has("controller"):
		return []fieldError{required("/controller", "Controller")}
	case short(data.object("controller")):
		return []fieldError{invalid("/controller/ssn", wanted)}
	}
	return nil
}

// fixedOnceVerified are the members that cannot be changed after the verification.
var fixedOnceVerified = []string{"firstName", "lastName", "businessName"}

// fixedUntilVerified are the members that only verified Customers have.
var fixedUntilVerified = []string{"address1", "address2", "city", "state", "postalCode", "doingBusinessAs", "website"}

// editableFields are the members that only some kinds of Customer can change.
func (k *customer) editableFields() []string {
	if k.kind == personal || k.kind == business {
		return fixedUntilVerified
	}
	return fixedOnceVerified
}

func (st *state) editCustomer(k *customer, data jsonObject) error {
	if !k.editable() {
		return invalidState("Resource cannot be modified.")
	}
	found := st.duplicates(data, k)
	fixed := fixedUntilVerified
	if k.kind == personal || k.kind == business {
		fixed = fixedOnceVerified
	}
	for _, name := range fixed {
		if data.sets(name) {
			found = append(found, fieldError{code: "ReadOnly", message: "The field cannot be changed.", path: "/" + name})
		}
	}
	if len(found) > 0 {
		return validationError(found...)
	}
	delete(st.byEmail, strings.ToLower(k.email))
	k.setData(data)
	st.index(k)
	return nil
}
