package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

func TestShutdownRefusesNewDeliveriesAndWaitsForEventsInProgress(t *testing.T) {
	for name, opts := range map[string][]webhook.Option{
		"in the background":          {webhook.WithBackground(webhook.Background{Workers: 1})},
		"before the acknowledgement": nil,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := counter{work: 5 * time.Second}
				h := newHandler(t, append(opts, webhook.OnAny(c.handle))...)
				first, second := newEvent(), newEvent()
				for _, event := range []*webhook.Event{first, second} {
					go deliver(t, h, event)
				}
				synctest.Wait()
				go func() {
					time.Sleep(time.Second)
					wantStatus(t, deliver(t, h, newEvent()), http.StatusServiceUnavailable)
				}()
				if err := h.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
				wantRuns(t, &c, first, 1)
				wantRuns(t, &c, second, 1)
				if err := h.Shutdown(t.Context()); err != nil {
					t.Errorf("the second time: %v", err)
				}
			})
		})
	}
}

func TestShutdownGivesUpRemainingEventsWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &webhook.MemoryStore{}
		var causes []error
		var running error
		h := newHandler(t, webhook.WithStore(store), webhook.OnAny(untilEnd(&running)), webhook.WithTimeout(time.Hour),
			webhook.WithBackground(webhook.Background{Workers: 1, GaveUp: func(_ context.Context, _ *webhook.Event, err error) {
				causes = append(causes, err)
			}}))
		inWork, waiting := newEvent(), newEvent()
		wantStatus(t, deliver(t, h, inWork), http.StatusOK)
		wantStatus(t, deliver(t, h, waiting), http.StatusOK)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := h.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v", err)
		}
		if !errors.Is(running, webhook.ErrShutdown) {
			t.Errorf("the running handler was told %v", running)
		}
		if len(causes) != 2 || !errors.Is(causes[1], webhook.ErrShutdown) {
			t.Errorf("gave up with %v", causes)
		}
		for _, event := range []*webhook.Event{inWork, waiting} {
			if _, status, err := store.Claim(t.Context(), event.ID, time.Minute); err != nil || status != webhook.Claimed {
				t.Errorf("the event is not free: %v, %v", status, err)
			}
		}
	})
}
