package payout_test

import (
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
	"github.com/dwolla-go/dwolla-go/wrapper/payout/storetest"
)

func TestTheStoreOfTheOtherTestsIsOne(t *testing.T) {
	memories := map[testing.TB]payout.Store{}
	storetest.Test(t, func(t testing.TB) payout.Store {
		if memories[t] == nil {
			memories[t] = payout.MemoryStore()
		}
		return memories[t]
	})
}
