package webhooktest_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook/webhooktest"
)

const secret = "rosebud"

func receiver(t *testing.T) (*webhook.Handler, func() []*webhook.Event) {
	t.Helper()
	var got []*webhook.Event
	h, err := webhook.NewHandler(secret, webhook.OnAny(func(_ context.Context, event *webhook.Event) error {
		got = append(got, event)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	return h, func() []*webhook.Event { return got }
}

func TestDeliverSignsAsDwollaDoes(t *testing.T) {
	h, got := receiver(t)
	event := webhooktest.NewEvent(dwolla.EventTopicTransferCreated, "/transfers/7")
	event.CorrelationID = "c"
	answer := webhooktest.Deliver(t.Context(), h, secret, event)
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK || len(got()) != 1 {
		t.Fatalf("answered %d, %d events", answer.StatusCode, len(got()))
	}
	if e := got()[0]; e.ID != event.ID || e.Topic != event.Topic || e.ResourceID != "7" || e.CorrelationID != "c" ||
		e.Links.Resource.Href != "https://api-sandbox.dwolla.com/transfers/7" {
		t.Errorf("got %+v", e)
	}
}

func TestDeliverWithAnotherSecretIsRefused(t *testing.T) {
	h, _ := receiver(t)
	answer := webhooktest.Deliver(t.Context(), h, "another", webhooktest.NewEvent(dwolla.EventTopicTransferCreated, "transfers/7"))
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("answered %d", answer.StatusCode)
	}
}

func TestSendPostsToAURL(t *testing.T) {
	h, got := receiver(t)
	var headers http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers = r.Header
		h.ServeHTTP(w, r)
	}))
	defer server.Close()
	event := webhooktest.NewEvent(dwolla.EventTopicCustomerCreated, server.URL+"/customers/7")
	for _, client := range []*http.Client{server.Client(), nil} {
		answer, err := webhooktest.Send(t.Context(), client, server.URL, secret, event)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("answered %d", answer.StatusCode)
		}
	}
	if len(got()) != 1 || got()[0].Links.Resource.Href != server.URL+"/customers/7" {
		t.Errorf("got %v", got())
	}
	if headers.Get(webhook.TopicHeader) != "customer_created" || headers.Get("User-Agent") != "dwolla-webhooks/1.0" {
		t.Errorf("headers are %v", headers)
	}
}

func TestSendReturnsErrors(t *testing.T) {
	event := webhooktest.NewEvent(dwolla.EventTopicCustomerCreated, "customers/7")
	if _, err := webhooktest.Send(t.Context(), nil, "http://bad host/", secret, event); err == nil {
		t.Error("a URL that is none was accepted")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := webhooktest.Send(ctx, nil, "http://127.0.0.1:1/", secret, event); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestEveryEventHasItsOwnID(t *testing.T) {
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 1000 {
		id := webhooktest.NewEvent(dwolla.EventTopicCustomerCreated, "customers/7").ID
		if seen[id] || !uuid.MatchString(id) {
			t.Fatalf("id %s", id)
		}
		seen[id] = true
	}
}
