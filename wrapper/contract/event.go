package contract

import (
	"errors"
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// CheckEvent checks the body of a webhook, an event, against the webhooks section of the contract. It does not
// check the signature. The error is [Violations]; an unknown topic is none, see [WithReport].
func (v *Validator) CheckEvent(body []byte) error {
	const where = "event"
	c := &check{operation: v.event.operation, open: true}
	value, err := decodeJSON(body)
	if err != nil {
		c.malformed(where, err)
		return v.settle(c)
	}
	c.value(where, v.event.schema, value)
	return v.settle(c)
}

// event is the one entry of the contract's webhooks.
type event struct {
	operation string
	schema    *jsonschema.Schema
}

func findEvent(doc *openapi3.T, compiled schemas) (event, error) {
	for _, name := range slices.Sorted(maps.Keys(doc.Webhooks)) {
		operation := doc.Webhooks[name].Post
		if operation == nil || operation.RequestBody == nil {
			continue
		}
		if body := operation.RequestBody.Value.Content[mediaJSON]; body != nil {
			return event{operation: operation.OperationID, schema: compiled[body.Schema]}, nil
		}
	}
	return event{}, errors.New("contract: there is no webhook with a JSON body")
}
