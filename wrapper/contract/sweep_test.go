package contract_test

import (
	"encoding/json"
	"errors"
	"fmt"
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

// A violation may be logged, so no value and no free key of a message may be in it.
func TestViolationsHoldNoValues(t *testing.T) {
	t.Parallel()
	var texts []string
	v := newValidator(t, contract.WithStrict(), contract.WithReport(func(v contract.Violation) { texts = append(texts, v.Error()) }))
	sweep(t, func(p place, _ *openapi3.Schema, value any) {
		for _, secret := range []any{"hush-4821", 48214821, []any{"hush-4821"}, map[string]any{freeKey: "hush-4821"}} {
			spoiled := spoil(value, secret)
			if err := p.check(t, v, encode(t, spoiled)); err != nil {
				t.Fatal(err)
			}
			data := encode(t, spoiled)
			if err := p.check(t, v, data[:len(data)-1]); err != nil { // no JSON any more
				t.Fatal(err)
			}
		}
	})
	for _, query := range []string{"limit=hush-4821", "status=hush-4821", "limit=48214821", "limit=%zzhush-4821", "email=a&email=hush-4821"} {
		if err := v.CheckRequest(request(t, "GET /customers?"+query, "", "")); err != nil {
			t.Fatal(err)
		}
	}
	if len(texts) < 1000 {
		t.Errorf("only %d violations", len(texts))
	}
	for _, text := range texts {
		if strings.Contains(text, "hush") || strings.Contains(text, "4821") {
			t.Fatalf("a value is in %q", text)
		}
	}
}

// spoil copies a value with every scalar replaced by secret, and the free keys of maps by a secret key.
func spoil(value, secret any) any {
	switch value := value.(type) {
	case map[string]any:
		spoiled := map[string]any{}
		for name, member := range value {
			if name == freeKey {
				name = "hush-4821" + strings.Repeat("k", 255)
			}
			spoiled[name] = spoil(member, secret)
		}
		return spoiled
	case []any:
		var spoiled []any
		for _, item := range value {
			spoiled = append(spoiled, spoil(item, secret))
		}
		return spoiled
	}
	return secret
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
