package model

import (
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/dwolla-go/dwolla-go/openapi/generate/tree"
)

// many is the maxItems from which the elements of a list get a writer of their own beside their table: going by the
// table is half the time of writing a mass payment.
const many = 1000

// longLists are the names of the types that the contract has long lists of.
func longLists(doc *openapi3.T) map[string]bool {
	types := map[string]bool{}
	if doc.Components == nil {
		return types
	}
	for _, schema := range doc.Components.Schemas {
		for _, p := range schema.Value.Properties {
			if list := p.Value; list.MaxItems != nil && *list.MaxItems >= many && list.Items != nil && list.Items.Ref != "" {
				types[codegen.SchemaNameToTypeName(strings.TrimPrefix(list.Items.Ref, tree.Schemas))] = true
			}
		}
	}
	return types
}

// canWriteDirectly reports whether a writer can be generated for each member of a model.
func (t *Type) canWriteDirectly() bool {
	for _, f := range t.Fields {
		if f.Constant != nil {
			return false
		}
		switch f.Place().Kind {
		case String, Interned, StringMap, Custom:
		case Nested:
			if inner := f.Type.Struct(); inner.filled("v") == "" && !inner.canWriteDirectly() {
				return false
			}
		default:
			return false
		}
	}
	return t.Model()
}

// Write is how a member of a model is written without a table.
type Write struct {
	Key    string // as the encoder writes it
	Kind   Kind
	Go     string // the member
	Filled string // of a Nested: the Go condition under which it may hold anything; empty where only writing it shows that
	Writes []Write
}

// Extras is how many unknown members there are in all that is written without a table.
func (w Write) Extras() string {
	extras := []string{"len(" + w.Go + ".Extra)"}
	for _, inner := range w.Writes {
		if inner.Kind == Nested && inner.Filled == "" {
			extras = append(extras, inner.Extras())
		}
	}
	return strings.Join(extras, " + ")
}

// Writer is how a Direct model v without unknown members is written.
func (t *Type) Writer() Write { return Write{Go: "v", Writes: t.writes("v")} }

func (t *Type) writes(target string) []Write {
	var out []Write
	for _, f := range t.Fields {
		w := Write{Key: f.Key(), Kind: f.Type.place("&x").Kind, Go: target + "." + f.Name}
		if w.Kind == Nested {
			inner := f.Type.Struct()
			if w.Filled = inner.filled(w.Go); w.Filled == "" {
				w.Writes = inner.writes(w.Go)
			}
		}
		out = append(out, w)
	}
	return out
}

// filled is the condition under which a model may hold anything; empty where only writing it shows that.
func (t *Type) filled(target string) string {
	conditions := []string{"len(" + target + ".Extra) > 0"}
	for _, f := range t.Fields {
		member := target + "." + f.Name
		if f.Constant != nil {
			return ""
		}
		switch f.Type.place("&x").Kind {
		case String, Interned:
			conditions = append(conditions, member+` != ""`)
		case StringMap, Array, StringList:
			conditions = append(conditions, "len("+member+") > 0")
		case Nested:
			inner := f.Type.Struct().filled(member)
			if inner == "" {
				return ""
			}
			conditions = append(conditions, inner)
		default:
			return ""
		}
	}
	return strings.Join(conditions, " || ")
}
