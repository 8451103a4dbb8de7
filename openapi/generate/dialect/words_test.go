package dialect

import "testing"

func TestOneOfMany(t *testing.T) {
	for many, one := range map[string]string{"boats": "boat", "entries": "entry", "address": "address", "micro-deposits": "micro-deposits"} {
		if got := Singular(many); got != one {
			t.Errorf("one of %s is %s, want %s", many, got, one)
		}
	}
}

func TestMediaTypes(t *testing.T) {
	for media, want := range map[string][2]bool{
		"application/vnd.dwolla.v1.hal+json": {true, false}, "multipart/form-data": {false, true},
		"application/x-www-form-urlencoded": {false, true}, "text/csv": {false, false},
	} {
		if got := [2]bool{IsJSON(media), IsForm(media)}; got != want {
			t.Errorf("%s: JSON and form are %v, want %v", media, got, want)
		}
	}
}
