package webhook_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook/webhooktest"
)

// eventAt returns an event that happened some time ago.
func eventAt(ago time.Duration) *webhook.Event {
	event := newEvent()
	event.Created = api.TimeOf(time.Now().Add(-ago))
	return event
}

func TestReplayProcessesMissedEventsOnly(t *testing.T) {
	fake := newFake(t)
	var c counter
	h := newHandler(t, webhook.OnPrefix("customer_", c.handle))
	old, slack := eventAt(48*time.Hour), eventAt(25*time.Hour-30*time.Minute)
	delivered, missed, later := eventAt(23*time.Hour), eventAt(22*time.Hour), eventAt(time.Hour)
	unwanted := webhooktest.NewEvent(dwolla.EventTopicAccountSuspended, "accounts/1")
	timeless := newEvent()
	timeless.Created = ""
	for _, event := range []*webhook.Event{old, delivered, slack, missed, later, unwanted, timeless} {
		fake.addEvent(event)
	}
	wantStatus(t, deliver(t, h, delivered), http.StatusOK)

	since := time.Now().Add(-24 * time.Hour)
	got, err := h.Replay(t.Context(), fake.client, since)
	if want := (webhook.Replayed{Listed: 5, Processed: 3, Known: 1, Unwanted: 1}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for _, event := range []*webhook.Event{delivered, missed, later, timeless} {
		wantRuns(t, &c, event, 1)
	}
	wantRuns(t, &c, old, 0)
	wantRuns(t, &c, slack, 0)

	got, err = h.Replay(t.Context(), fake.client, since)
	if want := (webhook.Replayed{Listed: 5, Known: 4, Unwanted: 1}); err != nil || got != want {
		t.Errorf("again: got %+v, %v, want %+v", got, err, want)
	}
	got, err = h.Replay(t.Context(), fake.client, time.Time{})
	if err != nil || got.Listed != 7 || got.Processed != 2 {
		t.Errorf("of all time: got %+v, %v", got, err)
	}
	wantStatus(t, deliver(t, h, missed), http.StatusOK) // Dwolla's own repetition arrives later
	wantRuns(t, &c, missed, 1)
}

func TestReplayWalksEveryPage(t *testing.T) {
	fake := newFake(t)
	var c counter
	h := newHandler(t, webhook.OnAny(c.handle))
	for range 250 {
		fake.addEvent(newEvent())
	}
	got, err := h.Replay(t.Context(), fake.client, time.Now().Add(-time.Hour))
	if err != nil || got.Processed != 250 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestReplayStopsListingAtItsStartTime(t *testing.T) {
	fake := newFake(t)
	var c counter
	h := newHandler(t, webhook.OnAny(c.handle))
	for range 950 {
		fake.addEvent(eventAt(48 * time.Hour))
	}
	fake.addEvent(newEvent())
	got, err := h.Replay(t.Context(), fake.client, time.Now().Add(-time.Hour))
	if err != nil || got.Processed != 1 || fake.requests() > 3 { // of five pages; two may be read ahead
		t.Errorf("got %+v, %v in %d requests", got, err, fake.requests())
	}
}

func TestReplayAndDeliveriesAtOnceRunNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t)
		c := counter{work: time.Second}
		h := newHandler(t, webhook.OnAny(c.handle))
		var events []*webhook.Event
		for range 20 {
			events = append(events, newEvent())
			fake.addEvent(events[len(events)-1])
		}
		var all sync.WaitGroup
		for _, event := range events {
			all.Go(func() { wantStatus(t, deliver(t, h, event), http.StatusOK) })
		}
		for range 2 {
			all.Go(func() {
				if got, err := h.Replay(t.Context(), fake.client, time.Time{}); err != nil || got.Listed != 20 {
					t.Errorf("got %+v, %v", got, err)
				}
			})
		}
		all.Wait()
		for _, event := range events {
			wantRuns(t, &c, event, 1)
		}
	})
}

func TestReplayWaitsUntilTheLeaseOfADeadProcessExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t)
		event := newEvent()
		fake.addEvent(event)
		store := &webhook.MemoryStore{}
		wantClaim(t, store, event.ID, webhook.Claimed)
		var c counter
		h := newHandler(t, webhook.WithStore(store), webhook.OnAny(c.handle))
		got, err := h.Replay(t.Context(), fake.client, time.Time{})
		if want := (webhook.Replayed{Listed: 1, Processed: 1}); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	})
}

func TestReplayContinuesAfterAFailureAndReportsIt(t *testing.T) {
	fake := newFake(t)
	fake.addEvent(newEvent())
	fake.addEvent(newEvent())
	c := counter{fail: errBoom}
	h := newHandler(t, webhook.OnAny(c.handle))
	got, err := h.Replay(t.Context(), fake.client, time.Time{})
	if want := (webhook.Replayed{Listed: 2, Failed: 2}); got != want || !errors.Is(err, errBoom) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if want := "2 events failed, the first: webhook: a handler failed: boom"; !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error is %q, want %q", err, want)
	}
	c.setFail(nil)
	if got, err = h.Replay(t.Context(), fake.client, time.Time{}); err != nil || got.Processed != 2 {
		t.Errorf("again: got %+v, %v", got, err)
	}
}

func TestReplayStopsWhen(t *testing.T) {
	t.Run("the store fails", func(t *testing.T) {
		fake := newFake(t)
		fake.addEvent(newEvent())
		fake.addEvent(newEvent())
		h := newHandler(t, webhook.WithStore(&faultyStore{Store: &webhook.MemoryStore{}, claim: errBoom}), webhook.OnAny(neverCalled(t)))
		if got, err := h.Replay(t.Context(), fake.client, time.Time{}); !errors.Is(err, errBoom) || got.Listed != 1 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	t.Run("the list fails", func(t *testing.T) {
		fake := newFake(t)
		h := newHandler(t, webhook.OnAny(neverCalled(t)))
		fake.mux = http.NewServeMux() // 404 for everything
		if _, err := h.Replay(t.Context(), fake.client, time.Time{}); !errors.Is(err, dwolla.ErrNotFound) {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("the handler was shut down", func(t *testing.T) {
		fake := newFake(t)
		fake.addEvent(newEvent())
		h := newHandler(t, webhook.OnAny(neverCalled(t)))
		if err := h.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Replay(t.Context(), fake.client, time.Time{}); !errors.Is(err, webhook.ErrShutdown) {
			t.Errorf("error is %v", err)
		}
	})
}

func TestReplayCatchesUpAfterThePauseOfASubscription(t *testing.T) {
	server, h, in, id := subscribe(t)
	createCustomer(t, in.client, "before@example.com")
	server.WaitWebhooks()
	before, _ := in.processed()

	if _, err := in.client.WebhookSubscriptions.Update(t.Context(), id, dwolla.UpdateWebhookSubscription{Paused: true}); err != nil {
		t.Fatal(err)
	}
	paused := server.Now()
	server.Advance(time.Hour)
	createCustomer(t, in.client, "meanwhile@example.com")
	server.WaitWebhooks()
	if n, _ := in.processed(); n != before {
		t.Errorf("%d events processed while paused", n-before)
	}

	resumed, err := webhook.EnsureSubscription(t.Context(), in.client, endpoint, signingSecret)
	if err != nil || resumed.ID != id || resumed.Paused {
		t.Fatalf("resumed %+v, %v", resumed, err)
	}
	missed := 0
	for w, err := range webhook.Undelivered(t.Context(), in.client, id, paused) {
		if err != nil {
			t.Fatal(err)
		}
		if len(w.Attempts) != 0 {
			t.Errorf("%s has attempts", w.Topic)
		}
		missed++
	}
	done, err := h.Replay(t.Context(), in.client, paused)
	if err != nil || done.Processed == 0 || done.Processed > missed {
		t.Errorf("replayed %+v of %d, %v", done, missed, err)
	}
	all, err := h.Replay(t.Context(), in.client, time.Time{})
	if err != nil || all.Processed != 0 {
		t.Errorf("and again %+v, %v", all, err)
	}
	if n, twice := in.processed(); n != before+done.Processed || twice {
		t.Errorf("%d events processed, any twice: %t", n, twice)
	}

	for w, err := range webhook.Undelivered(t.Context(), in.client, id, paused) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.client.Webhooks.Retry(t.Context(), w.ID); err != nil {
			t.Fatal(err)
		}
	}
	server.WaitWebhooks()
	if n, twice := in.processed(); n != before+done.Processed || twice {
		t.Errorf("after the retries: %d events processed, any twice: %t", n, twice)
	}
}

func TestFault387_AnEventThatCannotBeReadDoesNotStopAReplay(t *testing.T) {
	events := `{"_links":{},"_embedded":{"events":[{"id":"1","topic":"a"},{"id":"2","topic":7},{"id":"3","topic":"a"}]},"total":3}`
	client, err := dwolla.NewClient(dwolla.Sandbox, "key", "secret", dwolla.WithHTTPClient(&http.Client{
		Transport: dwollatest.HandlerTransport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/vnd.dwolla.v1.hal+json")
			if r.URL.Path == "/token" {
				_, _ = w.Write([]byte(`{"access_token":"t","token_type":"Bearer","expires_in":3600}`))
				return
			}
			_, _ = w.Write([]byte(events))
		})),
	}))
	if err != nil {
		t.Fatal(err)
	}
	var c counter
	got, err := newHandler(t, webhook.OnAny(c.handle)).Replay(t.Context(), client, time.Time{})
	if want := (webhook.Replayed{Listed: 3, Processed: 2, Failed: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if _, ok := errors.AsType[*dwolla.EntryError](err); !ok || c.runs["1"] != 1 || c.runs["3"] != 1 {
		t.Errorf("%v, %v", c.runs, err)
	}
}
