package dwollatest

// getFundingSourceAchRouting tells the numbers by which outsiders pay into a virtual account.
func (w *world) getFundingSourceAchRouting(c *call) (reply, error) {
	f, err := w.source(c)
	if err != nil {
		return reply{}, err
	}
	if f.kind != virtual {
		return reply{}, notFound("Account number")
	}
	return ok(object{
		"_links":        links{"self": c.hal.link(c.path), "funding-source": c.hal.link(f.path())},
		"accountNumber": f.number,
		"routingNumber": f.routing,
	})
}
