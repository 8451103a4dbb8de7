package dwollatest

import (
	"net/http"
	"slices"
	"time"
)

const maxSubscriptions = 10 // in the sandbox; five in production

// subscription is a URL that receives every event.
type subscription struct {
	id          string
	url, secret string
	paused      bool
	created     time.Time
	hal         hal // by which its payloads address the server
	webhooks    list[webhook]

	failures    int // in a row
	lastSuccess time.Time
}

func (s *subscription) path() string { return "/webhook-subscriptions/" + s.id }

func (s *subscription) show(h hal) object {
	return object{
		"_links":  links{"self": h.link(s.path()), "webhooks": h.link(s.path() + "/webhooks")},
		"id":      s.id,
		"url":     s.url,
		"paused":  s.paused,
		"created": stamp(s.created),
	}
}

// subscriptionRequest is the body of createWebhookSubscription.
type subscriptionRequest struct {
	URL    string `json:"url"`
	Secret string `json:"secret"`
}

func (r subscriptionRequest) problems() []problem {
	if r.URL == "" || isURL(r.URL) {
		return nil
	}
	return []problem{invalidFormat("/url", "Url has an invalid format.")}
}

func (w *world) createWebhookSubscription(c *call, in subscriptionRequest) (reply, error) {
	if len(w.subscriptions) >= maxSubscriptions {
		return reply{}, &failure{
			status:  http.StatusBadRequest,
			code:    "MaxNumberOfResources",
			message: "No more than ten subscriptions are allowed.",
		}
	}
	s := &subscription{
		id: w.ids.uuid(), url: in.URL, secret: in.Secret, created: w.now, hal: c.hal, lastSuccess: w.now,
	}
	w.subscriptions = append(w.subscriptions, s)
	return created(s.path())
}

func (w *world) listWebhookSubscriptions(c *call) (reply, error) {
	return ok(collection(c, "webhook-subscriptions", w.subscriptions, func(s *subscription) object { return s.show(c.hal) }))
}

func (w *world) getWebhookSubscription(c *call) (reply, error) {
	s, err := w.subscription(c)
	if err != nil {
		return reply{}, err
	}
	return ok(s.show(c.hal))
}

// subscription finds the subscription of the path.
func (w *world) subscription(c *call) (*subscription, error) {
	for _, s := range w.subscriptions {
		if s.id == c.id {
			return s, nil
		}
	}
	return nil, notFound("Webhook subscription")
}

// updateSubscriptionRequest is the body of updateWebhookSubscription.
type updateSubscriptionRequest struct {
	Paused bool `json:"paused"`
}

func (w *world) updateWebhookSubscription(c *call, in updateSubscriptionRequest) (reply, error) {
	s, err := w.subscription(c)
	if err != nil {
		return reply{}, err
	}
	s.paused = in.Paused
	s.failures, s.lastSuccess = 0, w.now
	return ok(s.show(c.hal))
}

// deleteWebhookSubscription drops the stored webhooks too.
func (w *world) deleteWebhookSubscription(c *call) (reply, error) {
	s, err := w.subscription(c)
	if err != nil {
		return reply{}, err
	}
	w.subscriptions = slices.DeleteFunc(w.subscriptions, func(other *subscription) bool { return other == s })
	for _, hook := range s.webhooks.all {
		delete(w.webhookByID, hook.id)
	}
	s.paused = true // what is still planned for it goes nowhere
	return ok(s.show(c.hal))
}
