package dwolla

import (
	"errors"
	"fmt"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/call"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestTheIdempotencyCacheForgetsTheOldestFirst(t *testing.T) {
	var k idempotencyCache
	e := func(key string) *pendingCall {
		return &pendingCall{op: &call.Op{}, url: &url.URL{Path: "/transfers"}, key: key, first: time.Now().Round(0)}
	}
	for i := range idempotencyCacheSize + 2 {
		if err := k.claim(e(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if len(k.used) != idempotencyCacheSize || len(k.order) != idempotencyCacheSize {
		t.Errorf("%d keys, %d in order", len(k.used), len(k.order))
	}
	remembers := func(keys map[string]bool) {
		t.Helper()
		for key, there := range keys {
			if _, ok := k.used[key]; ok != there {
				t.Errorf("key %s: %v", key, ok)
			}
		}
	}
	remembers(map[string]bool{"0": false, "1": false, "2": true, fmt.Sprint(idempotencyCacheSize + 1): true})
	const turns = 3*idempotencyCacheSize + 5 // over the places where the map is renewed
	for i := idempotencyCacheSize + 2; i < turns; i++ {
		if err := k.claim(e(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if len(k.used) != idempotencyCacheSize || len(k.order) != idempotencyCacheSize {
		t.Errorf("%d keys, %d in order", len(k.used), len(k.order))
	}
	remembers(map[string]bool{fmt.Sprint(turns - idempotencyCacheSize - 1): false, fmt.Sprint(turns - idempotencyCacheSize): true, fmt.Sprint(turns - 1): true})
}

func TestFault101_AKeyIsNotSentWithAnotherBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		key := WithIdempotencyKey("key-1")
		r.check(t, r.pay(t.Context(), key), want{OutcomeOK, 1, 1})
		other := payment("rent-1")
		other.Amount = USDCents(9999)
		_, err := r.Transfers.Create(t.Context(), other, key)
		if !errors.Is(err, ErrKeyReused) || !errors.Is(err, ErrInvalidArgument) || OutcomeOf(err) != OutcomeNotSent {
			t.Errorf("another body: %v", err)
		}
		if _, err = r.MassPayments.Create(t.Context(), massPayment("rent-1"), key); !errors.Is(err, ErrKeyReused) {
			t.Errorf("another operation: %v", err)
		}
		r.check(t, r.pay(t.Context(), key), want{OutcomeOK, 2, 1})
	})
	virtual(t, "by another process", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Stall(), faultserver.Stall(), faultserver.Stall())
		unknown := unknownOf(t, r.pay(t.Context()))
		later := rigOf(t, r.bank, faultserver.Base, r.bank.Memory())
		other := payment("rent-1")
		other.Amount = USDCents(9999)
		if _, err := later.Transfers.Create(t.Context(), other, Resend(unknown)); !errors.Is(err, ErrKeyReused) {
			t.Error(err)
		}
		r.check(t, later.pay(t.Context(), Resend(unknown)), want{OutcomeOK, 4, 1})
	})
}
