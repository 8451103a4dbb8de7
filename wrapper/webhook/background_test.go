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

func TestShutdownRefusesNewDeliveriesAndWaitsForTheOthers(t *testing.T) {
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

func TestAShutdownOutOfTimeGivesUpWhatIsLeft(t *testing.T) {
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
