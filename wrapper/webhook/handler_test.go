package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook/webhooktest"
)

func TestAZeroHandlerAnswersAndDoesNotPanic(t *testing.T) {
	var none *webhook.Handler
	for _, h := range []*webhook.Handler{none, {}} {
		wantStatus(t, deliver(t, h, newEvent()), http.StatusInternalServerError)
	}
}

func TestSecretsAndBodiesAreNeitherPrintedNorLoggedNorAnswered(t *testing.T) {
	var out bytes.Buffer
	h := newHandler(t, webhook.OnAny(func(context.Context, *webhook.Event) error { return errBoom }),
		webhook.WithLogger(slog.New(slog.NewTextHandler(&out, nil))))
	event := newEvent()
	event.ResourceID = "canary"
	answer := webhooktest.Deliver(t.Context(), h, signingSecret, event)
	_ = answer.Write(&out)
	answer = webhooktest.DeliverBody(t.Context(), h, signingSecret, []byte(`{"id":"canary","id":"canary"}`))
	_ = answer.Write(&out)
	v := mustVerifier(t, signingSecret)
	_, _ = fmt.Fprintf(&out, "%v %+v %#v %s", v, v, v, v)
	for _, canary := range []string{signingSecret, "canary"} {
		if strings.Contains(out.String(), canary) {
			t.Errorf("%q is in %s", canary, out.String())
		}
	}
}

func TestFailuresAreLoggedAsErrorsAndRefusalsAsWarnings(t *testing.T) {
	store := &faultyStore{Store: &webhook.MemoryStore{}}
	var out bytes.Buffer
	h := newHandler(t, webhook.WithStore(store), webhook.WithLogger(slog.New(slog.NewTextHandler(&out, nil))),
		webhook.OnAny(func(context.Context, *webhook.Event) error { return errBoom }))
	wantLog := func(want ...string) {
		t.Helper()
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%q is not in %s", w, out.String())
			}
		}
		out.Reset()
	}
	deliver(t, h, newEvent())
	if strings.Contains(out.String(), "not released") {
		t.Errorf("a claim that was released is not in %s", out.String())
	}
	wantLog("level=ERROR", "status=500", "error=boom")
	store.set(func(s *faultyStore) { s.claim = errors.New("no database") })
	deliver(t, h, newEvent())
	wantLog("level=ERROR", "status=503", `error="no database"`)
	answer(h, request(t, []byte("{}"), "forged"))
	wantLog("level=WARN", "status=401")
	answer(h, request(t, make([]byte, 1<<20), "forged"))
	if strings.Contains(out.String(), "error=") {
		t.Errorf("an error that there was not is in %s", out.String())
	}
	wantLog("level=WARN", "status=413")
}

func TestFault123_AnOldDeliveryThatIsSentAgainRunsNothing(t *testing.T) {
	t.Run("within the memory of the store, which is longer than the 30 days of Dwolla", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var c counter
			h := newHandler(t, webhook.OnAny(c.handle))
			event := newEvent()
			wantStatus(t, deliver(t, h, event), http.StatusOK)
			for range 10 {
				time.Sleep(73 * time.Hour)
				wantStatus(t, deliver(t, h, event), http.StatusOK)
			}
			wantRuns(t, &c, event, 1)
		})
	})
	t.Run("beyond an age, where one is set", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var c counter
			h := newHandler(t, webhook.OnAny(c.handle), webhook.WithMaxAge(96*time.Hour), webhook.WithStore(forgetful()))
			event := newEvent()
			time.Sleep(96 * time.Hour)
			wantStatus(t, deliver(t, h, event), http.StatusOK)
			time.Sleep(time.Second)
			wantStatus(t, deliver(t, h, event), http.StatusBadRequest)

			onlyTimestamp := newEvent()
			onlyTimestamp.Created = ""
			wantStatus(t, deliver(t, h, onlyTimestamp), http.StatusOK)
			timeless := newEvent()
			timeless.Created, timeless.Timestamp = "", ""
			wantStatus(t, deliver(t, h, timeless), http.StatusOK)
		})
	})
}

// forgetful returns a store that remembers nothing.
func forgetful() webhook.Store { return &webhook.MemoryStore{Retention: time.Nanosecond} }

// An inbox is a program that reads the resource of each event. The in-memory Dwolla delivers to it as Dwolla does:
// signed, over HTTP, twice and out of order.
type inbox struct {
	client *dwolla.Client

	mu      sync.Mutex
	fail    error
	seen    []string // ids of processed events
	holders map[string]dwolla.CustomerStatus
}

func (i *inbox) handle(ctx context.Context, event *webhook.Event) error {
	customer, err := webhook.Resource[dwolla.Customer](ctx, i.client, event)
	if err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.fail != nil {
		return i.fail
	}
	i.seen = append(i.seen, event.ID)
	i.holders[event.Links.Resource.Href] = customer.Status
	return nil
}

func (i *inbox) setFail(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fail = err
}

// processed returns how many events were processed, and whether any was processed twice.
func (i *inbox) processed() (n int, twice bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	ids := slices.Sorted(slices.Values(i.seen))
	return len(ids), len(slices.Compact(ids)) < len(i.seen)
}

func subscribe(t *testing.T, opts ...webhook.Option) (*dwollatest.Server, *webhook.Handler, *inbox, string) {
	t.Helper()
	in := &inbox{holders: map[string]dwolla.CustomerStatus{}}
	h := newHandler(t, append(opts, webhook.OnPrefix("customer_", in.handle))...)
	receiver := &http.Client{Transport: dwollatest.HandlerTransport(h)}
	server := dwollatest.New(t, dwollatest.WithWebhookClient(receiver))
	in.client = server.Dwolla()
	subscription, err := webhook.EnsureSubscription(t.Context(), in.client, endpoint, signingSecret)
	if err != nil {
		t.Fatal(err)
	}
	return server, h, in, subscription.ID
}

func TestEventsDeliveredTwiceAndInReverseRunOnce(t *testing.T) {
	for name, opts := range map[string][]webhook.Option{
		"acknowledged afterwards": nil,
		"acknowledged first":      {webhook.WithBackground(webhook.Background{})},
	} {
		t.Run(name, func(t *testing.T) {
			server, h, in, _ := subscribe(t, opts...)
			server.SetDelivery(dwollatest.Delivery{Copies: 2, Reverse: true})
			createCustomer(t, in.client, "a@example.com")
			createCustomer(t, in.client, "b@example.com")
			server.WaitWebhooks()
			if err := h.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			n, twice := in.processed()
			if n < 2 || twice {
				t.Errorf("%d events processed, any twice: %t", n, twice)
			}
			for href, status := range in.holders {
				if status != dwolla.CustomerStatusUnverified {
					t.Errorf("%s is %s", href, status)
				}
			}
		})
	}
}

func TestAFailedEventIsDeliveredAgain(t *testing.T) {
	server, _, in, _ := subscribe(t)
	in.setFail(errBoom)
	createCustomer(t, in.client, "a@example.com")
	server.WaitWebhooks()
	in.setFail(nil)
	if n, _ := in.processed(); n != 0 {
		t.Errorf("%d events processed", n)
	}
	server.Advance(15 * time.Minute)
	server.WaitWebhooks()
	if n, twice := in.processed(); n == 0 || twice {
		t.Errorf("%d events processed, any twice: %t", n, twice)
	}
}

func createCustomer(t *testing.T, client *dwolla.Client, email string) {
	t.Helper()
	_, err := client.Customers.Create(t.Context(), dwolla.CreateUnverifiedCustomer{FirstName: "Amara", LastName: "Okafor", Email: email})
	if err != nil {
		t.Fatal(err)
	}
}

// BenchmarkHandler measures a delivery from request to response: read, verify, parse, claim, dispatch, complete.
func BenchmarkHandler(b *testing.B) {
	h, err := webhook.NewHandler(signingSecret,
		webhook.WithStore(&webhook.MemoryStore{Limit: 1000}), // small enough that no event is a duplicate
		webhook.OnPrefix("customer_", func(context.Context, *webhook.Event) error { return nil }))
	if err != nil {
		b.Fatal(err)
	}
	requests := make([]*http.Request, 2000)
	bodies := make([]*bytes.Reader, len(requests))
	size := 0
	for i := range requests {
		body := encode(b, newEvent())
		size = len(body)
		requests[i] = request(b, body, webhook.Sign(signingSecret, body))
		bodies[i] = bytes.NewReader(body)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		r := requests[i%len(requests)]
		body := bodies[i%len(requests)]
		_, _ = body.Seek(0, io.SeekStart)
		r.Body = io.NopCloser(body)
		w := &writer{}
		h.ServeHTTP(w, r)
		if w.status != http.StatusOK {
			b.Fatalf("answered %d", w.status)
		}
		i++
	}
}

// A writer is a ResponseWriter without cost of its own.
type writer struct{ status int }

func (*writer) Header() http.Header { return http.Header{} }

func (w *writer) WriteHeader(status int) { w.status = status }

func (*writer) SetReadDeadline(time.Time) error { return nil } // as the server's own ResponseWriter has

func (*writer) Write(p []byte) (int, error) { return len(p), nil }

func TestAnEventWithItsIDInAnotherCaseIsTheSameEvent(t *testing.T) {
	for name, opts := range map[string][]webhook.Option{
		"in the background": {webhook.WithBackground(webhook.Background{})}, "before the acknowledgement": nil,
	} {
		t.Run(name, func(t *testing.T) {
			runs := 0
			h := newHandler(t, append(opts, webhook.OnAny(func(context.Context, *webhook.Event) error {
				runs++
				return nil
			}))...)
			event := newEvent()
			event.ID = "0d9a9c6a-1960-54ce-a608-dbde377570d9"
			wantStatus(t, deliver(t, h, event), http.StatusOK)
			event.ID = strings.ToUpper(event.ID)
			wantStatus(t, deliver(t, h, event), http.StatusOK)
			if err := h.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if runs != 1 {
				t.Errorf("the handler ran %d times", runs)
			}
		})
	}
}
