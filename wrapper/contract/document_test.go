package contract_test

import (
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

const bogus = "notInTheContract"

// The proof of strictness: for every request schema and every 2xx response schema, kin-openapi accepts a complete
// value against the strict document and names a bogus member, wherever in the value it is put.
func TestStrictReportsABogusMemberAtEveryObjectDepth(t *testing.T) {
	t.Parallel()
	doc := strictDocument(t)
	roots, depths := 0, 0
	seen := map[*openapi3.Schema]bool{}
	for place, schema := range bodies(doc) {
		roots++
		if seen[schema.Value] {
			continue // the same component elsewhere, such as under the other JSON media type
		}
		seen[schema.Value] = true
		sampler := newSampler()
		for _, value := range sampler.complete(schema.Value) {
			if err := visit(schema.Value, value); err != nil {
				t.Errorf("%s: the sample is not valid: %v", place, err)
				continue
			}
			objects := openObjects(value)
			depths += len(objects)
			for _, reported := range bogusReports(schema.Value, value, objects) {
				if !reported.ok {
					t.Errorf("%s: a bogus member at %q is not reported", place, reported.pointer)
				}
			}
		}
		for _, missed := range sampler.missed(schema.Value) {
			t.Errorf("%s: no sample reaches %s", place, missed)
		}
	}
	t.Logf("%d bodies of %d schemas, %d objects", roots, len(seen), depths)
	if len(seen) < 10 || depths < 2*len(seen) {
		t.Errorf("only %d body schemas with %d objects were found", len(seen), depths)
	}
}

// The strict document must refuse nothing but undeclared members.
func TestStrictAcceptsWhatTheOpenContractAccepts(t *testing.T) {
	t.Parallel()
	strict := maps.Collect(bodies(strictDocument(t)))
	type pair struct{ open, strict *openapi3.Schema }
	seen := map[pair]bool{}
	for _, s := range samples(t) {
		to := pair{s.schema, strict[s.place].Value}
		if seen[to] {
			continue // the same two components at another place
		}
		seen[to] = true
		for _, value := range s.values() {
			if err := visit(to.strict, value); err != nil {
				t.Errorf("%s: %v", s.place, err)
			}
		}
	}
}

func TestStrictIsAValidDocument(t *testing.T) {
	t.Parallel()
	if err := strictDocument(t).Validate(t.Context(), openapi3.DisableExamplesValidation()); err != nil {
		t.Error(err)
	}
}

func TestLoadGivesEachCallerACopy(t *testing.T) {
	t.Parallel()
	first, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	delete(first.Components.Schemas, "Money")
	second, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	if second.Components.Schemas["Money"] == nil {
		t.Error("a change to one document is seen in another")
	}
}

// The documents are parsed once: tests read them and do not change them.
var (
	sharedOpen   = sync.OnceValues(contract.Load)
	sharedStrict = sync.OnceValues(contract.Strict)
)

func openDocument(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := sharedOpen()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func strictDocument(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := sharedStrict()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// place is where a schema of a body stands in the contract.
type place struct {
	operation, method, path, mediaType string
	status                             int // 0 for a request
	event                              bool
}

func (p place) String() string {
	if p.status == 0 {
		return p.operation + " request " + p.mediaType
	}
	return fmt.Sprintf("%s %d %s", p.operation, p.status, p.mediaType)
}

// check checks a JSON body of this place.
func (p place) check(t *testing.T, v *contract.Validator, body []byte) error {
	t.Helper()
	if p.event {
		return v.CheckEvent(body)
	}
	path := strings.NewReplacer("{", "", "}", "").Replace(p.path)
	if p.status == 0 {
		return v.CheckRequest(request(t, p.method+" "+path, p.mediaType, string(body)))
	}
	return v.CheckResponse(request(t, p.method+" "+path, "", ""), p.status, http.Header{"Content-Type": {p.mediaType}}, body)
}

// bodies yields the schema of every request body, 2xx response body and event.
func bodies(doc *openapi3.T) iter.Seq2[place, *openapi3.SchemaRef] {
	return func(yield func(place, *openapi3.SchemaRef) bool) {
		for path, item := range doc.Paths.Map() {
			for method, op := range item.Operations() {
				p := place{operation: op.OperationID, method: method, path: path}
				if !bodiesOf(op, p, yield) {
					return
				}
			}
		}
		for _, item := range doc.Webhooks {
			if !bodiesOf(item.Post, place{operation: item.Post.OperationID, event: true}, yield) {
				return
			}
		}
	}
}

func bodiesOf(op *openapi3.Operation, p place, yield func(place, *openapi3.SchemaRef) bool) bool {
	if op.RequestBody != nil {
		for p.mediaType = range op.RequestBody.Value.Content {
			if !yield(p, op.RequestBody.Value.Content[p.mediaType].Schema) {
				return false
			}
		}
	}
	for p.status = range 300 {
		response := op.Responses.Value(strconv.Itoa(p.status))
		if p.status < 200 || response == nil {
			continue
		}
		for p.mediaType = range response.Value.Content {
			if !yield(p, response.Value.Content[p.mediaType].Schema) {
				return false
			}
		}
	}
	return true
}

func visit(schema *openapi3.Schema, value any) error {
	return schema.VisitJSON(value, openapi3.EnableJSONSchema2020())
}

type report struct {
	pointer string
	ok      bool
}

// bogusReports puts a bogus member into each object and tells which ones kin-openapi names. Within a union it takes
// them one by one, since a branch that fails hides what is wrong around it; everywhere else all at once.
func bogusReports(schema *openapi3.Schema, value any, objects map[string]map[string]any) []report {
	var reports []report
	if !hasUnion(schema) {
		for _, object := range objects {
			object[bogus] = true
		}
		named := unevaluated(visit(schema, value))
		for at, object := range objects {
			reports = append(reports, report{at, named[at+"/"+bogus]})
			delete(object, bogus)
		}
		return reports
	}
	for at, object := range objects {
		object[bogus] = true
		reports = append(reports, report{at, unevaluated(visit(schema, value))[at+"/"+bogus]})
		delete(object, bogus)
	}
	return reports
}

func hasUnion(schema *openapi3.Schema) bool {
	found := false
	_ = openapi3.NewSchemaRef("", schema).WalkSubtree(func(_ string, ref *openapi3.SchemaRef) error {
		found = found || len(ref.Value.OneOf)+len(ref.Value.AnyOf) > 0
		return nil
	})
	return found
}

// unevaluated are the pointers of the members that an error of kin-openapi calls unevaluated.
func unevaluated(err error) map[string]bool {
	named := map[string]bool{}
	var walk func(err error)
	walk = func(err error) {
		if e, ok := err.(*jsonschema.ValidationError); ok { //nolint:errorlint // each level of the tree is looked at
			if _, ok := e.ErrorKind.(*kind.FalseSchema); ok {
				named["/"+strings.Join(e.InstanceLocation, "/")] = true
			}
		}
		switch e := err.(type) { //nolint:errorlint // as above
		case openapi3.MultiError:
			for _, err := range e {
				walk(err)
			}
		case interface{ Unwrap() error }:
			walk(e.Unwrap())
		}
	}
	walk(err)
	return named
}

// An unknown value of an enumeration is tolerated by its error alone. That is sound as long as no answer and no
// event is a union, in which it could hide what else is wrong.
func TestAnswersAndEventsAreNoUnions(t *testing.T) {
	t.Parallel()
	doc := openDocument(t)
	for p, schema := range bodies(doc) {
		if (p.status != 0 || p.event) && hasUnion(schema.Value) {
			t.Errorf("%s has a union", p)
		}
	}
}

// The engine (v6.0.3) panics where it compares a number like 1e2000000, which is too large for math/big, with a bound;
// of an integer it refuses the type before.
func TestNumbersWithBoundsAreIntegers(t *testing.T) {
	t.Parallel()
	doc := openDocument(t)
	err := doc.WalkSchemas(func(at string, ref *openapi3.SchemaRef) error {
		s := ref.Value
		bounded := s.Min != nil || s.Max != nil || s.ExclusiveMin.IsSet() || s.ExclusiveMax.IsSet() || s.MultipleOf != nil
		if bounded && !s.Type.Is("integer") {
			t.Errorf("%s has bounds and is no integer", at)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	huge := request(t, "GET /customers?limit=1e2000000", "", "")
	if got := lines(t, newValidator(t).CheckRequest(huge)); !slices.Equal(got, []string{"listCustomers: query limit: is of type number, not integer"}) {
		t.Errorf("got %q", got)
	}
}
