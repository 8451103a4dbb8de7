package model

import "strings"

// Twin is the type that a field has in the twin of its model: a struct without methods, which tests give to
// encoding/json.
func (g GoType) Twin() string {
	switch {
	case g.Pointer:
		return "*" + g.Elem.Twin()
	case g.Link():
		return "twinLink"
	case g.Go == "api.Money", g.Go == "api.FieldError":
		return "twin" + strings.TrimPrefix(g.Go, "api.")
	case g.Go == "api.Links":
		return "map[string]twinLink"
	case g.Named != nil && g.Named.Model():
		return "twin" + g.Go
	case g.Named != nil && (g.Named.Form == Alias || g.Named.Form == Defined):
		return g.Named.Is.Twin()
	case g.Elem != nil:
		return "[]" + g.Elem.Twin()
	default:
		return g.Go
	}
}
