package main

import (
	"fmt"
	"go/ast"
)

// A body or an answer need not be an object. Where it is a list or a single value, its named type gets a codec too.

// isPlain reports whether a type is a named list or value that the codec can read and write as a whole.
func (t *goTypes) isPlain(name string) bool {
	if !t.exists(name) || t.isModel(name) || t.delegates(name) || t.custom[name] {
		return false
	}
	c := &codecWriter{types: t}
	switch c.kind(ast.NewIdent(name)) {
	case kindString, kindBool, kindInt, kindSlice:
		_, foreign := t.resolve(ast.NewIdent(name)).(*ast.SelectorExpr)
		return !foreign // a type of package api brings its own
	default:
		return false
	}
}

// plainTypes are the plain types that operations send or answer with, in the order of the models.
func plainTypes(t *goTypes, p *plan) []string {
	used := map[string]bool{}
	for _, s := range p.Services {
		for _, m := range s.Methods {
			used[m.Result], used[m.Body] = true, true
		}
	}
	var out []string
	for _, name := range t.order {
		if used[name] && t.isPlain(name) {
			out = append(out, name)
		}
	}
	return out
}

const plainJSON = `
// UnmarshalJSON reads the value as the client does.
func (v *%[1]s) UnmarshalJSON(data []byte) error { return wire.UnmarshalJSON(data, v) }

// MarshalJSON writes the value as the client does.
func (v %[1]s) MarshalJSON() ([]byte, error) { return wire.Marshal(v) }
`

// plainCodec writes the codec of a plain type.
func plainCodec(t *goTypes, name string) string {
	c := &codecWriter{types: t}
	c.line("\n// DecodeWire reads the value; it is for the client.")
	c.line("func (v *%s) DecodeWire(d *wire.Decoder) {", name)
	c.decode("(*v)", ast.NewIdent(name))
	c.line("}\n\n// EncodeWire writes the value; it is for the client.")
	c.line("func (v %s) EncodeWire(e *wire.Encoder) {", name)
	c.encode("v", ast.NewIdent(name))
	c.line("}")
	return c.out.String() + fmt.Sprintf(plainJSON, name)
}
