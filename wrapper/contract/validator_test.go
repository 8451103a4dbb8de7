package contract_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

// These tests send one complete JSON body of every place in the contract through a Validator.
func sweep(t *testing.T, visit func(p place, schema *openapi3.Schema, value any)) {
	t.Helper()
	for _, s := range samples(t) {
		if !strings.HasSuffix(s.place.mediaType, "json") {
			continue
		}
		for _, value := range s.values() {
			visit(s.place, s.schema, value)
		}
	}
}

func TestStrictValidatorNamesABogusMemberAtEveryObjectDepth(t *testing.T) {
	t.Parallel()
	strict, open := newValidator(t, contract.WithStrict()), newValidator(t)
	objects := 0
	sweep(t, func(p place, _ *openapi3.Schema, value any) {
		if err := p.check(t, strict, encode(t, value)); err != nil {
			t.Errorf("%s: the sample is refused: %v", p, err)
		}
		for at, object := range openObjects(value) {
			objects++
			object[bogus] = true
			strictErr, openErr := p.check(t, strict, encode(t, value)), p.check(t, open, encode(t, value))
			delete(object, bogus)
			if len(object) == 0 && openErr != nil {
				continue // maxProperties: 0 takes no member in any case
			}
			violation, ok := errors.AsType[*contract.Violation](strictErr)
			want := strings.ReplaceAll(at, freeKey, "*") + "/" + bogus
			if !ok || violation.Pointer != want || !strings.HasPrefix(violation.Reason, "is not in the contract") {
				t.Errorf("%s: a bogus member at %q gives %v", p, at, strictErr)
			}
			if openErr != nil {
				t.Errorf("%s: not strict, a bogus member at %q gives %v", p, at, openErr)
			}
		}
	})
	t.Logf("%d objects", objects)
}

func TestEveryUnknownValueOfAnEnumerationIsAdvisoryInAnswers(t *testing.T) {
	t.Parallel()
	var found []contract.Violation
	reporting := newValidator(t, contract.WithStrict(), contract.WithReport(func(v contract.Violation) { found = append(found, v) }))
	failing := newValidator(t, contract.WithStrict())
	total := 0
	sweep(t, func(p place, schema *openapi3.Schema, value any) {
		if p.status == 0 && !p.event {
			return
		}
		unknown := unlist(schema, value)
		if err := p.check(t, failing, encode(t, unknown)); err != nil {
			t.Errorf("%s: %v", p, err)
		}
		found = nil
		if err := p.check(t, reporting, encode(t, unknown)); err != nil {
			t.Errorf("%s: %v", p, err)
		}
		if want := strings.Count(string(encode(t, unknown)), unlisted); len(found) != want {
			t.Errorf("%s: %d of %d unknown values are reported", p, len(found), want)
		}
		if slices.ContainsFunc(found, func(v contract.Violation) bool { return !v.Advisory }) {
			t.Errorf("%s: %+v", p, found)
		}
		total += len(found)
	})
	if total < 20 {
		t.Errorf("only %d values of enumerations", total)
	}
}

const unlisted = "a_value_of_tomorrow"

// unlist copies a value with every enumerated text replaced by one that is not listed.
func unlist(schema *openapi3.Schema, value any) any {
	switch value := value.(type) {
	case map[string]any:
		changed := map[string]any{}
		for name, member := range value {
			changed[name] = member
			if property := schema.Properties[name]; property != nil {
				changed[name] = unlist(property.Value, member)
			}
		}
		return changed
	case []any:
		var changed []any
		for _, item := range value {
			changed = append(changed, unlist(schema.Items.Value, item))
		}
		return changed
	}
	if len(schema.Enum) > 0 {
		return unlisted
	}
	return value
}

func TestValidatorIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, opts := range [][]contract.Option{nil, {contract.WithStrict()}} {
				v, err := contract.New(opts...)
				if err != nil {
					t.Error(err)
					return
				}
				for i := range 50 {
					if err := v.CheckRequest(request(t, "POST /transfers", halJSON, transfer)); err != nil {
						t.Error(err)
					}
					if err := v.CheckRequest(request(t, fmt.Sprintf("GET /customers?limit=%d", 1000+i), "", "")); err == nil {
						t.Error("a limit of 1000 passes")
					}
				}
			}
		})
	}
	all.Wait()
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestWithReportHearsOfUnknownValuesOfEnumerations(t *testing.T) {
	t.Parallel()
	var got []contract.Violation
	v := newValidator(t, contract.WithReport(func(v contract.Violation) { got = append(got, v) }))
	body := strings.Replace(massPayment, "complete", "paused", 1)
	req := request(t, "GET /mass-payments/m1", "", "")
	if err := v.CheckResponse(req, 200, http.Header{"Content-Type": {halJSON}}, []byte(body)); err != nil {
		t.Fatal(err)
	}
	want := []contract.Violation{{
		Operation: "getMassPayment", Where: "response 200 body", Pointer: "/status", Keyword: "enum",
		Reason: "is none of deferred, pending, processing, complete, cancelled", Advisory: true,
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestWithReportFailsNothing(t *testing.T) {
	t.Parallel()
	var got []string
	v := newValidator(t, contract.WithReport(func(v contract.Violation) { got = append(got, v.Error()) }))
	for _, err := range []error{
		v.CheckRequest(request(t, "POST /transfers", halJSON, "{}")),
		v.CheckRequest(request(t, "POST /payouts", halJSON, "{}")),
		v.CheckResponse(request(t, "GET /events", "", ""), 302, nil, nil),
		v.CheckResponse(request(t, "PUT /events", "", ""), 200, nil, nil),
		v.CheckEvent([]byte("[]")),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	want := []string{
		`contract: createTransfer: request body: lacks "_links", "amount"`,
		"contract: request: no operation has the path of POST /payouts",
		"contract: listEvents: response 302: is a status that is not in the contract",
		"contract: response 200: PUT is not a method of /events, which has GET",
		"contract: receiveEvent: event: is of type array, not object",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
