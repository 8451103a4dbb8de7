package main

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// formatting keeps the data of every struct out of texts and logs, see package redact.
func formatting(t *goTypes) (string, error) {
	var b strings.Builder
	b.WriteString(formatComment)
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
	}
	return b.String(), nil
}

const formatComment = `
// Every struct is printed and logged by its type and id alone, whatever the verb.
`

const textMethods = `
func (%[1]s) String() string { return redact.String(%[2]q, %[3]s) }
func (%[1]s) Format(s fmt.State, _ rune) { redact.Format(s, %[2]q, %[3]s) }
func (%[1]s) LogValue() slog.Value { return redact.Value(%[2]q, %[3]s) }
`
