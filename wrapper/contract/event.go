package contract

// CheckEvent checks the body of a webhook, an event, against the webhooks section of the contract. The signature
// is not its business. The error is [Violations]; an unknown topic is none, see [WithReport].
func (v *Validator) CheckEvent(body []byte) error {
	const where = "event"
	c := &check{operation: v.event.operation, open: true}
	value, err := decodeJSON(body)
	if err != nil {
		c.add(where, err.Error())
		return v.settle(c)
	}
	c.value(where, v.event.schema, value)
	return v.settle(c)
}
