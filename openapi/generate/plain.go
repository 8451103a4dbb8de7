package main

import (
	"fmt"
	"go/ast"
	"strings"
)

// A body or an answer need not be an object. Where it is a list or a single value, its named type gets a codec too.

// isPlain reports whether a type is a named list or value that the codec can read and write as a whole.
func (t *goTypes) isPlain(name string) bool {
	if !t.exists(name) || t.isModel(name) || t.delegates(name) || t.custom[name] {
		return false
	}
	switch t.kind(ast.NewIdent(name)) {
	case "String", "Interned", "Bool", "Int", "Int64", "Array":
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

// plainCodec writes the codec of a plain type.
func (t *goTypes) plainCodec(name string) string {
	p := t.place("(*v)", ast.NewIdent(name))
	kinds := "wire." + p.kind + ", 0"
	if p.elem != "" {
		kinds = "wire." + p.kind + ", wire." + p.elem
	}
	return fmt.Sprintf(plainMethods, name, strings.ReplaceAll(p.expr, "&(*v)", "v"), kinds) + fmt.Sprintf(jsonMethods, name)
}

const plainMethods = `
// DecodeWire reads the value; it is for the client.
func (v *%[1]s) DecodeWire(d *wire.Decoder) { d.Place(%[2]s, %[3]s) }

// EncodeWire writes the value; it is for the client.
func (v *%[1]s) EncodeWire(e *wire.Encoder) { e.Place(%[2]s, %[3]s) }
`
