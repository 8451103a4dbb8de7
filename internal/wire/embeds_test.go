package wire_test

import (
	"reflect"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

type (
	embedsModel struct {
		inner
		Note string
	}
	embedsPointer struct {
		*account
		Note string
	}
	embedsBoth struct { // no method is promoted, since there are two of each
		inner
		everything
	}
	chain struct {
		Next  *chain
		Until map[string]embedsModel
	}
	ring struct{ Next *ring }
)

func TestATypeThatEmbedsOneOfTheCodecIsFoundAtAnyDepth(t *testing.T) {
	for name, c := range map[string]struct {
		v    any
		want bool
	}{
		"a model":                       {embedsModel{}, true},
		"a pointer to a custom type":    {embedsPointer{}, true},
		"in a field":                    {struct{ X embedsModel }{}, true},
		"in a slice of a field":         {struct{ X []embedsModel }{}, true},
		"in an array":                   {[2]embedsModel{}, true},
		"in a map":                      {map[string]*embedsModel{}, true},
		"in an embedded struct":         {struct{ chain }{}, true},
		"in a type that holds itself":   {chain{}, true},
		"a type that only holds itself": {ring{}, false},
		"a model itself":                {everything{}, false},
		"models":                        {map[string][]inner{}, false},
		"a field of a model":            {struct{ X inner }{}, false},
		"two models":                    {embedsBoth{}, false},
		"a field that is not encoded": {struct {
			X embedsModel `json:"-"`
			y embedsModel
		}{}, false},
		"an interface": {struct{ X any }{embedsModel{}}, false},
		"a number":     {1, false},
	} {
		for range 2 { // the second answer is a remembered one
			if got := wire.Embeds(reflect.TypeOf(c.v)); got != c.want {
				t.Errorf("%s: %t", name, got)
			}
		}
	}
	if wire.Embeds(nil) {
		t.Error("nil")
	}
}
