package contract

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const whereRequestBody = "request body"

// CheckRequest checks the parameters and the body of a request, of a client or of a server. It reads the body and
// puts it back; GetBody and ContentLength stay as they are.
//
// Bodies of application/json and application/vnd.dwolla.v1.hal+json are taken for one another, as Dwolla does. The
// Accept and Authorization headers are not checked. Of an uploaded file the presence, media type and size are checked.
//
// The error is an *[UnknownOperationError], [Violations], or the error of reading the body.
func (v *Validator) CheckRequest(req *http.Request) error {
	op, err := v.Operation(req)
	if unknown, ok := errors.AsType[*UnknownOperationError](err); ok {
		return v.unknown(unknown, "request")
	}
	c := &check{operation: op.ID}
	v.checkParameters(c, op, req)
	if err := v.checkRequestBody(c, op, req); err != nil {
		return fmt.Errorf("contract: read the request body: %w", err)
	}
	return v.settle(c)
}

func (v *Validator) checkParameters(c *check, op Operation, req *http.Request) {
	query, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil {
		c.add("query", KeywordSyntax, "is malformed")
	}
	for parameter := range op.parameters {
		where := parameter.In + " " + parameter.Name
		switch parameter.In {
		case openapi3.ParameterInPath:
			v.checkParameter(c, where, parameter, []string{op.PathParams[parameter.Name]})
		case openapi3.ParameterInHeader:
			v.checkParameter(c, where, parameter, req.Header.Values(parameter.Name))
		case openapi3.ParameterInQuery:
			v.checkParameter(c, where, parameter, query[parameter.Name])
			delete(query, parameter.Name)
		}
	}
	if !v.strict {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		c.add("query "+name, KeywordUndeclared, "is not in the contract")
	}
}

// parameters yields the parameters of an operation, its own and those of its path.
func (op Operation) parameters(yield func(*openapi3.Parameter) bool) {
	for _, ref := range slices.Concat(op.Spec.Parameters, op.item.Parameters) {
		if !yield(ref.Value) {
			return
		}
	}
}

func (v *Validator) checkParameter(c *check, where string, parameter *openapi3.Parameter, values []string) {
	if len(values) == 0 {
		if parameter.Required {
			c.add(where, required, "is missing")
		}
		return
	}
	schema := parameter.Schema.Value
	if schema.Type.Is("array") {
		c.value(where, v.schemas[parameter.Schema], array(values, schema.Items.Value))
		return
	}
	if len(values) > 1 {
		c.add(where, KeywordRepeated, "is given more than once")
		return
	}
	c.value(where, v.schemas[parameter.Schema], scalar(values[0], schema))
}

// checkRequestBody returns the error of reading the body; violations go to c.
func (v *Validator) checkRequestBody(c *check, op Operation, req *http.Request) error {
	contentType := req.Header.Get("Content-Type")
	limit := v.limit
	if strings.HasPrefix(mediaType(contentType), "multipart/") {
		limit = maxMultipart
	}
	data, err := readBody(&req.Body, limit)
	if errors.Is(err, errTooLarge) {
		c.add(whereRequestBody, KeywordSize, fmt.Sprintf("is larger than %d bytes", limit))
		return nil
	}
	if err != nil {
		return err
	}
	if op.Spec.RequestBody == nil {
		if v.strict && len(data) > 0 {
			c.add(whereRequestBody, KeywordUndeclared, "is not in the contract")
		}
		return nil
	}
	body := op.Spec.RequestBody.Value
	if len(data) == 0 {
		if body.Required {
			c.add(whereRequestBody, required, "is missing")
		}
		return nil
	}
	v.checkContent(c, whereRequestBody, declared(body.Content, mediaType(contentType)), contentType, data)
	return nil
}

// checkContent checks a body that is present. media is what the contract declares for its media type, or nil.
func (v *Validator) checkContent(c *check, where string, media *openapi3.MediaType, contentType string, data []byte) {
	if media == nil {
		c.add(where, KeywordMediaType, "has a Content-Type that is not in the contract")
		return
	}
	value, err := decode(data, contentType, media)
	if err != nil {
		c.malformed(where, err)
		return
	}
	c.value(where, v.schemas[media.Schema], value)
}
