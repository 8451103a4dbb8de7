package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

func TestFault126_SlowHandlersAreAcknowledgedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := counter{work: time.Minute}
		h := newHandler(t, webhook.OnAny(c.handle), webhook.WithBackground(webhook.Background{}))
		event := newEvent()
		start := time.Now()
		wantStatus(t, deliver(t, h, event), http.StatusOK)
		if took := time.Since(start); took != 0 {
			t.Errorf("acknowledged after %v", took)
		}
		wantRuns(t, &c, event, 0)
		if err := h.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		wantRuns(t, &c, event, 1)
	})
}

func TestBackgroundWorkersAndQueueAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var working, most, runs atomic.Int64
		h := newHandler(t, webhook.WithBackground(webhook.Background{Workers: 2, Queue: 3}),
			webhook.OnAny(func(context.Context, *webhook.Event) error {
				runs.Add(1)
				most.Store(max(most.Load(), working.Add(1)))
				time.Sleep(time.Second)
				working.Add(-1)
				return nil
			}))
		var refused []*webhook.Event
		for range 8 {
			event := newEvent()
			if status := deliver(t, h, event); status == http.StatusServiceUnavailable {
				refused = append(refused, event)
			}
		}
		if len(refused) != 3 {
			t.Errorf("%d deliveries refused, want 3", len(refused))
		}
		time.Sleep(time.Minute)
		for _, event := range refused {
			wantStatus(t, deliver(t, h, event), http.StatusOK)
		}
		if err := h.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if most.Load() != 2 || runs.Load() != 8 {
			t.Errorf("%d at a time, %d in all", most.Load(), runs.Load())
		}
	})
}

func TestADuplicateOfAnAcknowledgedEventIsAcknowledgedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := counter{work: 30 * time.Second}
		h := newHandler(t, webhook.OnAny(c.handle), webhook.WithBackground(webhook.Background{}))
		event := newEvent()
		start := time.Now()
		for range 3 {
			wantStatus(t, deliver(t, h, event), http.StatusOK)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("acknowledged after %v", took)
		}
		if err := h.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		wantRuns(t, &c, event, 1)
	})
}

func TestBackgroundRetriesAndThenGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		var gaveUp error
		store := &webhook.MemoryStore{}
		h := newHandler(t, webhook.WithStore(store), webhook.WithBackground(webhook.Background{
			Attempts: 4, GaveUp: func(_ context.Context, _ *webhook.Event, err error) { gaveUp = err },
		}), webhook.OnAny(func(context.Context, *webhook.Event) error {
			at = append(at, time.Since(start))
			return errBoom
		}))
		event := newEvent()
		wantStatus(t, deliver(t, h, event), http.StatusOK)
		if err := h.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if len(at) != 4 || at[1] != time.Second || at[2] != 3*time.Second || at[3] != 7*time.Second {
			t.Errorf("tried at %v", at)
		}
		if !errors.Is(gaveUp, errBoom) {
			t.Errorf("gave up with %v", gaveUp)
		}
		if _, status, err := store.Claim(t.Context(), event.ID, time.Minute); err != nil || status != webhook.Claimed {
			t.Errorf("the event is not free for a replay: %v, %v", status, err)
		}
	})
}
