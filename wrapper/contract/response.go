package contract

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// CheckResponse checks an answer to req: its status, headers and body. A status above 399 need not be one that
// the contract lists for the operation, and its body is checked only if it is JSON, since gateways answer in HTML.
//
// The error is an *[UnknownOperationError] or [Violations]. A value that is none of its enumeration is no error;
// see [WithReport].
func (v *Validator) CheckResponse(req *http.Request, status int, header http.Header, body []byte) error {
	op, err := v.Operation(req)
	if unknown, ok := errors.AsType[*UnknownOperationError](err); ok {
		return v.unknown(unknown, fmt.Sprintf("response %d", status))
	}
	c := &check{operation: op.ID, open: true}
	where := fmt.Sprintf("response %d", status)
	spec := response(op.Spec.Responses, status)
	switch {
	case spec != nil:
		v.checkHeaders(c, where, spec, header)
		v.checkResponseBody(c, where+" body", spec, status, header, body)
	case status >= http.StatusBadRequest:
		v.checkFailure(c, where+" body", nil, header, body)
	default:
		c.add(where, KeywordStatus, "is a status that is not in the contract")
	}
	return v.settle(c)
}

func response(responses *openapi3.Responses, status int) *openapi3.Response {
	if found := responses.Status(status); found != nil {
		return found.Value
	}
	if found := responses.Default(); found != nil {
		return found.Value
	}
	return nil
}

func (v *Validator) checkHeaders(c *check, where string, spec *openapi3.Response, header http.Header) {
	for _, name := range slices.Sorted(maps.Keys(spec.Headers)) {
		v.checkParameter(c, where+" header "+name, &spec.Headers[name].Value.Parameter, header.Values(name))
	}
}

func (v *Validator) checkResponseBody(c *check, where string, spec *openapi3.Response, status int, header http.Header, body []byte) {
	switch {
	case status >= http.StatusBadRequest:
		v.checkFailure(c, where, spec.Content, header, body)
	case len(spec.Content) == 0:
		if v.strict && len(body) > 0 {
			c.add(where, KeywordUndeclared, "is not in the contract")
		}
	case len(body) == 0:
		c.add(where, required, "is missing")
	default:
		contentType := header.Get("Content-Type")
		v.checkContent(c, where, spec.Content[mediaType(contentType)], contentType, body)
	}
}

// checkFailure checks the body of an answer above 399, by the schema of its status or by that of all errors. What
// is not JSON passes, unless it claims to be. The media type does not matter: Dwolla uses several for errors.
func (v *Validator) checkFailure(c *check, where string, content openapi3.Content, header http.Header, body []byte) {
	if len(body) == 0 {
		return
	}
	value, err := decodeJSON(body)
	if err != nil {
		if name := mediaType(header.Get("Content-Type")); name == mediaJSON || name == mediaHAL {
			c.malformed(where, err)
		}
		return
	}
	schema := v.failure
	if media := declared(content, mediaHAL); media != nil {
		schema = v.schemas[media.Schema]
	}
	c.value(where, schema, value)
}
