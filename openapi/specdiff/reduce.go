package main

import (
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// An api is a document reduced to what is sent over the wire, by path and method.
type api map[endpoint]*operation

// An endpoint identifies an operation as the server does: without names of path parameters and without fragments.
type endpoint struct{ path, method string }

func (e endpoint) String() string { return e.method + " " + e.path }

type operation struct {
	deprecated bool
	params     map[string]*member // by location and name: "query limit"
	bodies     map[string]*shape  // of the request, by kind: json, form, multipart
	answers    map[string]*answer // by status
}

type member struct {
	shape    *shape
	required bool
}

type answer struct {
	headers map[string]bool
	body    *shape // nil for error statuses, since all errors have one shape
}

var pathParam = regexp.MustCompile(`\{[^}]*\}`)

// reduce merges operations whose paths differ only in the fragment, since they are one operation on the wire.
func reduce(doc *openapi3.T) api {
	out := api{}
	for path, item := range doc.Paths.Map() {
		path, _, _ = strings.Cut(pathParam.ReplaceAllString(path, "{}"), "#")
		for method, op := range item.Operations() {
			at := endpoint{path, method}
			if out[at] == nil {
				out[at] = &operation{
					deprecated: true, // until an operation that is not is added
					params:     map[string]*member{}, bodies: map[string]*shape{}, answers: map[string]*answer{},
				}
			}
			out[at].add(item.Parameters, op)
		}
	}
	return out
}

func (o *operation) add(shared openapi3.Parameters, op *openapi3.Operation) {
	o.deprecated = o.deprecated && op.Deprecated
	for _, params := range []openapi3.Parameters{shared, op.Parameters} {
		for _, p := range params {
			if p.Value != nil && isCompared(p.Value) {
				o.params[p.Value.In+" "+p.Value.Name] = &member{shape: paramShape(p.Value), required: p.Value.Required}
			}
		}
	}
	if op.RequestBody != nil && op.RequestBody.Value != nil {
		for media, content := range op.RequestBody.Value.Content {
			kind := mediaKind(media)
			o.bodies[kind] = either(o.bodies[kind], shapeOf(content.Schema))
		}
	}
	for status, response := range op.Responses.Map() {
		if o.answers[status] == nil {
			o.answers[status] = &answer{headers: map[string]bool{}}
		}
		o.answers[status].add(status, response.Value)
	}
}

func (a *answer) add(status string, response *openapi3.Response) {
	if response == nil || !isSuccess(status) {
		return
	}
	for name := range response.Headers {
		a.headers[strings.ToLower(name)] = true
	}
	for _, content := range response.Content {
		a.body = either(a.body, shapeOf(content.Schema))
	}
}

func isSuccess(status string) bool { return strings.HasPrefix(status, "2") }

// isCompared reports whether a parameter is compared: not path parameters, which are part of the path, nor headers that
// the client sets by itself.
func isCompared(p *openapi3.Parameter) bool {
	switch p.In {
	case openapi3.ParameterInPath:
		return false
	case openapi3.ParameterInHeader:
		name := strings.ToLower(p.Name)
		return name != "accept" && name != "authorization" && name != "content-type" && name != "idempotency-key"
	default:
		return true
	}
}

// paramShape returns the shape of one value, since the documents differ in how they say that it can be repeated.
func paramShape(p *openapi3.Parameter) *shape {
	s := shapeOf(p.Schema)
	if s.items != nil {
		return s.items
	}
	return s
}

func mediaKind(media string) string {
	switch {
	case strings.HasPrefix(media, "multipart/"):
		return "multipart"
	case strings.HasSuffix(media, "form-urlencoded"):
		return "form"
	default:
		return "json"
	}
}
