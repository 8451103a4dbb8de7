package model

import "testing"

func TestPlacesOfFields(t *testing.T) {
	c := client(t)
	for member, want := range map[string]Place{
		"id":       {Kind: String, Go: "&v.ID"},
		"afloat":   {Kind: Bool, Go: "&v.Afloat"},
		"aliases":  {Kind: StringList, Go: "(*wire.StringsOf[string])(&v.Aliases)"},
		"built":    {Kind: String, Go: "(*string)(&v.Built)"},
		"engine":   {Kind: Nested, Go: "&v.Engine"},
		"home":     {Kind: Custom, Go: "&v.Home"},
		"kind":     {Kind: Interned, Go: "(*string)(&v.Kind)"},
		"masts":    {Kind: Int, Go: "&v.Masts"},
		"price":    {Kind: Custom, Go: "&v.Price"},
		"previous": {Kind: Pointer, Elem: Nested, Go: "wire.PointerTo[Engine]{Place: &v.Previous}"},
		"weight":   {Kind: Number, Go: "&v.Weight"},
	} {
		if got := c.byName["Boat"].Member(member).Place(); got != want {
			t.Errorf("%s: %+v, want %+v", member, got, want)
		}
	}
	list := c.byName["BoatPageEmbedded"].Member("boats").Place()
	if list != (Place{Kind: Array, Elem: Nested, Go: "(*wire.List[Boat])(&v.Boats)"}) {
		t.Errorf("a list: %+v", list)
	}
	if whole := c.byName["Names"]; !whole.Whole || whole.Place() != (Place{Kind: StringList, Go: "(*wire.StringsOf[string])(v)"}) {
		t.Errorf("an answer that is a list: %+v", whole.Place())
	}
}
