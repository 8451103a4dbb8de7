package dwollatest

import (
	"crypto/fips140"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// retryDelays is how long Dwolla waits after each failed attempt: 72 hours in all.
func retryDelays() []time.Duration {
	return []time.Duration{
		15 * time.Minute, 45 * time.Minute, 2 * time.Hour, 3 * time.Hour,
		6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 24 * time.Hour,
	}
}

// A subscription is paused after this many failures in a row, if it has had no success for this long.
const (
	pauseFailures = 400
	pauseAfter    = 24 * time.Hour
)

// A webhook is one event for one subscription.
type webhook struct {
	id           string
	event        *event
	subscription *subscription
	created      time.Time
	body         []byte
	scheduled    int // attempts, without the retries that the caller asked for
	attempts     []attempt
	retries      []*webhookRetry
}

// An attempt is one delivery.
type attempt struct {
	id       string
	sent     time.Time
	header   http.Header
	answered time.Time
	status   int // 0 without an answer
	answer   http.Header
	body     string
}

// A webhookRetry is a delivery that the caller asked for.
type webhookRetry struct {
	id      string
	created time.Time
	webhook *webhook
}

func (k *webhook) path() string { return "/webhooks/" + k.id }

// A delivery is a webhook that is to be sent now.
type delivery struct {
	webhook   *webhook
	scheduled bool // not a retry that the caller asked for
}

// notify makes a webhook of the event for every subscription. A paused one only records it.
func (st *state) notify(e *event) {
	for _, s := range st.subscriptions {
		k := &webhook{id: st.ids.uuid(), event: e, subscription: s, created: st.now}
		k.body = encode(e.payload(s.hal))
		s.webhooks.add(k)
		st.webhookByID[k.id] = k
		if !s.paused {
			st.outbox = append(st.outbox, delivery{k, true})
		}
	}
}

// payload is the body of a webhook: the event, with its time under both names that Dwolla uses.
func (e *event) payload(h hal) jsonObject {
	out := e.show(h)
	out["timestamp"] = out["created"]
	return out
}

// signatureHeader is written as Dwolla writes it: some receivers look it up by case.
const signatureHeader = "X-Request-Signature-SHA-256"

// headers are what Dwolla sends with a webhook. The signature is over the bytes of the body.
func (k *webhook) headers() http.Header {
	var signature []byte
	fips140.WithoutEnforcement(func() { // a fake takes short secrets too
		mac := hmac.New(sha256.New, []byte(k.subscription.secret))
		_, _ = mac.Write(k.body)
		signature = mac.Sum(nil)
	})
	out := http.Header{}
	out.Set("Content-Type", "application/json")
	out.Set("User-Agent", "dwolla-webhooks/1.0")
	out.Set("X-Dwolla-Topic", k.event.topic)
	out[signatureHeader] = []string{hex.EncodeToString(signature)} // not Set, which would write it in another case
	return out
}

// recordAttempt records a delivery and schedules the next one if it failed.
func (st *state) recordAttempt(d delivery, a attempt) {
	k, s := d.webhook, d.webhook.subscription
	a.id = st.ids.uuid()
	k.attempts = append(k.attempts, a)
	s.webhooks.changed()
	if a.status >= 200 && a.status < 300 {
		s.failures, s.lastSuccess = 0, st.now
		return
	}
	s.failures++
	if s.failures >= pauseFailures && st.now.Sub(s.lastSuccess) >= pauseAfter {
		s.paused = true
	}
	delays := retryDelays()
	if !d.scheduled || k.scheduled >= len(delays) {
		return
	}
	st.after(delays[k.scheduled], func() {
		if !s.paused {
			st.outbox = append(st.outbox, d)
		}
	})
	k.scheduled++
}

// listWebhookSubscriptionWebhooks answers the newest first; the documents do not say.
func (st *state) listWebhookSubscriptionWebhooks(req *request) (result, error) {
	s, err := st.subscription(req)
	if err != nil {
		return result{}, err
	}
	first, last := dayFilter(req)
	oldest, resource := st.now.Add(-retention), req.query.Get("resourceId")
	keep := func(k *webhook) bool {
		return !k.created.Before(oldest) && !k.created.Before(first) && k.created.Before(last) &&
			(resource == "" || strings.EqualFold(k.event.resourceID, resource))
	}
	found := s.webhooks.view(filterKey(req, "startDate", "endDate", "resourceId"), keep)
	if filterKey(req, "startDate", "endDate", "resourceId") == "" {
		at, _ := slices.BinarySearchFunc(found, oldest, func(k *webhook, t time.Time) int { return k.created.Compare(t) })
		found = found[at:]
	}
	return ok(page(req, "webhooks", found, newestFirst))
}

// webhook finds the webhook of the path, unless it is too old.
func (st *state) webhook(req *request) (*webhook, error) {
	k, err := byID(st.webhookByID, req, "Webhook")
	if err == nil && k.created.Before(st.now.Add(-retention)) {
		return nil, notFound("Webhook")
	}
	return k, err
}

func (k *webhook) show(h hal) jsonObject {
	attempts := make([]jsonObject, 0, len(k.attempts))
	for _, a := range k.attempts {
		attempts = append(attempts, a.show(k))
	}
	return jsonObject{
		"_links": links{
			"self":         h.link(k.path()),
			"subscription": h.link(k.subscription.path()),
			"retry":        h.link(k.path() + "/retries"),
			"event":        h.link("/events/" + k.event.id),
		},
		"id":             k.id,
		"topic":          k.event.topic,
		"accountId":      h.state.account.id,
		"eventId":        k.event.id,
		"subscriptionId": k.subscription.id,
		"attempts":       attempts,
	}
}

func (a attempt) show(k *webhook) jsonObject {
	out := jsonObject{
		"id": a.id,
		"request": jsonObject{
			"timestamp": stamp(a.sent),
			"url":       k.subscription.url,
			"headers":   headerList(a.header),
			"body":      string(k.body),
		},
	}
	if a.status != 0 {
		out["response"] = jsonObject{
			"timestamp":  stamp(a.answered),
			"headers":    headerList(a.answer),
			"statusCode": a.status,
			"body":       a.body,
		}
	}
	return out
}

func headerList(header http.Header) []jsonObject {
	out := make([]jsonObject, 0, len(header))
	for name, values := range header {
		for _, value := range values {
			out = append(out, jsonObject{"name": name, "value": value})
		}
	}
	slices.SortFunc(out, func(a, b jsonObject) int {
		if a["name"].(string) < b["name"].(string) {
			return -1
		}
		return 1
	})
	return out
}

func (r *webhookRetry) path() string { return r.webhook.path() + "/retries/" + r.id }

func (r *webhookRetry) show(h hal) jsonObject {
	return jsonObject{
		"_links":    links{"self": h.link(r.path()), "webhook": h.link(r.webhook.path())},
		"id":        r.id,
		"timestamp": stamp(r.created),
	}
}

func (st *state) retryWebhook(req *request) (result, error) {
	k, err := st.webhook(req)
	if err != nil {
		return result{}, err
	}
	r := &webhookRetry{id: st.ids.uuid(), created: st.now, webhook: k}
	k.retries = append(k.retries, r)
	st.outbox = append(st.outbox, delivery{k, false})
	return created(r.path())
}
