package dwollatest

// clientTokenRequest is the body of createClientToken.
type clientTokenRequest form

// createClientToken makes a token for a web page. The components that use it are no part of the API.
func (w *world) createClientToken(_ *call, in clientTokenRequest) (reply, error) {
	if w.customerByID[idIn(form(in).href("customer"), "customers")] == nil {
		return reply{}, validationError(invalid("/_links/customer/href", "Customer not found."))
	}
	return ok(object{"token": w.ids.token(64)})
}
