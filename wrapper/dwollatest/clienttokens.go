package dwollatest

// clientTokenRequest is the body of createClientToken.
type clientTokenRequest jsonObject

// createClientToken makes a token for a web page. The components that use it are no part of the API.
func (st *state) createClientToken(_ *request, in clientTokenRequest) (result, error) {
	if st.customerByID[idIn(jsonObject(in).href("customer"), "customers")] == nil {
		return result{}, validationError(invalid("/_links/customer/href", "Customer not found."))
	}
	return ok(jsonObject{"token": st.ids.token(64)})
}
