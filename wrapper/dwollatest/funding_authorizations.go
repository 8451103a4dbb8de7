package dwollatest

const authorizations = "on-demand-authorizations"

// createOnDemandAuthorization answers with the texts that a Customer agrees to.
func (w *world) createOnDemandAuthorization(c *call) (reply, error) {
	id := w.ids.uuid()
	w.authorizations[id] = nil
	return ok(object{
		"_links":     links{"self": c.hal.link("/" + authorizations + "/" + id)},
		"bodyText":   "I agree that " + w.account.name + " may debit the chosen bank for amounts that vary.",
		"buttonText": "I agree",
	})
}

// consent attaches an authorization to a bank that is added; each one serves for one bank.
func (w *world) consent(f *fundingSource, href string) error {
	if href == "" {
		return nil
	}
	id := idIn(href, authorizations)
	if user, known := w.authorizations[id]; !known || user != nil {
		return validationError(invalid("/_links/on-demand-authorization/href", "Authorization not found or used."))
	}
	w.authorizations[id] = f
	f.authorization = "/" + authorizations + "/" + id
	return nil
}
