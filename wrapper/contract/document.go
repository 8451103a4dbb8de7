package contract

import (
	"encoding/json"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/dwolla-go/dwolla-go/openapi"
)

// Load parses the embedded contract. Each call returns a copy of its own, which the caller may change.
func Load() (*openapi3.T, error) {
	return parse(openapi.Contract())
}

// Strict is [Load] with every object closed: wherever a value of an object schema is used, members that the
// schema does not declare are refused, unless the schema has additionalProperties. The branches of a composition
// (oneOf, anyOf, allOf) stay open, the composition around them is closed.
//
// The document says so with unevaluatedProperties, which kin-openapi enforces in documents of OpenAPI 3.1: in
// openapi3filter always, in [openapi3.Schema.VisitJSON] with [openapi3.EnableJSONSchema2020].
func Strict() (*openapi3.T, error) {
	open, err := Load()
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(open)
	if err != nil {
		return nil, fmt.Errorf("contract: encode: %w", err)
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, fmt.Errorf("contract: decode: %w", err)
	}
	closeObjects(tree)
	if data, err = json.Marshal(tree); err != nil {
		return nil, fmt.Errorf("contract: encode: %w", err)
	}
	return parse(data)
}

func parse(data []byte) (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("contract: parse: %w", err)
	}
	return doc, nil
}
