package write

import (
	"testing"

	"github.com/dwolla-go/dwolla-go/openapi/generate/model"
)

func TestListings(t *testing.T) {
	links := &model.Type{Name: "BoatLinks", Form: model.Struct, Fields: []*model.Field{{JSON: "home", Name: "Home", Description: "Where it lies. Mostly.", Type: model.GoType{Go: "api.Link[Harbour]"}}}}
	boat := &model.Type{Name: "Boat", Form: model.Struct, Fields: []*model.Field{
		{JSON: "_links", Name: "Links", Type: model.GoType{Go: "BoatLinks", Named: links}},
		{JSON: "price", Name: "Price", Description: "What it costs.", Type: model.GoType{Go: "api.Money"}},
		{JSON: "sunk", Constant: true},
	}}
	kind := &model.Type{Name: "Kind", Values: []model.Value{{Name: "KindOar", Go: `"oar"`}}}
	page := &model.Page{Item: model.GoType{Go: "Boat"}}
	boats := &model.Service{Type: "BoatsService", Operations: []*model.Operation{
		{Name: "List", All: "All", Summary: "List boats", Result: model.GoType{Go: "BoatPage"}, Page: page},
		{Name: "Create", Summary: "Create a boat", Created: "Boat"},
	}}
	for want, of := range map[string]any{
		"//\ttype Boat struct {\n//\t    Links struct { // BoatLinks\n//\t        Home Link[Harbour] // Where it lies.\n//\t    }\n//\t    Price Money // What it costs.\n//\t}": boat,
		"//\tKindOar = \"oar\"": kind,
		"//\t// List boats.\n//\tList(ctx context.Context, opts ...CallOption) (*BoatPage, error)\n" +
			"//\t// Every entry of List, page by page.\n//\tAll(ctx context.Context, opts ...CallOption) iter.Seq2[Boat, error]\n" +
			"//\t// Create a boat.\n//\tCreate(ctx context.Context, opts ...CallOption) (*Ref[Boat], error)": boats,
		"": &model.Type{Name: "Names", Form: model.Defined},
	} {
		if got := Listing(of); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

func TestSummariesAreTheFirstSentence(t *testing.T) {
	for text, want := range map[string]string{
		"One. Two.": "One.", "One of `a - . _`. Two": "One of `a - . _`.", "One\n  line": "One line", "": "",
	} {
		if got := summary(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
