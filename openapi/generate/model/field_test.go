package model

import "testing"

func TestWhatTheCodecAsksOfAField(t *testing.T) {
	c := client(t)
	boat := c.byName["Boat"]
	if got := boat.Member("id").Key(); got != "`\"id\":`" {
		t.Errorf("the key is %s", got)
	}
	if !boat.Member("masts").WrittenZero() || !boat.Member("afloat").WrittenZero() || boat.Member("id").WrittenZero() {
		t.Error("WrittenZero is wrong")
	}
	for _, constant := range []struct {
		value any
		want  string
	}{{true, "true"}, {"a\"b", `"a\"b"`}, {3.0, "3"}} {
		if got, err := (&Field{Constant: constant.value}).ConstantJSON(); got != constant.want || err != nil {
			t.Errorf("%v is %s, want %s", constant.value, got, constant.want)
		}
	}
}

func TestModelsThatTheCodecCannotDescribe(t *testing.T) {
	if err := (&Type{Fields: []*Field{{JSON: "a\"b"}}}).check(); err == nil {
		t.Error("a name that needs escapes is no error")
	}
	if err := (&Type{Fields: make([]*Field, 300)}).check(); err == nil {
		t.Error("300 members are no error")
	}
}
