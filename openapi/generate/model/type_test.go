package model

import "testing"

func TestTypesHaveTheirForms(t *testing.T) {
	c := client(t)
	for name, want := range map[string]Form{
		"Boat": Struct, "Kind": Defined, "Money": Alias, "Change": Union, "Answer": RawUnion, "ListBoatsParams": Struct,
	} {
		if got := c.byName[name]; got == nil || got.Form != want {
			t.Errorf("%s: %+v, want the form %s", name, got, want)
		}
	}
	if p := c.byName["ListBoatsParams"]; !p.Params || p.Model() || p.Of != operationOf(t, c, "List") {
		t.Errorf("the parameters are %+v", p)
	}
	if u := c.byName["Change"]; len(u.Members) != 2 || u.Members[0] != "Rename" {
		t.Errorf("the union is %+v", u)
	}
	if k := c.byName["Kind"]; len(k.Values) != 2 || k.Values[0] != (Value{"KindOar", `"oar"`}) {
		t.Errorf("the enumeration is %+v", k)
	}
}

func TestFieldsAreThePropertiesOfTheirSchema(t *testing.T) {
	c := client(t)
	boat := c.byName["Boat"]
	if f := boat.Member("id"); f.Name != "ID" || f.Description != "Its id." || f.Required || boat.ID() != f {
		t.Errorf("the id is %+v", f)
	}
	for member, want := range map[string]string{
		"built": "api.Date", "engine": "Engine", "previous": "*Engine", "home": "api.Link[Harbour]", "weight": "json.Number", "aliases": "Names",
	} {
		if got := boat.Member(member).Type.Go; got != want {
			t.Errorf("%s is a %s, want %s", member, got, want)
		}
	}
	if boat.Member("none") != nil {
		t.Error("there is a member that the schema does not have")
	}
	if got := c.byName["Engine"].Member("maker").Deprecated; got != "Deprecated: ask the harbour" {
		t.Errorf("deprecated: %q", got)
	}
	if !c.byName["Sink"].AllConstant() || boat.AllConstant() {
		t.Error("AllConstant is wrong")
	}
}

func TestAPageHasLinksAndOneEmbeddedList(t *testing.T) {
	c := client(t)
	page := c.byName["BoatPage"].Page
	if page == nil {
		t.Fatal("no page")
	}
	if page.Item.Go != "Boat" || page.Items != "v.Embedded.Boats" || page.Next != "v.Links.Next.Href" || !page.Total || !page.ItemID {
		t.Errorf("the page is %+v", page)
	}
	if page.MaxPage != 50 || page.ListLimit != 500 {
		t.Errorf("the limits are %d and %d", page.MaxPage, page.ListLimit)
	}
	if c.byName["Boat"].Page != nil {
		t.Error("a boat is a page")
	}
}

func TestNamesAreFollowedToWhatTheyStandFor(t *testing.T) {
	c := client(t)
	names := GoType{Go: "Names", Named: c.byName["Names"]}
	if got := names.Unaliased(); got != "Names" {
		t.Errorf("the answer of an operation is a type of its own, got %s", got)
	}
	if got := (GoType{Go: "Money", Named: c.byName["Money"]}).Unaliased(); got != "api.Money" {
		t.Errorf("got %s", got)
	}
	if names.Struct() != nil || (GoType{Go: "Boat", Named: c.byName["Boat"]}).Struct() != c.byName["Boat"] {
		t.Error("Struct is wrong")
	}
}
