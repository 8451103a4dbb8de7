package model

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/dwolla-go/dwolla-go/openapi/generate/dialect"
)

// A Form is how a type is declared.
type Form string

// The forms.
const (
	Struct   Form = "struct"
	Alias    Form = "alias"    // another name of a type
	Defined  Form = "defined"  // a type of its own over another, such as an enumeration
	Union    Form = "union"    // of a request: an interface that its members implement
	RawUnion Form = "rawUnion" // of an answer: JSON that can be read as any of its members
)

// A Type is a declaration of the generated package.
type Type struct {
	Name        string
	Schema      string // in the document; empty for the parameters of a list
	Description string
	Deprecated  string // why; empty where the type is not deprecated
	Form        Form

	Is      GoType  // what an alias or a defined type stands for
	Values  []Value // of an enumeration
	Members []string
	Fields  []*Field   // of a struct
	Params  bool       // the fields are parameters of a query
	Of      *Operation // whose parameters they are
	Page    *Page      // of a struct that is a page of a list
	Direct  bool       // long lists of it are written, so it gets a writer of its own
	Whole   bool       // a list or a single value that an operation sends or answers with
}

// A Value is a value of an enumeration.
type Value struct{ Name, Go string }

// A Field is a member of a JSON object and the field of the Go struct for it.
type Field struct {
	JSON        string
	Name        string // in Go
	Description string
	Deprecated  string
	Type        GoType
	Required    bool
	Constant    any    // the only value, which the codec writes: the Go struct has no field for it
	Alias       string // another name that the member has in some answers
}

// A Page is what a walk over a list needs to know of a page.
type Page struct {
	Item   GoType // of an entry
	Items  string // Go: the entries of a page v
	Next   string // Go: the href of the page after v
	Total  bool   // the page says how many entries all pages hold
	ItemID bool   // entries have an id

	MaxPage   int // the largest limit that the list takes; 0 where it takes no limit and offset
	ListLimit int // how many entries of the list can be read; 0 is all
}

// A GoType is a type as Go writes it, and what it consists of.
type GoType struct {
	Go      string
	Named   *Type   // where it is a type of the generated package
	Elem    *GoType // of a list or a pointer
	Pointer bool
}

// addTypes makes the types of the definitions. Names are entered first, as types refer to each other.
func (c *Client) addTypes(d definitions, longLists map[string]bool) error {
	all := slices.Clone(d.types)
	params := map[string]bool{}
	for _, op := range d.operations {
		for _, t := range op.TypeDefinitions {
			params[t.TypeName] = t.TypeName == op.OperationId+"Params"
			all = append(all, t)
		}
	}
	all = slices.DeleteFunc(all, func(t codegen.TypeDefinition) bool {
		if c.byName[t.TypeName] != nil {
			return true
		}
		c.byName[t.TypeName] = &Type{Name: t.TypeName, Schema: t.JsonName, Direct: longLists[t.TypeName], Params: params[t.TypeName]}
		c.Types = append(c.Types, c.byName[t.TypeName])
		return false
	})
	for i, def := range all {
		c.fill(c.Types[i], def)
	}
	for _, e := range d.enums {
		if t := c.byName[e.TypeName]; t != nil { // not one of a webhook, which is received
			t.Values = valuesOf(e)
		}
	}
	for _, t := range c.Types {
		if err := t.check(); err != nil {
			return err
		}
		t.Page = pageOf(t)
		t.Direct = t.Direct && t.canWriteDirectly()
	}
	return nil
}

func valuesOf(e codegen.EnumDefinition) []Value {
	var out []Value
	values := e.GetValues()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		if e.ValueWrapper != "" {
			value = strconv.Quote(value)
		}
		out = append(out, Value{name, value})
	}
	return out
}

// fill says what a type is.
func (c *Client) fill(t *Type, def codegen.TypeDefinition) {
	s := def.Schema
	t.Description = s.Description
	if s.OAPISchema != nil {
		t.Deprecated = deprecation(s.OAPISchema.Deprecated, s.OAPISchema.Extensions)
	}
	if c.doc.Components != nil && t.Description == "" {
		if p := c.doc.Components.Parameters[def.JsonName]; p != nil && p.Value != nil {
			t.Description = p.Value.Description
		}
	}
	switch {
	case s.RefType == "" && isSealed(s):
		t.Form = Union
	case s.RefType == "" && len(s.UnionElements) > 0:
		t.Form = RawUnion
	case s.RefType == "" && (len(s.Properties) > 0 || t.Params) && !external(s):
		t.Form = Struct
		for _, p := range s.Properties {
			t.Fields = append(t.Fields, c.field(p))
		}
	case def.IsAlias():
		t.Form, t.Is = Alias, c.goType(s)
	default:
		t.Form, t.Is = Defined, c.goType(s)
	}
	for _, m := range s.UnionElements {
		t.Members = append(t.Members, m.String())
	}
}

// external reports whether a schema is given a type by the document, whatever its properties.
func external(s codegen.Schema) bool {
	return s.OAPISchema != nil && s.OAPISchema.Extensions["x-go-type"] != nil
}

// isSealed reports whether a union becomes an interface.
func isSealed(s codegen.Schema) bool {
	return s.OAPISchema != nil && s.OAPISchema.Extensions[dialect.Sealed] == true
}

func (c *Client) field(p codegen.Property) *Field {
	if skip, ok := p.Extensions["x-go-type-skip-optional-pointer"].(bool); ok {
		p.Schema.SkipOptionalPointer = skip
	}
	alias, _ := p.Extensions[dialect.Alias].(string)
	f := &Field{
		JSON: p.JsonFieldName, Name: p.GoFieldName(), Description: p.Description, Type: c.goType(p.Schema),
		Required: p.Required, Constant: p.Extensions[dialect.Constant], Deprecated: deprecation(p.Deprecated, p.Extensions),
		Alias: alias,
	}
	if p.IsPointer() {
		elem := f.Type
		f.Type = GoType{Go: p.GoTypeDef(), Elem: &elem, Pointer: true}
	}
	return f
}

// deprecation is the paragraph of a doc comment that marks what is deprecated.
func deprecation(deprecated bool, extensions map[string]any) string {
	reason, given := extensions["x-deprecated-reason"].(string)
	switch {
	case !deprecated:
		return ""
	case !given:
		reason = "the document says so."
	}
	return "Deprecated: " + reason
}

// goType is the type of a schema.
func (c *Client) goType(s codegen.Schema) GoType {
	t := GoType{Go: s.TypeDecl(), Named: c.byName[s.TypeDecl()]}
	if s.RefType == "" && s.ArrayType != nil {
		elem := c.goType(*s.ArrayType)
		t.Elem = &elem
	}
	return t
}

// pageOf describes a page: links, exactly one embedded list, no id.
func pageOf(t *Type) *Page {
	links, embedded := t.Member("_links"), t.Member("_embedded")
	if t.Form != Struct || links == nil || embedded == nil || t.Member("id") != nil {
		return nil
	}
	part := embedded.Type.Struct()
	if part == nil || len(part.Fields) != 1 {
		return nil
	}
	list := part.Fields[0].Type.resolve()
	if list.Elem == nil || list.Pointer {
		return nil
	}
	page := &Page{Item: *list.Elem, Items: "v." + embedded.Name + "." + part.Fields[0].Name, Next: `""`}
	switch relations := links.Type.Struct(); {
	case links.Type.resolve().Go == "api.Links":
		page.Next = "v." + links.Name + `["next"].Href`
	case relations != nil && relations.Member("next") != nil:
		page.Next = "v." + links.Name + "." + relations.Member("next").Name + ".Href"
	}
	page.Total = t.Member("total") != nil && t.Member("total").Type.Go == "int"
	item := list.Elem.Struct()
	page.ItemID = item != nil && item.Member("id") != nil && item.Member("id").Type.Go == "string"
	return page
}

// Member is the field of a member of the JSON object; nil where there is none.
func (t *Type) Member(name string) *Field {
	for _, f := range t.Fields {
		if f.JSON == name {
			return f
		}
	}
	return nil
}

// ID is the field with the id of a resource; nil where there is none.
func (t *Type) ID() *Field {
	if f := t.Member("id"); f != nil && f.Constant == nil && f.Type.Go == "string" {
		return f
	}
	return nil
}

// Printed reports whether a type holds data that texts and logs must not show.
func (t *Type) Printed() bool {
	return t.Form == Struct || t.Form == RawUnion || t.Form == Defined && t.Is.Struct() != nil
}

// Model reports whether a type is a struct that travels as a JSON object.
func (t *Type) Model() bool {
	return t.Form == Struct && !t.Params && !slices.ContainsFunc(t.Fields, func(f *Field) bool { return f.Type.Go == "api.File" })
}

// Delegate reports whether a type is defined over a model.
func (t *Type) Delegate() bool { return t.Form == Defined && t.Is.Named != nil && t.Is.Named.Model() }

// Plain reports whether a type is a list or a single value that has to travel as a whole.
func (t *Type) Plain() bool {
	if t.Form != Alias && t.Form != Defined {
		return false
	}
	switch named := (GoType{Go: t.Name, Named: t}); named.kind() {
	case String, Interned, Bool, Int, Int64, Array:
		return !strings.HasPrefix(named.resolve().Go, "api.") // which brings its own codec
	default:
		return false
	}
}

// sent reports whether a type can be the body of a request.
func (t *Type) sent() bool {
	switch {
	case t == nil:
		return false
	case t.Form == Alias && t.Is.Named != nil:
		return t.Is.Named.sent()
	default:
		return t.Form == Union || t.Form == RawUnion || t.Model() || t.Delegate()
	}
}

// AllConstant reports whether a model has only members with constant values.
func (t *Type) AllConstant() bool {
	return t.Model() && !slices.ContainsFunc(t.Fields, func(f *Field) bool { return f.Constant == nil })
}

// Unaliased is the type without the names that are only other names.
func (g GoType) Unaliased() string {
	switch {
	case g.Pointer:
		return "*" + g.Elem.Unaliased()
	case g.Named != nil && g.Named.Form == Alias:
		return g.Named.Is.Unaliased()
	case g.Named == nil && g.Elem != nil:
		return "[]" + g.Elem.Unaliased()
	default:
		return g.Go
	}
}

// resolve follows names down to what they stand for.
func (g GoType) resolve() GoType {
	for g.Named != nil && (g.Named.Form == Alias || g.Named.Form == Defined) {
		g = g.Named.Is
	}
	return g
}

// Struct is the struct behind a type; nil where there is none.
func (g GoType) Struct() *Type {
	if r := g.resolve(); r.Named != nil && r.Named.Form == Struct {
		return r.Named
	}
	return nil
}

// Link reports whether a type is a relation.
func (g GoType) Link() bool { return strings.HasPrefix(g.Go, "api.Link[") }
