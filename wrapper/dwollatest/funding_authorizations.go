package dwollatest

const authorizations = "on-demand-authorizations"

// createOnDemandAuthorization answers with the texts that a Customer agrees to.
func (st *state) createOnDemandAuthorization(req *request) (result, error) {
	id := st.ids.uuid()
	st.authorizations[id] = nil
	return ok(jsonObject{
		"_links":     links{"self": req.hal.link("/" + authorizations + "/" + id)},
		"bodyText":   "I agree that " + st.account.name + " may debit the chosen bank for amounts that vary.",
		"buttonText": "I agree",
	})
}

// useAuthorization attaches an authorization to a new bank; each serves for one bank.
func (st *state) useAuthorization(f *fundingSource, href string) error {
	if href == "" {
		return nil
	}
	id := st.idIn(href, authorizations)
	if user, known := st.authorizations[id]; !known || user != nil {
		return validationError(invalid("/_links/on-demand-authorization/href", "Authorization not found or used."))
	}
	st.authorizations[id] = f
	f.authorization = "/" + authorizations + "/" + id
	return nil
}
