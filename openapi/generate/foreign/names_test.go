package foreign

import (
	"reflect"
	"testing"
)

func TestMembersHaveNamesOfTheirOwn(t *testing.T) {
	o := parse(t, `{properties: {_links: {x-go-name: Links}, links: {}, _embedded: {}, count: {}, extra: {}, plain: {}}}`)
	DistinctMembers(o)
	want := parse(t, `{properties: {_links: {x-go-name: Links}, links: {x-go-name: LinksMember}, _embedded: {},
		count: {x-go-name: CountMember}, extra: {x-go-name: ExtraMember}, plain: {}}}`)
	if !reflect.DeepEqual(o, want) {
		t.Errorf("got %v, want %v", o, want)
	}
}
