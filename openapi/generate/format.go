package main

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// formatting keeps the data of every struct out of texts and logs, see package show.
func formatting(t *goTypes) (string, error) {
	var b strings.Builder
	for _, name := range t.order {
		s := t.structOf(ast.NewIdent(name))
		if s == nil || t.specs[name].Assign.IsValid() {
			continue
		}
		for _, f := range s.Fields.List {
			for _, id := range f.Names {
				if slices.Contains([]string{"Format", "String", "LogValue"}, id.Name) {
					return "", fmt.Errorf("%s: member %s has the name of a method; give it x-go-name", name, id.Name)
				}
			}
		}
		receiver, id := name, `""`
		if i := slices.IndexFunc(fields(s), func(f field) bool { return f.JSON == "id" && f.Const == "" && exprString(f.Type) == "string" }); i >= 0 {
			receiver, id = "v "+name, "v."+fields(s)[i].Name
		}
		fmt.Fprintf(&b, textMethods, receiver, name, id)
		if !t.hidesItself(name) {
			fmt.Fprintf(&b, formatMethod, receiver, name, id)
		}
	}
	return b.String(), nil
}

// hidesItself reports whether a struct is a model made of links and other models, lists of them included. What its String
// leaves to package fmt, such as %#v, are only these, which all have a Format or hide themselves; a Format of its own would
// take a program's first build longer.
func (t *goTypes) hidesItself(name string) bool {
	if !t.isModel(name) {
		return false
	}
	for _, f := range fields(t.structOf(ast.NewIdent(name))) {
		part := f.Type
		if list, ok := part.(*ast.ArrayType); ok {
			part = list.Elt
		}
		if id, ok := part.(*ast.Ident); !linkType(part) && (!ok || !t.isModel(id.Name)) {
			return false
		}
	}
	return true
}

const formatMethod = `
// Format writes the type and the id, whatever the verb.
func (%[1]s) Format(s fmt.State, _ rune) { show.Format(s, %[2]q, %[3]s) }
`

const textMethods = `
// String gives the type and the id.
func (%[1]s) String() string { return show.String(%[2]q, %[3]s) }

// LogValue is the type and the id.
func (%[1]s) LogValue() slog.Value { return show.Value(%[2]q, %[3]s) }
`
