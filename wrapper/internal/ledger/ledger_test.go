package ledger_test

import (
	"slices"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/ledger"
)

func TestALedgerFindsWhatWasPaidTwice(t *testing.T) {
	var l ledger.Ledger
	for _, key := range []string{"a", "b", "a", "c", "a"} {
		l.Pay(ledger.Payment{Key: key})
	}
	if got := l.Twice(func(p ledger.Payment) string { return p.Key }); !slices.Equal(got, []string{"a"}) {
		t.Errorf("got %q", got)
	}
	if l.Len() != 5 || l.Payments()[0].ID == l.Payments()[1].ID {
		t.Errorf("got %v", l.Payments())
	}
	if l.Forget(); l.Len() != 0 {
		t.Errorf("%d payments are left", l.Len())
	}
}
