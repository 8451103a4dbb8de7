package webhook_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

func TestParseRefusesWhatIsNoEvent(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":           "",
		"text":              "hello",
		"null":              "null",
		"a list":            `[{"id":"1"}]`,
		"no id":             `{"topic":"transfer_created"}`,
		"an id of null":     `{"id":null}`,
		"an id of a number": `{"id":1}`,
		"two ids":           `{"id":"1","id":"2"}`,
		"two events":        `{"id":"1"}{"id":"2"}`,
		"an id in capitals": `{"ID":"1"}`,
		"half an event":     `{"id":"1","topic":"transf`,
		"invalid UTF-8":     "{\"id\":\"\xff\"}",
	} {
		t.Run(name, func(t *testing.T) {
			if event, err := webhook.Parse([]byte(body)); !errors.Is(err, webhook.ErrEvent) || event != nil {
				t.Errorf("got %v, %v", event, err)
			}
		})
	}
}

func TestEventsKeepEverythingThatDwollaSent(t *testing.T) {
	const body = `{"_links":{"self":{"href":"https://api-sandbox.dwolla.com/events/1"},"moon":{"href":"https://api-sandbox.dwolla.com/moons/2","phase":0.250}},` +
		`"id":"1","topic":"customer_transfer_completed","resourceId":"2","correlationId":"c","created":"2026-03-01T09:30:00.000Z","weight":1.10}`
	event, err := webhook.Parse([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	again, err := event.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if want, got := decode(t, []byte(body)), decode(t, again); !reflect.DeepEqual(got, want) {
		t.Errorf("got %s, want %s", again, body)
	}
}

// decode keeps the text of numbers.
func decode(t *testing.T, body []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestOccurredAtReadsEitherTime(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)
	for name, body := range map[string]string{
		"created":           `{"id":"1","created":"2026-03-01T09:30:00.000Z"}`,
		"timestamp":         `{"id":"1","timestamp":"2026-03-01T09:30:00.000Z"}`,
		"both":              `{"id":"1","created":"2026-03-01T09:30:00.000Z","timestamp":"2026-03-01T09:30:01.000Z"}`,
		"an old form of it": `{"id":"1","created":"2026-03-01 09:30:00 UTC"}`,
	} {
		t.Run(name, func(t *testing.T) {
			event, err := webhook.Parse([]byte(body))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := event.OccurredAt(); err != nil || !got.Equal(at) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	if _, err := (&webhook.Event{}).OccurredAt(); err == nil {
		t.Error("an event without a time has one")
	}
}

func TestEventsLogTheirIDAndTopicOnly(t *testing.T) {
	var out bytes.Buffer
	event := newEvent()
	event.CorrelationID = "canary"
	slog.New(slog.NewTextHandler(&out, nil)).Info("got", "event", event)
	if s := out.String(); !strings.Contains(s, "event.id="+event.ID) || strings.Contains(s, "canary") || strings.Contains(s, event.ResourceID) {
		t.Errorf("logged %s", s)
	}
}

func TestResourceReadsWhatAnEventIsAbout(t *testing.T) {
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

func readAs[T any, P interface {
	*T
	json.Unmarshaler
}](t *testing.T, f *fake) func(*webhook.Event) error {
	t.Helper()
	return func(event *webhook.Event) error {
		_, err := webhook.Resource[T, P](t.Context(), f.client, event)
		return err
	}
}
