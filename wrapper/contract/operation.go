package contract

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Operation is the operation of the contract that a request calls.
type Operation struct {
	// ID is the operationId, such as createMassPayment.
	ID string
	// Method is the HTTP method, in upper case.
	Method string
	// Path is the template, such as /customers/{id}.
	Path string
	// PathParams are the values of the template's parameters, unescaped, by name.
	PathParams map[string]string
	// Spec is the operation's part of the contract. It is shared: read it, do not change it.
	Spec *openapi3.Operation

	item *openapi3.PathItem
}

// UnknownOperationError says that the contract has no operation for the path and method of a request.
type UnknownOperationError struct {
	// Method and Path are those of the request; the query is left out.
	Method, Path string
	// Allowed are the methods that the contract has for this path, sorted. It is empty when the path is unknown.
	Allowed []string
}

// Error says which path or method is unknown.
func (e *UnknownOperationError) Error() string {
	if e == nil {
		return "contract: a nil *UnknownOperationError"
	}
	return "contract: " + e.reason()
}

func (e *UnknownOperationError) reason() string {
	if len(e.Allowed) == 0 {
		return fmt.Sprintf("no operation has the path of %s %s", e.Method, e.Path)
	}
	return fmt.Sprintf("%s is not a method of %s, which has %s", e.Method, e.Path, strings.Join(e.Allowed, ", "))
}

// router finds path templates segment by segment; a literal segment wins over a parameter.
type router struct {
	literals map[string]*router
	param    *router
	template string
	item     *openapi3.PathItem
}

func newRouter(paths *openapi3.Paths) *router {
	root := &router{}
	for template, item := range paths.Map() {
		root.add(template, item)
	}
	return root
}

func (r *router) add(template string, item *openapi3.PathItem) {
	for _, segment := range segments(template) {
		r = r.child(segment)
	}
	r.template, r.item = template, item
}

func (r *router) child(segment string) *router {
	if isParam(segment) {
		if r.param == nil {
			r.param = &router{}
		}
		return r.param
	}
	if r.literals == nil {
		r.literals = map[string]*router{}
	}
	if r.literals[segment] == nil {
		r.literals[segment] = &router{}
	}
	return r.literals[segment]
}

// find returns the node of the path, or nil. A parameter takes any segment but an empty one.
func (r *router) find(path []string) *router {
	if len(path) == 0 {
		if r.item == nil {
			return nil
		}
		return r
	}
	if next := r.literals[path[0]]; next != nil {
		if found := next.find(path[1:]); found != nil {
			return found
		}
	}
	if r.param == nil || path[0] == "" {
		return nil
	}
	return r.param.find(path[1:])
}

// match finds the operation of a request by its path and method; the host does not matter.
func (r *router) match(method string, u *url.URL) (Operation, error) {
	path := segments(u.EscapedPath())
	found := r.find(path)
	if found == nil {
		return Operation{}, &UnknownOperationError{Method: method, Path: u.Path}
	}
	operations := found.item.Operations()
	if method == "" {
		method = http.MethodGet // as net/http has it for a client's request
	}
	spec := operations[method]
	if spec == nil {
		allowed := slices.Sorted(maps.Keys(operations))
		return Operation{}, &UnknownOperationError{Method: method, Path: u.Path, Allowed: allowed}
	}
	return Operation{
		ID:         spec.OperationID,
		Method:     method,
		Path:       found.template,
		PathParams: pathParams(found.template, path),
		Spec:       spec,
		item:       found.item,
	}, nil
}

func pathParams(template string, path []string) map[string]string {
	params := map[string]string{}
	for i, segment := range segments(template) {
		if !isParam(segment) {
			continue
		}
		value, err := url.PathUnescape(path[i])
		if err != nil {
			value = path[i] // cannot be: net/url has checked the escapes
		}
		params[strings.Trim(segment, "{}")] = value
	}
	return params
}

// segments splits an escaped path; the root has none.
func segments(path string) []string {
	path = strings.TrimPrefix(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

func isParam(segment string) bool {
	return strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}")
}
