package dwollatest

import (
	"maps"
	"slices"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

// elsewhere are the operations that the server carries out without the state.
var elsewhere = []string{"createToken"}

func TestEveryOperationOfTheContractHasABehavior(t *testing.T) {
	doc, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	have := behaviors()
	for _, name := range elsewhere {
		have[name] = nil
	}
	total := 0
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			total++
			if _, ok := have[op.OperationID]; !ok {
				t.Errorf("%s (%s %s) has no behavior", op.OperationID, method, path)
			}
			delete(have, op.OperationID)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		t.Errorf("%s is not in the contract", name)
	}
	t.Logf("%d operations", total)
}
