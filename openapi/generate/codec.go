package main

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// codec writes DecodeWire, EncodeWire, MarshalJSON and UnmarshalJSON for every model, and for the plain types.
func codec(t *goTypes, plain []string) string {
	var b strings.Builder
	for _, name := range t.order {
		switch {
		case t.isModel(name):
			c := &codecWriter{types: t}
			c.model(name)
			b.WriteString(c.out.String())
		case t.delegates(name):
			// A defined type over a model has none of its methods.
			base := exprString(t.specs[name].Type)
			fmt.Fprintf(&b, delegation, name, base)
		case t.custom[name]:
			fmt.Fprintf(&b, fallback, name)
		}
	}
	for _, name := range plain {
		b.WriteString(plainCodec(t, name))
	}
	return b.String()
}

const delegation = `
// DecodeWire reads the model; it is for the client.
func (v *%[1]s) DecodeWire(d *wire.Decoder) { (*%[2]s)(v).DecodeWire(d) }

// EncodeWire writes the model; it is for the client.
func (v %[1]s) EncodeWire(e *wire.Encoder) { %[2]s(v).EncodeWire(e) }

// UnmarshalJSON reads the model as the client does.
func (v *%[1]s) UnmarshalJSON(data []byte) error { return wire.UnmarshalJSON(data, v) }

// MarshalJSON writes the model as the client does.
func (v %[1]s) MarshalJSON() ([]byte, error) { return wire.Marshal(v) }
`

const fallback = `
// DecodeWire reads the union; it is for the client.
func (v *%[1]s) DecodeWire(d *wire.Decoder) { d.Any(v) }

// EncodeWire writes the union; it is for the client.
func (v %[1]s) EncodeWire(e *wire.Encoder) { e.Any(v) }
`

// delegates reports whether a type is defined over a model of another name.
func (t *goTypes) delegates(name string) bool {
	spec := t.specs[name]
	id, ok := spec.Type.(*ast.Ident)
	return ok && !spec.Assign.IsValid() && t.isModel(id.Name)
}

type codecWriter struct {
	types *goTypes
	out   strings.Builder
	depth int
}

func (c *codecWriter) line(format string, args ...any) {
	fmt.Fprintf(&c.out, format+"\n", args...)
}

func (c *codecWriter) model(name string) {
	members := fields(c.types.structOf(ast.NewIdent(name)))
	c.line("\n// DecodeWire reads the model; it is for the client.")
	c.line("func (v *%s) DecodeWire(d *wire.Decoder) {", name)
	c.line("if !d.BeginObject() {\nreturn\n}")
	if len(members) > 0 {
		c.line("var seen [%d]uint64", (len(members)+63)/64)
	}
	c.line("for d.NextMember() {")
	c.line("switch string(d.Key()) {")
	for i, f := range members {
		c.line("case %q:", f.JSON)
		c.line("d.Once(&seen[%d], %d)", i/64, i%64)
		if f.Const != "" {
			c.line("d.Skip()")
			continue
		}
		c.decode("v."+f.Name, f.Type)
	}
	c.line("default:\nd.Member((*wire.Members)(&v.Extra))\n}\n}\n}")

	c.line("\n// EncodeWire writes the model; it is for the client.")
	c.line("func (v %s) EncodeWire(e *wire.Encoder) {", name)
	c.line("start := e.Mark()\ne.BeginObject()")
	for _, f := range members {
		if f.Const != "" {
			c.line("e.Key(`%s:`)", strconv.Quote(f.JSON))
			c.line("%s", constant(f))
			continue
		}
		c.member("v."+f.Name, f)
	}
	c.line("e.Members(start, wire.Members(v.Extra))\ne.EndObject()\n}")

	c.line(`
// UnmarshalJSON reads the model as the client does, which is stricter than encoding/json: keys in their exact
// case, no duplicates.
func (v *%[1]s) UnmarshalJSON(data []byte) error { return wire.UnmarshalJSON(data, v) }

// MarshalJSON writes the model as the client does: what is zero is left out, unknown members are kept.
func (v %[1]s) MarshalJSON() ([]byte, error) { return wire.Marshal(v) }`, name)

	if item, ok := c.types.pageItem(name); ok {
		next := "v.Links.Next.Href"
		if c.types.linksAreMap(name) {
			next = `v.Links["next"].Href`
		} else if !c.types.hasNext(name) {
			next = `""`
		}
		c.line("\n// Items are the entries of the page.")
		c.line("func (v %s) Items() []%s { return v.%s }", name, item, c.types.embeddedField(name))
		c.line("\n// NextHref is where the following page is; empty on the last one.")
		c.line("func (v %s) NextHref() string { return %s }", name, next)
	}
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

func constant(f field) string {
	switch f.Const {
	case "true", "false":
		return "e.Bool(" + f.Const + ")"
	default:
		return "e.String(" + strconv.Quote(f.Const) + ")"
	}
}

// kinds of Go types that the codec tells apart
const (
	kindString = iota
	kindBool
	kindInt
	kindNumber
	kindRaw
	kindStringMap
	kindModel // has DecodeWire and EncodeWire
	kindLinks // a map that has them
	kindSlice
	kindPointer
	kindOther // encoding/json
)

func (c *codecWriter) kind(e ast.Expr) int {
	switch exprString(e) {
	case "api.Money", "api.ErrorBody", "api.FieldError", "api.Object":
		return kindModel
	case "api.Links":
		return kindLinks
	case "api.Time", "api.Date":
		return kindString
	case "json.Number":
		return kindNumber
	case "json.RawMessage":
		return kindRaw
	}
	if index, ok := e.(*ast.IndexExpr); ok && exprString(index.X) == "api.Link" {
		return kindModel
	}
	if id, ok := e.(*ast.Ident); ok {
		if spec := c.types.specs[id.Name]; spec != nil {
			switch {
			case spec.Assign.IsValid():
				return c.kind(spec.Type)
			case c.types.isModel(id.Name), c.types.delegates(id.Name):
				return kindModel
			case c.types.custom[id.Name]:
				return kindModel
			}
			switch k := c.kind(spec.Type); k {
			case kindString, kindBool, kindInt:
				return k
			case kindSlice:
				return k
			default:
				return kindOther
			}
		}
	}
	switch e := e.(type) {
	case *ast.Ident:
		switch e.Name {
		case "string":
			return kindString
		case "bool":
			return kindBool
		case "int":
			return kindInt
		}
	case *ast.ArrayType:
		return kindSlice
	case *ast.StarExpr:
		return kindPointer
	case *ast.MapType:
		if exprString(e) == "map[string]string" {
			return kindStringMap
		}
	}
	return kindOther
}

// decode writes the code that reads the next value into target.
func (c *codecWriter) decode(target string, e ast.Expr) {
	switch c.kind(e) {
	case kindString:
		read := "d.String()"
		name := exprString(e)
		if c.isNamed(e) && name != "string" && name != "api.Time" && name != "api.Date" {
			read = "d.Name()"
		}
		c.line("%s = %s", target, convert(name, "string", read))
	case kindBool:
		c.line("%s = %s", target, convert(exprString(e), "bool", "d.Bool()"))
	case kindInt:
		c.line("%s = %s", target, convert(exprString(e), "int", "d.Int()"))
	case kindNumber:
		c.line("%s = d.Number()", target)
	case kindRaw:
		c.line("%s = d.Raw()", target)
	case kindStringMap:
		c.line("%s = d.StringMap()", target)
	case kindModel, kindLinks:
		c.line("%s.DecodeWire(d)", target)
	case kindPointer:
		c.depth++
		elem := e.(*ast.StarExpr).X
		c.line("if d.Kind() == 'n' {\nd.Skip()\n} else {")
		c.line("%s = new(%s)", target, exprString(elem))
		if k := c.kind(elem); k == kindModel || k == kindLinks {
			c.line("%s.DecodeWire(d)", target)
		} else {
			c.decode("*"+target, elem)
		}
		c.line("}")
		c.depth--
	case kindSlice:
		c.depth++
		elem := c.elem(e)
		i := fmt.Sprintf("i%d", c.depth)
		c.line("if d.BeginArray() {\n%s = %s{}\nfor d.NextElement() {\nd.Bound(len(%[1]s))", target, exprString(e))
		c.line("var zero %s\n%s = append(%s, zero)\n%s := len(%s) - 1", exprString(elem), target, target, i, target)
		c.decode(target+"["+i+"]", elem)
		c.line("}\n}")
		c.depth--
	default:
		c.line("d.Any(&%s)", target)
	}
}

func (c *codecWriter) elem(e ast.Expr) ast.Expr {
	return c.types.resolve(e).(*ast.ArrayType).Elt
}

func (c *codecWriter) isNamed(e ast.Expr) bool {
	_, ok := e.(*ast.Ident)
	return ok
}

func convert(goType, base, expr string) string {
	if goType == base {
		return expr
	}
	return goType + "(" + expr + ")"
}

// member writes the code that writes one member unless it is zero. A required flag or number is written even so: its
// zero is a value like any other.
func (c *codecWriter) member(target string, f field) {
	key, e := fmt.Sprintf("e.Key(`%s:`)", strconv.Quote(f.JSON)), f.Type
	kind := c.kind(e)
	if f.Required && (kind == kindBool || kind == kindInt) {
		c.line("%s", key)
		c.encode(target, e)
		return
	}
	guard := ""
	switch kind {
	case kindString, kindNumber:
		guard = target + ` != ""`
	case kindBool:
		guard = target
		if exprString(e) != "bool" {
			guard = "bool(" + target + ")"
		}
	case kindInt:
		guard = target + " != 0"
	case kindRaw, kindStringMap, kindSlice, kindLinks:
		guard = "len(" + target + ") > 0"
	case kindModel:
		c.line("{\nmark := e.Mark()\n%s\n%s.EncodeWire(e)\ne.DropEmpty(mark)\n}", key, target)
		return
	case kindPointer:
		guard = target + " != nil"
	default:
		c.line("{\nmark := e.Mark()\n%s\ne.Any(%s)\ne.DropEmpty(mark)\n}", key, target)
		return
	}
	c.line("if %s {\n%s", guard, key)
	c.encode(target, e)
	c.line("}")
}

// encode writes the code that writes a value.
func (c *codecWriter) encode(target string, e ast.Expr) {
	switch c.kind(e) {
	case kindString:
		c.line("e.String(%s)", unconvert(exprString(e), "string", target))
	case kindBool:
		c.line("e.Bool(%s)", unconvert(exprString(e), "bool", target))
	case kindInt:
		c.line("e.Int(%s)", unconvert(exprString(e), "int", target))
	case kindNumber:
		c.line("e.Number(%s)", target)
	case kindRaw:
		c.line("e.Raw(%s)", target)
	case kindStringMap:
		c.line("e.StringMap(%s)", target)
	case kindModel, kindLinks:
		c.line("%s.EncodeWire(e)", target)
	case kindPointer:
		elem := e.(*ast.StarExpr).X
		if k := c.kind(elem); k == kindModel || k == kindLinks {
			c.line("%s.EncodeWire(e)", target)
		} else {
			c.encode("*"+target, elem)
		}
	case kindSlice:
		c.depth++
		i := fmt.Sprintf("i%d", c.depth)
		c.line("e.BeginArray()\nfor %s := range %s {\ne.Element()", i, target)
		c.encode(target+"["+i+"]", c.elem(e))
		c.line("}\ne.EndArray()")
		c.depth--
	default:
		c.line("e.Any(%s)", target)
	}
}

func unconvert(goType, base, expr string) string {
	if goType == base {
		return expr
	}
	return base + "(" + expr + ")"
}
