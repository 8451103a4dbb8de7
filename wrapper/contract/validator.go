package contract

import (
	"fmt"
	"net/http"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// errorSchema is the component that describes the answers above 399.
const errorSchema = "Error"

// Validator checks messages against the contract. It is safe for concurrent use.
type Validator struct {
	*rules
	strict bool
	report func(Violation)
	limit  int64 // of a body
}

// Option changes what [New] makes.
type Option func(*Validator)

// WithStrict refuses what the contract does not name: members of objects (see [Strict]), query parameters, and
// bodies where it has none. Without it they pass, as Dwolla may add to its answers at any time.
func WithStrict() Option {
	return func(v *Validator) { v.strict = true }
}

// WithReport hands every violation to report, and no check fails any more on account of one. Use it on
// live traffic. report is called by the goroutine that checks, so by several at once.
func WithReport(report func(Violation)) Option {
	return func(v *Validator) { v.report = report }
}

// New makes a Validator of the embedded contract. The contract is parsed and compiled once in a program, by the
// first New of its strictness; the others share it. An error means that the embedded contract is broken.
func New(opts ...Option) (*Validator, error) {
	v := &Validator{limit: maxBody}
	for _, opt := range opts {
		opt(v)
	}
	load := openRules
	if v.strict {
		load = strictRules
	}
	var err error
	if v.rules, err = load(); err != nil {
		return nil, err
	}
	return v, nil
}

// Operation finds the operation that a request calls, by method and path; host and query do not matter. The error
// is an *[UnknownOperationError].
func (v *Validator) Operation(req *http.Request) (Operation, error) {
	return v.router.match(req.Method, req.URL)
}

// rules are the contract made ready for checking. They are never written to once built.
type rules struct {
	router  *router
	schemas schemas
	failure *jsonschema.Schema // the body of an answer above 399
	event   event
}

// Pure functions of the embedded document, so every Validator may share their results.
var (
	openRules   = sync.OnceValues(func() (*rules, error) { return buildRules(Load) })
	strictRules = sync.OnceValues(func() (*rules, error) { return buildRules(Strict) })
)

func buildRules(load func() (*openapi3.T, error)) (*rules, error) {
	doc, err := load()
	if err != nil {
		return nil, err
	}
	failure := doc.Components.Schemas[errorSchema]
	if failure == nil {
		return nil, fmt.Errorf("contract: there is no schema %s", errorSchema)
	}
	refs, err := places(doc)
	if err != nil {
		return nil, err
	}
	compiled, err := compile(doc, refs)
	if err != nil {
		return nil, err
	}
	webhook, err := findEvent(doc, compiled)
	if err != nil {
		return nil, err
	}
	return &rules{router: newRouter(doc.Paths), schemas: compiled, failure: compiled[failure], event: webhook}, nil
}
