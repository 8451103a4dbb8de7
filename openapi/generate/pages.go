package main

import (
	"fmt"
	"go/ast"
	"strings"
)

// paging writes what a walk over pages asks of a page and of the parameters of its list.
func paging(t *goTypes, p *plan) string {
	var b strings.Builder
	maxPage, listLimit := map[string]int{}, map[string]int{} // by the type of the page
	for _, s := range p.Services {
		for _, m := range s.Methods {
			if m.Page && m.windowed() {
				maxPage[m.Result] = m.maxPage()
				listLimit[m.Result] = m.ListLimit
				fmt.Fprintf(&b, windowMethods, m.Params)
			}
		}
	}
	for _, name := range t.order {
		item, ok := t.pageItem(name)
		if !ok || !t.isModel(name) {
			continue
		}
		count, id := "0", `""`
		if hasField(t, name, "total", "int") {
			count = "v.Total"
		}
		if hasField(t, item, "id", "string") {
			id = "v." + t.embeddedField(name) + "[i].ID"
		}
		fmt.Fprintf(&b, pageMethods, name, count, id, maxPage[name], listLimit[name])
	}
	return b.String()
}

// windowed reports whether a list takes limit and offset.
func (m *method) windowed() bool {
	found := 0
	for _, q := range m.Op.QueryParams {
		if (q.ParamName == "limit" || q.ParamName == "offset") && q.SchemaType() == "integer" && q.SchemaFormat() == "" && !q.HasOptionalPointer() {
			found++
		}
	}
	return found == 2
}

// maxPage is the largest limit that a list takes; 0 where the contract does not say.
func (m *method) maxPage() int {
	for _, q := range m.Op.QueryParams {
		if q.ParamName == "limit" && q.Spec.Schema.Value.Max != nil {
			return int(*q.Spec.Schema.Value.Max)
		}
	}
	return 0
}

func hasField(t *goTypes, name, member, goType string) bool {
	s := t.structOf(ast.NewIdent(name))
	if s == nil {
		return false
	}
	for _, f := range fields(s) {
		if f.JSON == member && exprString(f.Type) == goType {
			return true
		}
	}
	return false
}

const windowMethods = `
// Window is the part of the list that is asked for.
func (p %[1]s) Window() (limit, offset int) { return p.Limit, p.Offset }

// WithWindow asks for another part of the list.
func (p %[1]s) WithWindow(limit, offset int) call.Encoder {
	p.Limit, p.Offset = limit, offset
	return p
}
`

const pageMethods = `
// Count is how many entries all pages hold together, as far as the page says.
func (v %[1]s) Count() int { return %[2]s }

// ItemID is the id of an entry of the page; empty where entries have none.
func (v %[1]s) ItemID(i int) string { return %[3]s }

// MaxPage is the largest limit that the list takes; 0 where it takes no limit and offset.
func (%[1]s) MaxPage() int { return %[4]d }

// ListLimit is how many entries of the list can be read; 0 is all.
func (%[1]s) ListLimit() int { return %[5]d }
`
