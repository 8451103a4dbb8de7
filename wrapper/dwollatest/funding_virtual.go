package dwollatest

// getFundingSourceAchRouting tells the numbers by which outsiders pay into a virtual account.
func (st *state) getFundingSourceAchRouting(req *request) (result, error) {
	f, err := st.source(req)
	if err != nil {
		return result{}, err
	}
	if f.kind != virtual {
		return result{}, notFound("Account number")
	}
	return ok(jsonObject{
		"_links":        links{"self": req.hal.link(req.path), "funding-source": req.hal.link(f.path())},
		"accountNumber": f.number,
		"routingNumber": f.routing,
	})
}
