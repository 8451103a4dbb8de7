package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

// codec writes for every model the table by which package wire reads and writes it and the places of its fields, with
// MarshalJSON and UnmarshalJSON; and the codec of the plain types. Direct are the models that get a writer of their own.
func codec(t *goTypes, plain []string, direct map[string]bool) (string, error) {
	var b strings.Builder
	b.WriteString(codecComment)
	for _, name := range t.order {
		switch {
		case t.isModel(name):
			text, err := t.modelCodec(name, direct[name])
			if err != nil {
				return "", err
			}
			b.WriteString(text)
		case t.delegates(name):
			// A defined type over a model has none of its methods.
			base := exprString(t.specs[name].Type)
			fmt.Fprintf(&b, delegateCodec+jsonMethods, name, base)
		}
	}
	for _, name := range plain {
		b.WriteString(t.plainCodec(name))
	}
	return b.String(), nil
}

const codecComment = `
// Each model has the table of its members and gives package wire the places of its fields. UnmarshalJSON and MarshalJSON
// do as the client does, which is stricter than encoding/json: keys in their exact case, no duplicates; what is zero is
// left out, unknown members are kept.
`

const delegateCodec = `
func (v *%[1]s) WireTable() *wire.Table       { return (*%[2]s)(v).WireTable() }
func (v *%[1]s) WirePlaces(p []any) []any     { return (*%[2]s)(v).WirePlaces(p) }
`

const jsonMethods = `func (v *%[1]s) UnmarshalJSON(data []byte) error { return wire.UnmarshalJSON(data, v) }
func (v %[1]s) MarshalJSON() ([]byte, error) { return wire.Marshal(&v) }
`

// delegates reports whether a type is defined over a model of another name.
func (t *goTypes) delegates(name string) bool {
	spec := t.specs[name]
	id, ok := spec.Type.(*ast.Ident)
	return ok && !spec.Assign.IsValid() && t.isModel(id.Name)
}

// modelCodec writes the table and the methods of a model.
func (t *goTypes) modelCodec(name string, direct bool) (string, error) {
	members := fields(t.structOf(ast.NewIdent(name)))
	if len(members) > wire.MaxFields {
		return "", fmt.Errorf("%s has more than %d members", name, wire.MaxFields)
	}
	var table, places strings.Builder
	for _, f := range members {
		if strconv.Quote(f.JSON) != `"`+f.JSON+`"` || strings.Contains(f.JSON, "`") {
			return "", fmt.Errorf("%s: member %q has a name that needs escapes", name, f.JSON)
		}
		key := "`" + strconv.Quote(f.JSON) + ":`"
		if f.Const != "" {
			fmt.Fprintf(&table, "{Key: %s, Kind: wire.Const, Const: %q},\n", key, constant(f))
			places.WriteString(", nil")
			continue
		}
		p := t.place("v."+f.Name, f.Type)
		fmt.Fprintf(&table, "{Key: %s, Kind: wire.%s", key, p.kind)
		if p.elem != "" {
			fmt.Fprintf(&table, ", Elem: wire.%s", p.elem)
		}
		if f.Required && (p.kind == "Bool" || p.kind == "Int" || p.kind == "Int64") {
			table.WriteString(", Required: true")
		}
		table.WriteString("},\n")
		fmt.Fprintf(&places, ", %s", p.expr)
	}
	flag, writer := "", ""
	if direct {
		writer = t.directCodec(name)
	}
	if writer != "" {
		flag = "Direct: true, "
	}
	text := fmt.Sprintf(modelCodec, name, tableName(name), table.String(), places.String(), flag)
	return text + writer + fmt.Sprintf(jsonMethods, name) + t.pageMethods(name), nil
}

const modelCodec = `
var %[2]s = wire.Table{%[5]sFields: []wire.Field{
%[3]s}}

func (v *%[1]s) WireTable() *wire.Table { return &%[2]s }
func (v *%[1]s) WirePlaces(p []any) []any { return append(p%[4]s, (*wire.Members)(&v.Extra)) }
`

func tableName(model string) string { return "table" + model }

// pageMethods writes what a page of a list tells of itself.
func (t *goTypes) pageMethods(name string) string {
	item, ok := t.pageItem(name)
	if !ok {
		return ""
	}
	next := "v.Links.Next.Href"
	if t.linksAreMap(name) {
		next = `v.Links["next"].Href`
	} else if !t.hasNext(name) {
		next = `""`
	}
	return fmt.Sprintf(`
// Items are the entries of the page.
func (v %[1]s) Items() []%[2]s { return v.%[3]s }

// NextHref is where the following page is; empty on the last one.
func (v %[1]s) NextHref() string { return %[4]s }
`, name, item, t.embeddedField(name), next)
}

func (t *goTypes) hasNext(name string) bool {
	for _, f := range fields(t.structOf(ast.NewIdent(name))) {
		links := t.structOf(f.Type)
		if f.JSON != "_links" || links == nil {
			continue
		}
		if slices.ContainsFunc(fields(links), func(l field) bool { return l.JSON == "next" }) {
			return true
		}
	}
	return false
}

// constant is the JSON text of a member that is always the same.
func constant(f field) string {
	switch f.Const {
	case "true", "false":
		return f.Const
	default:
		text, _ := json.Marshal(f.Const) // a string always has a JSON text
		return string(text)
	}
}

// A place is a field as the table of its model sees it.
type place struct {
	kind, elem string // names of wire.Kinds
	expr       string // Go, of the type that the kind says
}

// place describes a variable of a type.
func (t *goTypes) place(target string, e ast.Expr) place {
	if id, ok := e.(*ast.Ident); ok && t.exists(id.Name) && t.specs[id.Name].Assign.IsValid() {
		p := t.place(target, t.specs[id.Name].Type)
		if p.kind == "String" {
			p.kind = "Interned" // what has a name of its own, such as a correlation id, is often the same in many places
		}
		return p
	}
	kind := t.kind(e)
	name := exprString(e)
	to := func(goType string) string {
		if name == goType {
			return "&" + target
		}
		return "(*" + goType + ")(&" + target + ")"
	}
	switch kind {
	case "String", "Interned":
		return place{kind: kind, expr: to("string")}
	case "Bool":
		return place{kind: kind, expr: to("bool")}
	case "Int":
		return place{kind: kind, expr: to("int")}
	case "Int64":
		return place{kind: kind, expr: to("int64")}
	case "Array": // one level is all that a table describes
		elem := t.resolve(e).(*ast.ArrayType).Elt
		switch at := t.place("x", elem); {
		case at.kind == "String" || at.kind == "Interned":
			return place{kind: "StringList", expr: fmt.Sprintf("(*wire.StringsOf[%s])(&%s)", exprString(elem), target)}
		case at.expr == "&x" && at.elem == "":
			return place{kind: kind, elem: at.kind, expr: fmt.Sprintf("(*wire.List[%s])(&%s)", exprString(elem), target)}
		}
	case "Pointer":
		elem := e.(*ast.StarExpr).X
		p := place{kind: kind, elem: "Other", expr: fmt.Sprintf("wire.PointerTo[%s]{Place: &%s}", exprString(elem), target)}
		if at := t.place("x", elem); at.expr == "&x" && at.elem == "" {
			p.elem = at.kind
		}
		return p
	}
	if kind == "Array" {
		kind = "Other"
	}
	return place{kind: kind, expr: "&" + target}
}

// linkType reports whether a type is a link.
func linkType(e ast.Expr) bool {
	index, ok := e.(*ast.IndexExpr)
	return ok && exprString(index.X) == "api.Link"
}

// kind is the name of the wire.Kind of a type.
func (t *goTypes) kind(e ast.Expr) string {
	switch exprString(e) {
	case "api.Money", "api.ErrorBody", "api.FieldError", "api.Object", "api.Links":
		return "Custom"
	case "api.Time", "api.Date", "string":
		return "String"
	case "bool":
		return "Bool"
	case "int":
		return "Int"
	case "int64":
		return "Int64"
	case "json.Number":
		return "Number"
	case "json.RawMessage":
		return "Raw"
	case "map[string]string":
		return "StringMap"
	}
	switch e := e.(type) {
	case *ast.Ident:
		return t.namedKind(e)
	case *ast.IndexExpr:
		if linkType(e) {
			return "Custom"
		}
	case *ast.ArrayType:
		return "Array"
	case *ast.StarExpr:
		return "Pointer"
	}
	return "Other"
}

// namedKind is the kind of a type of the models' package.
func (t *goTypes) namedKind(id *ast.Ident) string {
	spec := t.specs[id.Name]
	switch {
	case spec == nil:
		return "Other"
	case spec.Assign.IsValid():
		return t.kind(spec.Type)
	case t.isModel(id.Name), t.delegates(id.Name):
		return "Nested"
	case t.custom[id.Name]:
		return "Other"
	}
	switch k := t.kind(spec.Type); k {
	case "String":
		if _, word := spec.Type.(*ast.Ident); word {
			return "Interned"
		}
		return k
	case "Interned", "Bool", "Int", "Int64", "Array":
		return k
	default:
		return "Other"
	}
}
