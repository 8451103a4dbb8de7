package contract_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// freeKey is the key that a sampler uses in maps, whose objects take any member.
const freeKey = "anyKey"

// sampled is a place with complete values of its schema.
type sampled struct {
	place    place
	schema   *openapi3.Schema
	complete []any
}

// sharedSamples are made once, of each schema; a component stands at several places.
var sharedSamples = sync.OnceValues(func() ([]sampled, error) {
	doc, err := sharedOpen()
	if err != nil {
		return nil, err
	}
	complete := map[*openapi3.Schema][]any{}
	var all []sampled
	for p, schema := range bodies(doc) {
		if complete[schema.Value] == nil {
			complete[schema.Value] = newSampler().complete(schema.Value)
		}
		all = append(all, sampled{p, schema.Value, complete[schema.Value]})
	}
	return all, nil
})

// samples are complete values for every place in the open contract.
func samples(t *testing.T) []sampled {
	t.Helper()
	all, err := sharedSamples()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// values are copies, which a test may change.
func (s sampled) values() []any {
	return clone(s.complete).([]any)
}

func clone(value any) any {
	switch value := value.(type) {
	case map[string]any:
		copied := maps.Clone(value)
		for name, member := range copied {
			copied[name] = clone(member)
		}
		return copied
	case []any:
		copied := slices.Clone(value)
		for i, item := range copied {
			copied[i] = clone(item)
		}
		return copied
	}
	return value
}

// openObjects finds the objects of a value by their pointers, leaving out the maps.
func openObjects(value any) map[string]map[string]any {
	found := map[string]map[string]any{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case []any:
			for i, item := range v {
				walk(fmt.Sprintf("%s/%d", at, i), item)
			}
		case map[string]any:
			if _, isMap := v[freeKey]; !isMap {
				found[at] = v
			}
			for name, member := range v {
				walk(at+"/"+name, member)
			}
		}
	}
	walk("", value)
	return found
}

// sampler makes values of a schema: complete ones, so that together they reach every object in it.
type sampler struct {
	branch  int  // which branch of a union to take
	reverse bool // which of two members that exclude one another to take
	reached map[*openapi3.Schema]bool
	open    map[*openapi3.Schema]bool // being made; stops recursion
}

func newSampler() *sampler {
	return &sampler{reached: map[*openapi3.Schema]bool{}, open: map[*openapi3.Schema]bool{}}
}

// complete makes values of a schema, for each branch of its unions and with either of its exclusive members.
func (s *sampler) complete(schema *openapi3.Schema) []any {
	branches := 1
	_ = openapi3.NewSchemaRef("", schema).WalkSubtree(func(_ string, ref *openapi3.SchemaRef) error {
		branches = max(branches, len(ref.Value.OneOf), len(ref.Value.AnyOf))
		return nil
	})
	var values []any
	for s.branch = range branches {
		for _, s.reverse = range []bool{false, true} {
			value := s.sample(schema)
			if !slices.ContainsFunc(values, func(v any) bool { return fmt.Sprint(v) == fmt.Sprint(value) }) {
				values = append(values, value)
			}
		}
	}
	return values
}

func (s *sampler) sample(schema *openapi3.Schema) any {
	s.reached[schema] = true
	switch {
	case schema.Const != nil:
		return schema.Const
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	case len(schema.OneOf) > 0 && len(schema.Properties) == 0:
		return s.sample(schema.OneOf[s.branch%len(schema.OneOf)].Value)
	case len(schema.AnyOf) > 0 && len(schema.Properties) == 0:
		return s.sample(schema.AnyOf[s.branch%len(schema.AnyOf)].Value)
	case schema.Type.Includes("object"), len(schema.Properties) > 0:
		return s.object(schema)
	case schema.Type.Includes("array"):
		items := make([]any, max(1, schema.MinItems))
		for i := range items {
			items[i] = s.sample(schema.Items.Value)
		}
		return items
	case schema.Type.Includes("string"):
		return text(schema)
	case schema.Type.Includes("integer"), schema.Type.Includes("number"):
		if schema.Min != nil {
			return *schema.Min
		}
		return 1.0
	case schema.Type.Includes("boolean"):
		return true
	}
	return "anything"
}

// object starts with the required members, then keeps each other member that leaves the object valid.
func (s *sampler) object(schema *openapi3.Schema) map[string]any {
	object := map[string]any{}
	if free := schema.AdditionalProperties.Schema; free != nil {
		object[freeKey] = s.sample(free.Value)
	}
	for _, name := range schema.Required {
		if property := schema.Properties[name]; property != nil {
			object[name] = s.sample(property.Value)
		}
	}
	optional := slices.Sorted(maps.Keys(schema.Properties))
	if s.reverse {
		slices.Reverse(optional)
	}
	if s.open[schema] {
		return object
	}
	s.open[schema] = true
	defer delete(s.open, schema)
	for _, name := range optional {
		if _, there := object[name]; there {
			continue
		}
		wasValid := schema.VisitJSON(object) == nil
		object[name] = s.sample(schema.Properties[name].Value)
		if wasValid && schema.VisitJSON(object) != nil {
			delete(object, name)
		}
	}
	return object
}

// missed lists the object schemas within schema that no value has reached.
func (s *sampler) missed(schema *openapi3.Schema) []string {
	var missed []string
	_ = openapi3.NewSchemaRef("", schema).WalkSubtree(func(at string, ref *openapi3.SchemaRef) error {
		if strings.Contains(at, "/not/") || strings.HasSuffix(at, "/not") {
			return openapi3.SkipSubtree
		}
		if ref.Value.Type.Is("object") && !s.reached[ref.Value] {
			missed = append(missed, at)
		}
		return nil
	})
	return missed
}

// texts are tried in turn against the patterns of the contract.
var texts = []string{
	"sample", "12.50", "US", "021000021", "4821", "123-45-6789", "5551234567", "55803", "12-3456789", "a",
}

func text(schema *openapi3.Schema) string {
	switch schema.Format {
	case "date":
		return "2026-02-03"
	case "date-time":
		return "2026-02-03T09:30:00.000Z"
	}
	pattern := regexp.MustCompile(schema.Pattern)
	for _, s := range texts {
		tooLong := schema.MaxLength != nil && uint64(len(s)) > *schema.MaxLength
		if uint64(len(s)) >= schema.MinLength && !tooLong && pattern.MatchString(s) {
			return s
		}
	}
	return fmt.Sprintf("add a text for %s", schema.Pattern)
}
