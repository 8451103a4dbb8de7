package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

func TestParseRefusesBodiesThatAreNotEvents(t *testing.T) {
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

// decode decodes JSON with numbers as text.
func decode(t *testing.T, body []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestFault124_UnknownTopicsUnknownFieldsAndAnyOrderAreDelivered(t *testing.T) {
	var got []*webhook.Event
	h := newHandler(t, webhook.OnAny(func(_ context.Context, event *webhook.Event) error {
		got = append(got, event)
		return nil
	}))
	for _, body := range []string{
		`{"id":"1","topic":"transfer_completed","created":"2026-03-01T09:30:02.000Z"}`,
		`{"id":"2","topic":"transfer_created","created":"2026-03-01T09:30:01.000Z"}`,
		`{"id":"3","topic":"customer_teleported","resourceId":"r","planet":{"name":"Mars"},"_links":{"teleporter":{"href":"https://api.dwolla.com/teleporters/1"}}}`,
		`{"id":"4"}`,
	} {
		wantStatus(t, answer(h, request(t, []byte(body), webhook.Sign(signingSecret, []byte(body)))), http.StatusOK)
	}
	if len(got) != 4 {
		t.Fatalf("%d events delivered", len(got))
	}
	third := got[2]
	if third.Topic != "customer_teleported" || string(third.Extra["planet"]) != `{"name":"Mars"}` || third.Links.Extra["teleporter"] == nil {
		t.Errorf("the unknown event lost something: %+v", third)
	}
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

// FuzzParse checks that no body makes Parse panic, and that events keep their id when encoded and parsed again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"id":"1","topic":"transfer_created","_links":{"resource":{"href":"https://api.dwolla.com/transfers/1"}}}`))
	f.Add([]byte(`{"id":"1","_links":{"resource":[{"href":"a"},{}]},"created":null,"x":[1e400]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		event, err := webhook.Parse(body)
		if err != nil {
			return
		}
		_, _ = event.OccurredAt()
		_ = event.LogValue()
		again, err := event.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		second, err := webhook.Parse(again)
		if err != nil || second.ID != event.ID || second.ID == "" {
			t.Errorf("%q became %q: %v", body, again, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	body := encode(b, newEvent())
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := webhook.Parse(body); err != nil {
			b.Fatal(err)
		}
	}
}

func TestFault386_ADeliveryNeedsAnIDAndATopicThatCanBeReadNoMore(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		kept string // a member of Extra
		text string
	}{
		"an unreadable time":        {`{"id":"1","topic":"a","created":"a full moon"}`, "", ""},
		"a time without seconds":    {`{"id":"1","topic":"a","created":"2026-11-27T20:00Z"}`, "", ""},
		"a time of a number":        {`{"id":"1","topic":"a","created":1795809600000}`, "created", `1795809600000`},
		"a time twice":              {`{"id":"1","topic":"a","created":"x","created":"y"}`, "created", `"y"`},
		"no time":                   {`{"id":"1","topic":"a"}`, "", ""},
		"a resource of a number":    {`{"id":"1","topic":"a","resourceId":42}`, "resourceId", `42`},
		"links in a list":           {`{"id":"1","topic":"a","_links":[{"href":"/x"}]}`, "_links", `[{"href":"/x"}]`},
		"an empty list of links":    {`{"id":"1","topic":"a","_links":[]}`, "_links", `[]`},
		"half a pair":               {`{"id":"1","topic":"a","note":"Rock \ud83d"}`, "note", `"Rock \ud83d"`},
		"invalid UTF-8":             {"{\"id\":\"1\",\"topic\":\"a\",\"note\":\"\xff\"}", "note", "\"\xff\""},
		"a name of half a pair":     {`{"id":"1","topic":"a","\ud83d":7}`, "\ufffd", `7`},
		"an unknown member twice":   {`{"id":"1","topic":"a","note":1,"note":{}}`, "note", `{}`},
		"the topic before the rest": {`{"resourceId":[],"topic":"a","id":"1"}`, "resourceId", `[]`},
	} {
		t.Run(name, func(t *testing.T) {
			var got *webhook.Event
			h := newHandler(t, webhook.WithMaxAge(1<<62), webhook.OnAny(func(_ context.Context, event *webhook.Event) error {
				got = event
				return nil
			}))
			wantStatus(t, answer(h, request(t, []byte(tt.body), webhook.Sign(signingSecret, []byte(tt.body)))), http.StatusOK)
			if got == nil || got.ID != "1" || got.Topic != "a" || tt.kept != "" && string(got.Extra[tt.kept]) != tt.text {
				t.Fatalf("got %+v", got)
			}
			if out, err := got.MarshalJSON(); err != nil || tt.kept != "" && !bytes.Contains(out, []byte(tt.text)) {
				t.Errorf("written back as %s, %v", out, err)
			}
		})
	}
	for _, body := range []string{
		`{"id":"1","topic":"a","topic":"b"}`, `{"id":"1","topic":7}`, `{"id":"1","topic":"\ud83d"}`, `{"id":"\ud83d","topic":"a"}`, `{"id":["1"],"topic":"a","created":7}`,
		`{"id":"1","topic":"a","created":nope}`, `{"id":"1","topic":"a","created":7`, `{"id":"1","topic":"a","created":7} x`, `7`,
	} {
		if event, err := webhook.Parse([]byte(body)); !errors.Is(err, webhook.ErrEvent) {
			t.Errorf("%s: %+v, %v", body, event, err)
		}
	}
}
