package dwollatest

import (
	"net/http"
	"slices"
	"time"
)

const maxSubscriptions = 10 // in the sandbox; five in production

// A subscription is a URL that receives every event.
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

func (s *subscription) show(h hal) jsonObject {
	return jsonObject{
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

func (r subscriptionRequest) fieldErrors() []fieldError {
	if r.URL == "" || isURL(r.URL) {
		return nil
	}
	return []fieldError{invalidFormat("/url", "Url has an invalid format.")}
}

func (st *state) createWebhookSubscription(req *request, in subscriptionRequest) (result, error) {
	if len(st.subscriptions) >= maxSubscriptions {
		return result{}, &apiError{
			status:  http.StatusBadRequest,
			code:    "MaxNumberOfResources",
			message: "No more than ten subscriptions are allowed.",
		}
	}
	s := &subscription{
		id: st.ids.uuid(), url: in.URL, secret: in.Secret, created: st.now, hal: req.hal, lastSuccess: st.now,
	}
	st.subscriptions = append(st.subscriptions, s)
	return created(s.path())
}

// subscription finds the subscription of the path.
func (st *state) subscription(req *request) (*subscription, error) {
	for _, s := range st.subscriptions {
		if s.id == req.id {
			return s, nil
		}
	}
	return nil, notFound("Webhook subscription")
}

// updateSubscriptionRequest is the body of updateWebhookSubscription.
type updateSubscriptionRequest struct {
	Paused bool `json:"paused"`
}

func (st *state) updateWebhookSubscription(req *request, in updateSubscriptionRequest) (result, error) {
	s, err := st.subscription(req)
	if err != nil {
		return result{}, err
	}
	s.paused = in.Paused
	s.failures, s.lastSuccess = 0, st.now
	return ok(s.show(req.hal))
}

// deleteWebhookSubscription drops the stored webhooks too.
func (st *state) deleteWebhookSubscription(req *request) (result, error) {
	s, err := st.subscription(req)
	if err != nil {
		return result{}, err
	}
	st.subscriptions = slices.DeleteFunc(st.subscriptions, func(other *subscription) bool { return other == s })
	for _, hook := range s.webhooks.all {
		delete(st.webhookByID, hook.id)
	}
	s.paused = true // attempts that are still scheduled are not sent
	return ok(s.show(req.hal))
}
