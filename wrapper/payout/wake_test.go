package payout

import (
	"fmt"
	"testing"
)

func TestAWebhookThatComesBeforeItsMassPaymentIsKnownIsRemembered(t *testing.T) {
	var w wakeups
	woken := w.next()
	w.add("https://api.dwolla.com/mass-payments/m-1")
	select {
	case <-woken:
	default:
		t.Error("the workers still wait")
	}
	if !w.has("m-1") || w.has("m-2") {
		t.Errorf("remembered %v", w.ids)
	}
	w.done("m-1")
	if w.has("https://api.dwolla.com/mass-payments/m-1") {
		t.Error("it is remembered after it was read")
	}
}

func TestMassPaymentsOfOthersAreForgotten(t *testing.T) {
	var w wakeups
	for i := range maxWakeups + 1 {
		w.add(fmt.Sprint("m-", i))
	}
	if last := fmt.Sprint("m-", maxWakeups); len(w.ids) != 1 || !w.has(last) {
		t.Errorf("%d are remembered", len(w.ids))
	}
}
