package webhook_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

func TestUndeliveredListsTheWebhooksWithoutASuccessfulAttempt(t *testing.T) {
	fake := newFake(t)
	fake.webhooks = []string{
		`{"id":"delivered","attempts":[{"response":{"statusCode":204}}]}`,
		`{"id":"delivered at last","attempts":[{"response":{"statusCode":500}},{"response":{"statusCode":200}}]}`,
		`{"id":"refused","attempts":[{"response":{"statusCode":500}},{"response":{"statusCode":302}}]}`,
		`{"id":"redirected","attempts":[{"response":{"statusCode":300}}]}`,
		`{"id":"timed out","attempts":[{"request":{"url":"https://receiver.test"}}]}`,
		`{"id":"paused","attempts":[]}`,
	}
	var got []string
	for w, err := range webhook.Undelivered(t.Context(), fake.client, "s1", time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, w.ID)
	}
	if strings.Join(got, ", ") != "refused, redirected, timed out, paused" {
		t.Errorf("got %v", got)
	}
	if sent := fake.log(); len(sent) != 1 || !strings.Contains(sent[0], "startDate=2026-02-28") {
		t.Errorf("sent %v", sent)
	}
	for range webhook.Undelivered(t.Context(), fake.client, "s1", time.Time{}) {
		break
	}
	if sent := fake.log(); strings.Contains(sent[1], "startDate") {
		t.Errorf("sent %v", sent)
	}
	for _, err := range webhook.Undelivered(t.Context(), fake.client, "", time.Time{}) {
		if !errors.Is(err, dwolla.ErrInvalidArgument) {
			t.Errorf("error is %v", err)
		}
	}
}
