package wire_test

import (
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/wire"
)

func TestInternedStringsAreShared(t *testing.T) {
	doc := []byte(`["processed","pending","processed","application/vnd.dwolla.v1.hal+json"]`)
	d := wire.NewDecoder(nil)
	read := func() {
		d.Reset(doc)
		for d.BeginArray(); d.NextElement(); {
			d.Interned()
		}
	}
	if allocs := testing.AllocsPerRun(100, read); allocs != 0 {
		t.Errorf("got %v allocations a run, want none once the strings are known", allocs)
	}
}
