package contract

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// A brokenRule is one rule of a schema that a value breaks. Its reason never quotes values, as the messages of the engine do.
type brokenRule struct {
	pointer string
	depth   int // of the value within the body
	keyword string
	members []string
	reason  string
	// unlisted says that a value is none of an enumeration, and nothing else.
	unlisted bool
	// discriminates says that a constant differs: the value was meant for another branch of a union.
	discriminates bool
	// hint says that the value was probably meant for another branch: an enumeration of one value differs, or the branch
	// rules it out.
	hint bool
}

// brokenRules explains an error of the engine, in a fixed order: the engine walks maps.
func brokenRules(err error) []brokenRule {
	invalid, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return []brokenRule{{keyword: KeywordSyntax, reason: "cannot be checked"}}
	}
	found := explain(invalid, nil, map[int]bool{})
	slices.SortFunc(found, func(a, b brokenRule) int {
		return cmp.Or(cmp.Compare(a.pointer, b.pointer), cmp.Compare(a.reason, b.reason))
	})
	return slices.CompactFunc(found, func(a, b brokenRule) bool {
		return a.pointer == b.pointer && a.reason == b.reason && a.keyword == b.keyword
	})
}

// explain lists the leaves of a tree of errors. around is the location of the error around it; free holds the depths
// at which a name is the caller's own.
func explain(e *jsonschema.ValidationError, around []string, free map[int]bool) []brokenRule {
	location := e.InstanceLocation
	if _, ok := e.ErrorKind.(*kind.PropertyNames); ok {
		location = around // of this kind alone the engine (v6.0.3) shares the location with others, which overwrite it
	}
	depth := len(location)
	if strings.HasSuffix(e.SchemaURL, "/additionalProperties") {
		defer func(before bool) { free[depth] = before }(free[depth])
		free[depth] = true
	}
	at := pointer(location, free)
	whole := func(reason string) []brokenRule {
		return []brokenRule{{pointer: at, depth: depth, keyword: keyword(e.ErrorKind), reason: reason}}
	}
	switch k := e.ErrorKind.(type) {
	case *kind.OneOf:
		if len(k.Subschemas) > 0 {
			return whole("matches more than one of the variants")
		}
		return variant(e, at, free)
	case *kind.AnyOf:
		return variant(e, at, free)
	case *kind.PropertyNames:
		return whole("has a member whose name is not allowed")
	}
	if len(e.Causes) == 0 {
		return []brokenRule{leaf(e.ErrorKind, at, depth)}
	}
	return all(e, free)
}

func all(e *jsonschema.ValidationError, free map[int]bool) []brokenRule {
	var found []brokenRule
	unionFailed := slices.ContainsFunc(e.Causes, isUnion)
	for _, cause := range e.Causes {
		// Of a union without a match no member counts as evaluated: that is no finding of its own.
		if _, unevaluated := cause.ErrorKind.(*kind.FalseSchema); unevaluated && unionFailed {
			continue
		}
		found = append(found, explain(cause, e.InstanceLocation, free)...)
	}
	return found
}

func isUnion(e *jsonschema.ValidationError) bool {
	switch e.ErrorKind.(type) {
	case *kind.OneOf, *kind.AnyOf:
		return true
	}
	return false
}

// variant explains why a value fits no variant of a union, by the variant that was most likely meant: of those whose
// constants match, the one with the fewest hints at another, then with the fewest broken rules in the members themselves, then
// with the fewest in all.
func variant(e *jsonschema.ValidationError, at string, free map[int]bool) []brokenRule {
	depth := len(e.InstanceLocation)
	shape := func(f brokenRule) bool {
		return f.depth <= depth || f.depth == depth+1 && (f.discriminates || f.unlisted)
	}
	hint := func(f brokenRule) bool { return f.hint && shape(f) }
	nearer := func(a, b []brokenRule) bool {
		return cmp.Or(
			cmp.Compare(count(a, hint), count(b, hint)),
			cmp.Compare(count(a, shape), count(b, shape)),
			cmp.Compare(len(a), len(b)),
		) < 0
	}
	var closest []brokenRule
	for _, cause := range e.Causes {
		found := explain(cause, e.InstanceLocation, free)
		if slices.ContainsFunc(found, func(f brokenRule) bool { return f.discriminates && shape(f) }) {
			continue
		}
		if closest == nil || nearer(found, closest) {
			closest = found
		}
	}
	if closest == nil {
		reason := fmt.Sprintf("matches none of the %d variants", len(e.Causes))
		return []brokenRule{{pointer: at, depth: depth, keyword: keyword(e.ErrorKind), reason: reason}}
	}
	for i := range closest {
		closest[i].reason += " (in the closest of several variants)"
		closest[i].unlisted = false // another variant may fail for another reason
	}
	return closest
}

func count(rules []brokenRule, is func(brokenRule) bool) int {
	n := 0
	for _, f := range rules {
		if is(f) {
			n++
		}
	}
	return n
}

func leaf(k jsonschema.ErrorKind, at string, depth int) brokenRule {
	f := brokenRule{pointer: at, depth: depth, keyword: keyword(k)}
	switch k := k.(type) {
	case *kind.FalseSchema:
		f.reason = "is not in the contract"
	case *kind.AdditionalProperties:
		f.members = slices.Sorted(slices.Values(k.Properties))
		f.reason = "has members that are not in the contract: " + quoted(f.members)
	case *kind.Required:
		f.members = slices.Sorted(slices.Values(k.Missing))
		f.reason = "lacks " + quoted(f.members)
	case *kind.DependentRequired:
		f.members = slices.Sorted(slices.Values(k.Missing))
		f.reason = "lacks " + quoted(f.members) + ", which " + quoted([]string{k.Prop}) + " asks for"
	case *kind.Type:
		f.reason = "is of type " + k.Got + ", not " + strings.Join(k.Want, " or ")
	case *kind.Enum:
		f.reason, f.unlisted, f.hint = "is none of "+listed(k.Want), true, len(k.Want) == 1
	case *kind.Const:
		f.reason, f.discriminates = fmt.Sprintf("is not %q", fmt.Sprint(k.Want)), true
	case *kind.Format:
		f.reason = "is not a valid " + k.Want
	case *kind.Pattern:
		f.reason = "does not match " + k.Want
	case *kind.MinLength:
		f.reason = fmt.Sprintf("is shorter than %d characters", k.Want)
	case *kind.MaxLength:
		f.reason = fmt.Sprintf("is longer than %d characters", k.Want)
	case *kind.MinItems:
		f.reason = fmt.Sprintf("has %d entries, fewer than %d", k.Got, k.Want)
	case *kind.MaxItems:
		f.reason = fmt.Sprintf("has %d entries, more than %d", k.Got, k.Want)
	case *kind.MinProperties:
		f.reason = fmt.Sprintf("has %d members, fewer than %d", k.Got, k.Want)
	case *kind.MaxProperties:
		f.reason = fmt.Sprintf("has %d members, more than %d", k.Got, k.Want)
	case *kind.Minimum:
		f.reason = "is less than " + decimal(k.Want)
	case *kind.Maximum:
		f.reason = "is more than " + decimal(k.Want)
	case *kind.Not:
		f.reason, f.hint = "has what the contract rules out", true
	default:
		f.reason = "breaks the rule " + f.keyword
	}
	return f
}

// pointer writes a location as a JSON Pointer (RFC 6901), with * for the names that a caller chose.
func pointer(location []string, free map[int]bool) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	var b strings.Builder
	for i, token := range location {
		b.WriteByte('/')
		if free[i+1] {
			b.WriteByte('*')
			continue
		}
		_, _ = escape.WriteString(&b, token) // a Builder does not fail
	}
	return b.String()
}

// maxListed is how many values of an enumeration a reason names.
const maxListed = 12

func listed(values []any) string {
	if len(values) > maxListed {
		return fmt.Sprintf("the %d values of the contract", len(values))
	}
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, ", ")
}

func quoted(names []string) string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(words, ", ")
}

func decimal(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return r.RatString()
}

func keyword(k jsonschema.ErrorKind) string {
	switch k.(type) {
	case *kind.FalseSchema:
		return "unevaluatedProperties" // what Strict closes objects with; no other schema of the contract is false
	case *kind.Not:
		return "not" // the engine has no path for it
	}
	if k == nil || len(k.KeywordPath()) == 0 {
		return KeywordSyntax
	}
	return k.KeywordPath()[0]
}
