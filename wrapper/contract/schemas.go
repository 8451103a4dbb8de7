package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// documentURL names the compiled document; nothing is ever fetched from it.
const documentURL = "contract:///document.json"

// schemas are the compiled schemas of parameters, headers and bodies, by their place in the document.
//
// kin-openapi hands schemas of OpenAPI 3.1 to the same engine, but compiles them anew for every value, which
// takes a millisecond or more. Here every schema is compiled once.
type schemas map[*openapi3.SchemaRef]*jsonschema.Schema

// compile compiles the schemas of refs, which are places in doc.
func compile(doc *openapi3.T, refs []*openapi3.SchemaRef) (schemas, error) {
	document, err := generic(map[string]any{
		// References in the schemas look like #/components/schemas/Name, so the components keep their place.
		"components": map[string]any{"schemas": doc.Components.Schemas},
		"roots":      refs,
	})
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource(documentURL, document); err != nil {
		return nil, fmt.Errorf("contract: schemas: %w", err)
	}
	compiled := make(schemas, len(refs))
	for i, ref := range refs {
		if compiled[ref], err = compiler.Compile(documentURL + "#/roots/" + strconv.Itoa(i)); err != nil {
			return nil, fmt.Errorf("contract: schema: %w", err)
		}
	}
	return compiled, nil
}

// generic turns v into the maps and slices that the engine wants, numbers kept exact.
func generic(v any) (any, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("contract: encode: %w", err)
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(data))
}

// places lists every schema that values are checked against: of parameters, headers and bodies. It refuses
// parameters in a form that this package does not decode.
func places(doc *openapi3.T) ([]*openapi3.SchemaRef, error) {
	c := collector{seen: map[*openapi3.SchemaRef]bool{}}
	for _, item := range doc.Paths.Map() {
		c.item(item)
	}
	for _, item := range doc.Webhooks {
		c.item(item)
	}
	c.schema(doc.Components.Schemas[errorSchema])
	return c.refs, c.err
}

// collector gathers schemas, each once: operations share components.
type collector struct {
	refs []*openapi3.SchemaRef
	seen map[*openapi3.SchemaRef]bool
	err  error
}

func (c *collector) item(item *openapi3.PathItem) {
	c.parameters(item.Parameters)
	for _, operation := range item.Operations() {
		c.parameters(operation.Parameters)
		if operation.RequestBody != nil {
			c.content(operation.RequestBody.Value.Content)
		}
		for _, response := range operation.Responses.Map() {
			c.content(response.Value.Content)
			for name, header := range response.Value.Headers {
				c.parameter(name, openapi3.ParameterInHeader, &header.Value.Parameter)
			}
		}
	}
}

func (c *collector) parameters(parameters openapi3.Parameters) {
	for _, parameter := range parameters {
		c.parameter(parameter.Value.Name, parameter.Value.In, parameter.Value)
	}
}

func (c *collector) parameter(name, in string, parameter *openapi3.Parameter) {
	if !decodable(in, parameter) {
		c.err = fmt.Errorf("contract: the %s parameter %s is not of a kind that can be checked", in, name)
		return
	}
	c.schema(parameter.Schema)
}

// decodable reports whether the package decodes such parameters: single values, and arrays in the query that repeat
// their name.
func decodable(in string, parameter *openapi3.Parameter) bool {
	plain := []string{"", openapi3.SerializationForm, openapi3.SerializationSimple}
	if parameter.Schema == nil || !slices.Contains(plain, parameter.Style) {
		return false
	}
	kind := parameter.Schema.Value.Type
	exploded := parameter.Explode == nil || *parameter.Explode
	return !kind.Is("object") && (!kind.Is("array") || in == openapi3.ParameterInQuery && exploded)
}

func (c *collector) content(content openapi3.Content) {
	for _, mediaType := range content {
		c.schema(mediaType.Schema)
	}
}

func (c *collector) schema(ref *openapi3.SchemaRef) {
	if ref == nil || c.seen[ref] {
		return
	}
	c.seen[ref] = true
	c.refs = append(c.refs, ref)
}
