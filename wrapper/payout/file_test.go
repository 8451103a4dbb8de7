package payout_test

import (
	"path/filepath"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
	"github.com/dwolla-go/dwolla-go/wrapper/payout/storetest"
)

func TestAFileKeepsWhatARunReliesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.db")
	storetest.Test(t, func(t testing.TB) payout.Store {
		s, err := payout.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
