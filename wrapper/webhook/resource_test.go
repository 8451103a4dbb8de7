package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

func TestResourceGetsTheResourceOfAnEvent(t *testing.T) {
	fake := newFake(t)
	transfer, err := webhook.Resource[dwolla.Transfer](t.Context(), fake.client, newEvent())
	if err != nil {
		t.Fatal(err)
	}
	if transfer.ID != "0d9a9c6a-1960-54ce-a608-dbde377570d9" || transfer.Status != dwolla.TransferStatusProcessed {
		t.Errorf("got %s, %s", transfer.ID, transfer.Status)
	}
	object, err := webhook.Resource[dwolla.Object](t.Context(), fake.client, newEvent())
	if err != nil || object == nil {
		t.Errorf("as an object: %v, %v", object, err)
	}
}

func TestResourceRefusesBeforeAnythingIsSent(t *testing.T) {
	fake := newFake(t)
	about := func(href string) *webhook.Event {
		event := newEvent()
		event.Links.Resource = api.LinkTo[dwolla.Object](href)
		return event
	}
	for name, tt := range map[string]struct {
		read func(*webhook.Event) error
		href string
		want error
	}{
		"an event without a resource": {readAs[dwolla.Transfer](t, fake), "", dwolla.ErrNoLink},
		"a Customer as a transfer":    {readAs[dwolla.Transfer](t, fake), sandbox + "/customers/1", dwolla.ErrInvalidArgument},
		"a transfer as a Customer":    {readAs[dwolla.Customer](t, fake), sandbox + "/transfers/1", dwolla.ErrInvalidArgument},
		"a transfer as an account":    {readAs[dwolla.Account](t, fake), sandbox + "/transfers/1", dwolla.ErrInvalidArgument},
		"a transfer as an owner":      {readAs[dwolla.BeneficialOwner](t, fake), sandbox + "/transfers/1", dwolla.ErrInvalidArgument},
		"a transfer as a document":    {readAs[dwolla.Document](t, fake), sandbox + "/transfers/1", dwolla.ErrInvalidArgument},
		"a transfer as a bank":        {readAs[dwolla.FundingSource](t, fake), sandbox + "/transfers/1", dwolla.ErrInvalidArgument},
		"a transfer as a label":       {readAs[dwolla.Label](t, fake), sandbox + "/transfers/1", dwolla.ErrInvalidArgument},
		"a transfer as an entry":      {readAs[dwolla.LedgerEntry](t, fake), sandbox + "/transfers/1", dwolla.ErrInvalidArgument},
		"a transfer as a mass":        {readAs[dwolla.MassPayment](t, fake), sandbox + "/transfers/1", dwolla.ErrInvalidArgument},
	} {
		t.Run(name, func(t *testing.T) {
			if err := tt.read(about(tt.href)); !errors.Is(err, tt.want) {
				t.Errorf("error is %v, want %v", err, tt.want)
			}
			if n := fake.requests(); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

func readAs[T any](t *testing.T, f *fake) func(*webhook.Event) error {
	t.Helper()
	return func(event *webhook.Event) error {
		_, err := webhook.Resource[T](t.Context(), f.client, event)
		return err
	}
}

func TestFault125_LinksToOtherHostsAreReadableAndNeverFetched(t *testing.T) {
	for name, href := range map[string]string{
		"another host":           "https://evil.test/transfers/1",
		"a longer host":          "https://api-sandbox.dwolla.com.evil.test/transfers/1",
		"a user in front":        "https://api-sandbox.dwolla.com@evil.test/transfers/1",
		"the other environment":  "https://api.dwolla.com/transfers/1",
		"another port":           "https://api-sandbox.dwolla.com:8443/transfers/1",
		"a host without scheme":  "//evil.test/transfers/1",
		"an address of a cloud":  "http://169.254.169.254/transfers/1",
		"the loopback interface": "http://localhost/transfers/1",
	} {
		t.Run(name, func(t *testing.T) {
			fake := newFake(t)
			event := newEvent()
			event.Links.Resource = api.LinkTo[dwolla.Object](href)
			var got *webhook.Event
			var err error
			h := newHandler(t, webhook.OnAny(func(ctx context.Context, event *webhook.Event) error {
				got = event
				_, err = webhook.Resource[dwolla.Transfer](ctx, fake.client, event)
				return nil
			}))
			wantStatus(t, deliver(t, h, event), http.StatusOK)
			if !errors.Is(err, dwolla.ErrForeignLink) {
				t.Errorf("error is %v", err)
			}
			if got.Links.Resource.Href != href {
				t.Errorf("the link is not readable: %q", got.Links.Resource.Href)
			}
			if n := fake.requests(); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

func TestANilClientOrEventIsAnError(t *testing.T) {
	h := newHandler(t, webhook.OnAny(neverCalled(t)))
	_, replayErr := h.Replay(t.Context(), nil, time.Time{})
	_, ensureErr := webhook.EnsureSubscription(t.Context(), nil, endpoint, signingSecret)
	_, clientErr := webhook.Resource[dwolla.Transfer](t.Context(), nil, newEvent())
	_, eventErr := webhook.Resource[dwolla.Transfer](t.Context(), newFake(t).client, nil)
	var listErr error
	for _, err := range webhook.Undelivered(t.Context(), nil, "s1", time.Time{}) {
		listErr = err
	}
	for what, err := range map[string]error{
		"Replay": replayErr, "EnsureSubscription": ensureErr, "Resource of no client": clientErr,
		"Resource of no event": eventErr, "Undelivered": listErr,
	} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
