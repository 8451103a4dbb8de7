package webhook_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

func TestHandlersMatchByTopicByPrefixAndAllInTheirOrder(t *testing.T) {
	var called []string
	note := func(name string) webhook.HandlerFunc {
		return func(context.Context, *webhook.Event) error {
			called = append(called, name)
			return nil
		}
	}
	h := newHandler(t,
		webhook.On(dwolla.EventTopicAccountSuspended, note("yet another topic")),
		webhook.OnAny(note("any")),
		webhook.OnPrefix("customer_transfer_", note("prefix")),
		webhook.On(dwolla.EventTopicCustomerTransferCompleted, note("topic")),
		webhook.On(dwolla.EventTopicTransferCompleted, note("another topic")),
		webhook.OnPrefix("transfer_", note("another prefix")),
	)
	wantStatus(t, deliver(t, h, newEvent()), http.StatusOK)
	if want := []string{"any", "prefix", "topic"}; !slices.Equal(called, want) {
		t.Errorf("called %v, want %v", called, want)
	}
}

func TestAFailingHandlerStopsTheOnesAfterIt(t *testing.T) {
	h := newHandler(t,
		webhook.OnAny(func(context.Context, *webhook.Event) error { return errBoom }),
		webhook.OnAny(neverCalled(t)))
	wantStatus(t, deliver(t, h, newEvent()), http.StatusInternalServerError)
}

func TestAnEventThatNoHandlerWantsIsAcknowledgedWithoutTheStore(t *testing.T) {
	store := &faultyStore{Store: &webhook.MemoryStore{}, claim: errBoom}
	h := newHandler(t, webhook.WithStore(store), webhook.On(dwolla.EventTopicAccountSuspended, neverCalled(t)))
	wantStatus(t, deliver(t, h, newEvent()), http.StatusOK)
}
