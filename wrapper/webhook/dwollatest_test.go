package webhook_test

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

// The in-memory Dwolla delivers to the Handler as Dwolla does: signed, over HTTP, twice and in the wrong order.

// An inbox is a program that reads what events are about.
type inbox struct {
	client *dwolla.Client

	mu      sync.Mutex
	fail    error
	seen    []string // ids of the events processed
	holders map[string]dwolla.CustomerStatus
}

func (i *inbox) handle(ctx context.Context, event *webhook.Event) error {
	customer, err := webhook.Resource[dwolla.Customer](ctx, i.client, event)
	if err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.fail != nil {
		return i.fail
	}
	i.seen = append(i.seen, event.ID)
	i.holders[event.Links.Resource.Href] = customer.Status
	return nil
}

func (i *inbox) setFail(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fail = err
}

// processed is how many events were, and whether any of them twice.
func (i *inbox) processed() (n int, twice bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	ids := slices.Sorted(slices.Values(i.seen))
	return len(ids), len(slices.Compact(ids)) < len(i.seen)
}

func subscribe(t *testing.T, opts ...webhook.Option) (*dwollatest.Server, *webhook.Handler, *inbox, string) {
	t.Helper()
	in := &inbox{holders: map[string]dwolla.CustomerStatus{}}
	h := newHandler(t, append(opts, webhook.OnPrefix("customer_", in.handle))...)
	receiver := &http.Client{Transport: dwollatest.HandlerTransport(h)}
	server := dwollatest.New(t, dwollatest.WithWebhookClient(receiver))
	in.client = server.Dwolla()
	subscription, err := webhook.EnsureSubscription(t.Context(), in.client, endpoint, signingSecret)
	if err != nil {
		t.Fatal(err)
	}
	return server, h, in, subscription.ID
}

func TestDwollaDeliversTwiceAndInReverseAndEachEventRunsOnce(t *testing.T) {
	for name, opts := range map[string][]webhook.Option{
		"acknowledged afterwards": nil,
		"acknowledged first":      {webhook.WithBackground(webhook.Background{})},
	} {
		t.Run(name, func(t *testing.T) {
			server, h, in, _ := subscribe(t, opts...)
			server.SetDelivery(dwollatest.Delivery{Copies: 2, Reverse: true})
			createCustomer(t, in.client, "a@example.com")
			createCustomer(t, in.client, "b@example.com")
			server.WaitWebhooks()
			if err := h.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			n, twice := in.processed()
			if n < 2 || twice {
				t.Errorf("%d events processed, any twice: %t", n, twice)
			}
			for href, status := range in.holders {
				if status != dwolla.CustomerStatusUnverified {
					t.Errorf("%s is %s", href, status)
				}
			}
		})
	}
}

func TestDwollaSendsWhatFailedAgain(t *testing.T) {
	server, _, in, _ := subscribe(t)
	in.setFail(errBoom)
	createCustomer(t, in.client, "a@example.com")
	server.WaitWebhooks()
	in.setFail(nil)
	if n, _ := in.processed(); n != 0 {
		t.Errorf("%d events processed", n)
	}
	server.Advance(15 * time.Minute)
	server.WaitWebhooks()
	if n, twice := in.processed(); n == 0 || twice {
		t.Errorf("%d events processed, any twice: %t", n, twice)
	}
}

func TestThePauseOfASubscriptionIsCaughtUp(t *testing.T) {
	server, h, in, id := subscribe(t)
	createCustomer(t, in.client, "before@example.com")
	server.WaitWebhooks()
	before, _ := in.processed()

	if _, err := in.client.WebhookSubscriptions.Update(t.Context(), id, dwolla.UpdateWebhookSubscription{Paused: true}); err != nil {
		t.Fatal(err)
	}
	paused := server.Now()
	server.Advance(time.Hour)
	createCustomer(t, in.client, "meanwhile@example.com")
	server.WaitWebhooks()
	if n, _ := in.processed(); n != before {
		t.Errorf("%d events processed while paused", n-before)
	}

	resumed, err := webhook.EnsureSubscription(t.Context(), in.client, endpoint, signingSecret)
	if err != nil || resumed.ID != id || resumed.Paused {
		t.Fatalf("resumed %+v, %v", resumed, err)
	}
	missed := 0
	for w, err := range webhook.Undelivered(t.Context(), in.client, id, paused) {
		if err != nil {
			t.Fatal(err)
		}
		if len(w.Attempts) != 0 {
			t.Errorf("%s has attempts", w.Topic)
		}
		missed++
	}
	done, err := h.Replay(t.Context(), in.client, paused)
	if err != nil || done.Processed == 0 || done.Processed > missed {
		t.Errorf("replayed %+v of %d, %v", done, missed, err)
	}
	all, err := h.Replay(t.Context(), in.client, time.Time{})
	if err != nil || all.Processed != 0 {
		t.Errorf("and again %+v, %v", all, err)
	}
	if n, twice := in.processed(); n != before+done.Processed || twice {
		t.Errorf("%d events processed, any twice: %t", n, twice)
	}

	for w, err := range webhook.Undelivered(t.Context(), in.client, id, paused) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.client.Webhooks.Retry(t.Context(), w.ID); err != nil {
			t.Fatal(err)
		}
	}
	server.WaitWebhooks()
	if n, twice := in.processed(); n != before+done.Processed || twice {
		t.Errorf("after the retries: %d events processed, any twice: %t", n, twice)
	}
}

func createCustomer(t *testing.T, client *dwolla.Client, email string) {
	t.Helper()
	_, err := client.Customers.Create(t.Context(), dwolla.CreateUnverifiedCustomer{FirstName: "Amara", LastName: "Okafor", Email: email})
	if err != nil {
		t.Fatal(err)
	}
}
