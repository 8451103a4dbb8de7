package model

import "fmt"

// A Kind is the name of a wire.Kind.
type Kind string

// The kinds that the codec has.
const (
	String     Kind = "String"
	Interned   Kind = "Interned"
	Bool       Kind = "Bool"
	Int        Kind = "Int"
	Int64      Kind = "Int64"
	Number     Kind = "Number"
	Raw        Kind = "Raw"
	StringMap  Kind = "StringMap"
	StringList Kind = "StringList"
	Array      Kind = "Array"
	Pointer    Kind = "Pointer"
	Nested     Kind = "Nested"
	Custom     Kind = "Custom"
	Other      Kind = "Other"
)

// kindOf are the kinds of types that the generated package does not declare.
var kindOf = map[string]Kind{
	"string": String, "bool": Bool, "int": Int, "int64": Int64, "map[string]string": StringMap,
	"json.Number": Number, "json.RawMessage": Raw,
	"api.Time": String, "api.Date": String,
	"api.Money": Custom, "api.ErrorBody": Custom, "api.FieldError": Custom, "api.Object": Custom, "api.Links": Custom,
}

// kind is the kind of a type.
func (g GoType) kind() Kind {
	switch kind, ok := kindOf[g.Go]; {
	case ok:
		return kind
	case g.Named != nil:
		return g.Named.kind()
	case g.Link():
		return Custom
	case g.Pointer:
		return Pointer
	case g.Elem != nil:
		return Array
	default:
		return Other
	}
}

func (t *Type) kind() Kind {
	switch {
	case t.Form == Alias:
		return t.Is.kind()
	case t.Model(), t.Delegate():
		return Nested
	case t.Form != Defined:
		return Other
	}
	switch kind := t.Is.kind(); kind {
	case String:
		if t.Is.Go == "string" || t.Is.Named != nil {
			return Interned
		}
		return String
	case Interned, Bool, Int, Int64, Array:
		return kind
	default:
		return Other
	}
}

// A Place is a variable as the table of its model describes it.
type Place struct {
	Kind, Elem Kind
	Go         string // the pointer to it, of the type that the kind says
}

// Place is the place of a field of v.
func (f *Field) Place() Place { return f.Type.place("&v." + f.Name) }

// Place is the place of *v.
func (t *Type) Place() Place { return GoType{Go: t.Name, Named: t}.place("v") }

// place describes what a pointer to the type points to.
func (g GoType) place(pointer string) Place {
	if g.Named != nil && g.Named.Form == Alias {
		p := g.Named.Is.place(pointer)
		if p.Kind == String {
			p.Kind = Interned // the values of a type with a name, such as a correlation id, often repeat
		}
		return p
	}
	kind := g.kind()
	p := Place{Kind: kind, Go: pointer}
	as := func(goType string) Place {
		if g.Go != goType {
			p.Go = "(*" + goType + ")(" + pointer + ")"
		}
		return p
	}
	switch kind {
	case String, Interned:
		return as("string")
	case Bool:
		return as("bool")
	case Int:
		return as("int")
	case Int64:
		return as("int64")
	case Array: // one level is all that a table describes
		elem := *g.resolve().Elem
		switch at := elem.place("&x"); {
		case at.Kind == String || at.Kind == Interned:
			return Place{Kind: StringList, Go: fmt.Sprintf("(*wire.StringsOf[%s])(%s)", elem.Go, pointer)}
		case at.Go == "&x" && at.Elem == "":
			return Place{Kind: Array, Elem: at.Kind, Go: fmt.Sprintf("(*wire.List[%s])(%s)", elem.Go, pointer)}
		}
		p.Kind = Other
	case Pointer:
		p.Elem, p.Go = Other, fmt.Sprintf("wire.PointerTo[%s]{Place: %s}", g.Elem.Go, pointer)
		if at := g.Elem.place("&x"); at.Go == "&x" && at.Elem == "" {
			p.Elem = at.Kind
		}
	}
	return p
}
