// Package webhooktest makes events and delivers them, signed as Dwolla signs them, to handlers under test.
//
//	event := webhooktest.NewEvent(dwolla.EventTopicCustomerTransferCompleted, "transfers/"+id)
//	answer := webhooktest.Deliver(t.Context(), hooks, secret, event)
//	if answer.StatusCode != http.StatusOK { … }
package webhooktest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

// base is the origin of links that are given as a path.
const base = "https://api-sandbox.dwolla.com/"

// NewEvent returns an event with a new id and the current time about a resource, given as an href or as a path such as
// "transfers/9d5b25c3-83c4-ee11-8144-e3cbfd0c6ac6". Every field can be changed before the event is delivered. The event
// has no link to a Customer unless the caller sets it.
func NewEvent(topic dwolla.EventTopic, resource string) *webhook.Event {
	if !strings.Contains(resource, "://") {
		resource = base + strings.TrimPrefix(resource, "/")
	}
	e := &webhook.Event{}
	e.ID = newID()
	e.Topic = topic
	e.Created = api.TimeOf(time.Now())
	e.Timestamp = e.Created
	e.Links.Self = api.LinkTo[dwolla.Event](base + "events/" + e.ID)
	e.Links.Resource = api.LinkTo[dwolla.Object](resource)
	e.ResourceID = e.Links.Resource.ID()
	return e
}

// newID returns a random UUID (version 4).
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// NewRequest returns the request with which Dwolla would deliver body, signed with secret.
func NewRequest(ctx context.Context, url, secret string, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "dwolla-webhooks/1.0")
	r.Header.Set(webhook.SignatureHeader, webhook.Sign(secret, body))
	if event, err := webhook.Parse(body); err == nil {
		r.Header.Set(webhook.TopicHeader, string(event.Topic))
	}
	return r, nil
}

// Deliver calls handler with the event and returns its response. An event that cannot be encoded is delivered as an empty
// body.
func Deliver(ctx context.Context, handler http.Handler, secret string, event *webhook.Event) *http.Response {
	body, _ := event.MarshalJSON()
	return DeliverBody(ctx, handler, secret, body)
}

// DeliverBody is [Deliver] for a body that need not be an event.
func DeliverBody(ctx context.Context, handler http.Handler, secret string, body []byte) *http.Response {
	recorder := httptest.NewRecorder()
	r, err := NewRequest(ctx, "https://receiver.test/webhooks/dwolla", secret, body)
	if err != nil { // only a nil context
		recorder.WriteHeader(http.StatusInternalServerError)
		return recorder.Result()
	}
	handler.ServeHTTP(recorder, r)
	return recorder.Result()
}

// Send posts the event to url, as Dwolla does to the URL of a subscription, and returns the response, whose body the
// caller closes. A nil client means [http.DefaultClient].
func Send(ctx context.Context, client *http.Client, url, secret string, event *webhook.Event) (*http.Response, error) {
	body, err := event.MarshalJSON()
	if err != nil {
		return nil, err
	}
	r, err := NewRequest(ctx, url, secret, body)
	if err != nil {
		return nil, err
	}
	if client == nil {
		client = http.DefaultClient
	}
	return client.Do(r)
}
