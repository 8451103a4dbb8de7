package webhook

import (
	"cmp"
	"context"
	"net/url"
	"strings"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// EnsureSubscription makes sure that Dwolla delivers to endpoint: it creates the subscription, or finds it and resumes
// it if it is paused. Call it at the start of a program, and then [Handler.Replay] for events missed in a pause.
//
// Dwolla pauses a subscription after 400 failures in a row and 24 hours without a success. An application can have five
// subscriptions in production and ten in the sandbox. The secret of a subscription cannot be read or changed: if an
// existing one has another secret, its deliveries are refused with 401. To change the secret, delete the subscription or
// use another URL.
//
// Processes that start at the same time end up with one subscription. If there already are several for the URL, the
// oldest is resumed and the others are left as they are; with a [Store] their events are processed once.
func EnsureSubscription(ctx context.Context, client *dwolla.Client, endpoint, secret string) (*dwolla.WebhookSubscription, error) {
	if err := checkSecret(secret); err != nil {
		return nil, err
	}
	target, err := url.Parse(endpoint)
	if err != nil || target.Host == "" || target.Scheme != "https" && target.Scheme != "http" {
		return nil, invalid("webhook endpoint", "must be an absolute http or https URL")
	}
	found, err := oldestSubscription(ctx, client, target)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return createSubscription(ctx, client, target, endpoint, secret)
	}
	if !found.Paused {
		return found, nil
	}
	return client.WebhookSubscriptions.Update(ctx, found.ID, dwolla.UpdateWebhookSubscription{Paused: false})
}

// createSubscription creates a subscription, and deletes it again if another process created one first.
func createSubscription(ctx context.Context, client *dwolla.Client, target *url.URL, endpoint, secret string) (*dwolla.WebhookSubscription, error) {
	ref, err := client.WebhookSubscriptions.Create(ctx, dwolla.CreateWebhookSubscription{URL: endpoint, Secret: secret})
	if err != nil {
		return nil, err
	}
	winner, err := oldestSubscription(ctx, client, target)
	if err != nil {
		return nil, err
	}
	if winner == nil { // the list does not have it yet
		return ref.Get(ctx)
	}
	if winner.ID != ref.ID() && ref.ID() != "" {
		// Its events are delivered to the winner too.
		if _, err := client.WebhookSubscriptions.Delete(ctx, ref.ID()); err != nil {
			return nil, err
		}
	}
	return winner, nil
}

// oldestSubscription returns the oldest subscription for the URL, or nil. Every process finds the same one.
func oldestSubscription(ctx context.Context, client *dwolla.Client, target *url.URL) (*dwolla.WebhookSubscription, error) {
	var oldest *dwolla.WebhookSubscription
	for s, err := range services(client).WebhookSubscriptions.All(ctx) {
		if err != nil {
			return nil, err
		}
		if sameEndpoint(s.URL, target) && (oldest == nil || older(&s, oldest)) {
			oldest = &s
		}
	}
	return oldest, nil
}

func older(a, b *dwolla.WebhookSubscription) bool {
	at, errA := a.Created.Time()
	bt, errB := b.Created.Time()
	if errA != nil || errB != nil || at.Equal(bt) {
		return a.ID < b.ID
	}
	return at.Before(bt)
}

// sameEndpoint compares two URLs as RFC 3986, section 6.2 does: a scheme and host in any case, a default port or none,
// and a path whose characters are escaped or not are the same. A slash at the end of a path is not.
func sameEndpoint(href string, target *url.URL) bool {
	u, err := url.Parse(href)
	return err == nil && strings.EqualFold(u.Scheme, target.Scheme) && strings.EqualFold(hostOf(u), hostOf(target)) &&
		pathOf(u) == pathOf(target) && u.RawQuery == target.RawQuery
}

func hostOf(u *url.URL) string {
	port := u.Port()
	if strings.EqualFold(u.Scheme, "https") && port == "443" || strings.EqualFold(u.Scheme, "http") && port == "80" {
		port = ""
	}
	return strings.TrimSuffix(u.Hostname(), ".") + ":" + port
}

// pathOf has what need not be escaped as it is, and a slash that is part of a name still escaped.
func pathOf(u *url.URL) string {
	segments := strings.Split(u.EscapedPath(), "/")
	for i, segment := range segments {
		if name, err := url.PathUnescape(segment); err == nil {
			segments[i] = url.PathEscape(name)
		}
	}
	return cmp.Or(strings.Join(segments, "/"), "/")
}
