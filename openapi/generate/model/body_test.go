package model

import (
	"reflect"
	"testing"
)

func TestBodies(t *testing.T) {
	c := client(t)
	for method, want := range map[string]Body{
		"List":   {},
		"Create": {Type: "Boat", Kind: "json"},
		"Update": {Type: "Change", Kind: "json", Union: true},
		"Delete": {Type: "Sink", Kind: "json", Constant: true},
		"CreatePaper": {Type: "Paper", Kind: "Multipart", Parts: []Part{
			{Name: "file", Value: "body.File", File: true},
			{Name: "kind", Value: "string(body.Kind)"},
			{Name: "pages", Value: "fmt.Sprint(body.Pages)"},
			{Name: "version", Value: `"two"`},
		}},
	} {
		if got := operationOf(t, c, method).Body; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", method, got, want)
		}
	}
}

func TestAnswers(t *testing.T) {
	c := client(t)
	for method, want := range map[string][2]string{ // what is read, what a Location leads to
		"List": {"BoatPage", ""}, "Create": {"", "Boat"}, "Get": {"Boat", ""}, "Update": {"Names", ""}, "Delete": {"", ""},
	} {
		op := operationOf(t, c, method)
		if got := [2]string{op.Result.Go, op.Created}; got != want {
			t.Errorf("%s: %v, want %v", method, got, want)
		}
	}
	if operationOf(t, c, "List").Page == nil || operationOf(t, c, "Get").Page != nil {
		t.Error("Page is wrong")
	}
}
