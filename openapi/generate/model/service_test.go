package model

import (
	"strings"
	"testing"
)

func TestParametersAreSentWhenTheyAreSet(t *testing.T) {
	list := operationOf(t, client(t), "List")
	want := []Param{
		{Name: "limit", Set: "p.Limit != 0", Value: "p.Limit", Style: "form", Explode: true, Type: "integer", Max: 50},
		{Name: "offset", Set: "p.Offset != 0", Value: "p.Offset", Style: "form", Explode: true, Type: "integer"},
		{Name: "kind", Set: "len(p.Kind) > 0", Value: "p.Kind", Style: "form", Explode: true, Type: "array"},
		{Name: "afloat", Set: "p.Afloat != nil", Value: "*p.Afloat", Style: "form", Explode: true, Type: "boolean", Optional: true},
	}
	for i, p := range list.Query {
		if p != want[i] {
			t.Errorf("%+v, want %+v", p, want[i])
		}
	}
	if !list.Windowed() || list.All != "All" {
		t.Errorf("limit and offset choose no part: %+v", list)
	}
}

func TestOperationsAreInTheOrderOfTheirPaths(t *testing.T) {
	var got []string
	for _, op := range client(t).Services[0].Operations {
		got = append(got, op.Name)
	}
	if got := strings.Join(got, " "); got != "Create List Update Get Delete CreatePaper" {
		t.Errorf("got %s", got)
	}
}

func TestWhatAnOperationNeeds(t *testing.T) {
	c := client(t)
	if op := operationOf(t, c, "Delete"); !op.Slow || !op.Public {
		t.Errorf("%+v", op)
	}
	if op := operationOf(t, c, "Get"); op.Slow || op.Public {
		t.Errorf("%+v", op)
	}
}

func TestEqualNamesAreAnErrorUnlessMethodsMayBeRenamed(t *testing.T) {
	text := strings.Replace(boats, "x-go-slow: true", "x-go-method: Get", 1)
	if _, err := clientOf(t, text, Options{}); err == nil || !strings.Contains(err.Error(), "x-go-method") {
		t.Errorf("the error does not say what to do: %v", err)
	}
	c, err := clientOf(t, text, Options{Rename: true})
	if err != nil {
		t.Fatal(err)
	}
	operationOf(t, c, "GetBoat")
	operationOf(t, c, "SinkBoat")
}
