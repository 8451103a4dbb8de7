package webhook

import (
	"context"
	"iter"
	"net/http"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// Delivered reports whether any delivery attempt was answered with 2xx.
func Delivered(w dwolla.Webhook) bool {
	for _, attempt := range w.Attempts {
		if s := attempt.Response.StatusCode; s >= http.StatusOK && s < http.StatusMultipleChoices {
			return true
		}
	}
	return false
}

// Undelivered lists the webhooks of a subscription that were not delivered, from the day of since on and at most 30 days
// back: those whose attempts have all failed, and those without attempts because the subscription was paused, which
// Dwolla never sends by itself. The zero time means all. client.Webhooks.Retry makes Dwolla send one again;
// [Handler.Replay] processes the events without deliveries.
func Undelivered(ctx context.Context, client *dwolla.Client, subscription string, since time.Time) iter.Seq2[dwolla.Webhook, error] {
	params := dwolla.ListWebhookSubscriptionWebhooksParams{Limit: replayPage}
	if !since.IsZero() {
		params.StartDate = api.DateOf(since.UTC().AddDate(0, 0, -1)) // Dwolla's filter excludes the day itself
	}
	return func(yield func(dwolla.Webhook, error) bool) {
		for w, err := range services(client).WebhookSubscriptions.AllWebhooks(ctx, subscription, params) {
			if err == nil && Delivered(w) {
				continue
			}
			if !yield(w, err) {
				return
			}
		}
	}
}
