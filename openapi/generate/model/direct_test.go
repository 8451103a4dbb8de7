package model

import "testing"

func TestElementsOfLongListsAreWrittenDirectly(t *testing.T) {
	c := client(t)
	if !c.byName["Item"].Direct || c.byName["Boat"].Direct {
		t.Error("Direct is wrong")
	}
	w := c.byName["Item"].Writer()
	if w.Go != "v" || len(w.Writes) != 4 {
		t.Fatalf("%+v", w)
	}
	if extras := "len(v.Extra) + len(v.Home.Extra)"; w.Extras() != extras {
		t.Errorf("the unknown members: %s, want %s", w.Extras(), extras)
	}
	engine, home, name := w.Writes[0], w.Writes[1], w.Writes[2]
	if engine.Filled != `len(v.Engine.Extra) > 0 || v.Engine.Maker != "" || v.Engine.Power != ""` || engine.Writes != nil {
		t.Errorf("a model of texts: %+v", engine)
	}
	if home.Filled != "" || len(home.Writes) != 1 || home.Writes[0].Go != "v.Home.Harbour" {
		t.Errorf("a model of which only writing shows whether it is empty: %+v", home)
	}
	if name.Kind != String || name.Key != "`\"name\":`" {
		t.Errorf("a text: %+v", name)
	}
}
