package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
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

func TestAnEventThatFailsDoesNotHoldUpTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad, good := newEvent(), newEvent()
		var c counter
		h := newHandler(t, webhook.WithBackground(webhook.Background{Workers: 1}),
			webhook.OnAny(func(ctx context.Context, event *webhook.Event) error {
				if event.ID == bad.ID {
					return errBoom
				}
				return c.handle(ctx, event)
			}))
		wantStatus(t, deliver(t, h, bad), http.StatusOK)
		wantStatus(t, deliver(t, h, good), http.StatusOK)
		synctest.Wait()
		wantRuns(t, &c, good, 1)
		if err := h.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestEventsThatFailDoNotFillTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs, gaveUp atomic.Int64
		h := newHandler(t, webhook.WithBackground(webhook.Background{
			GaveUp: func(context.Context, *webhook.Event, error) { gaveUp.Add(1) },
		}), webhook.OnAny(func(_ context.Context, event *webhook.Event) error {
			if event.ResourceID == "bad" {
				return errBoom
			}
			runs.Add(1)
			return nil
		}))
		const events = 6000 // ten a second, every tenth fails
		for i := range events {
			event := newEvent()
			if i%10 == 0 {
				event.ResourceID = "bad"
			}
			if status := deliver(t, h, event); status != http.StatusOK {
				t.Fatalf("delivery %d is answered %d", i, status)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if err := h.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if runs.Load() != events*9/10 || gaveUp.Load() != events/10 {
			t.Errorf("%d processed, %d given up", runs.Load(), gaveUp.Load())
		}
	})
}

func TestATopicWhoseHandlerHangsLeavesRoomToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c counter
		hangs := dwolla.EventTopicCustomerTransferFailed
		h := newHandler(t, webhook.WithBackground(webhook.Background{Workers: 4, Queue: 8}),
			webhook.OnAny(func(ctx context.Context, event *webhook.Event) error {
				if event.Topic == hangs {
					return untilEnd(nil)(ctx, event)
				}
				return c.handle(ctx, event)
			}))
		refused := 0
		for range 20 {
			event := newEvent()
			event.Topic = hangs
			if deliver(t, h, event) != http.StatusOK {
				refused++
			}
		}
		if refused != 11 { // 3 are in work, 6 wait
			t.Errorf("%d events of the topic that hangs are refused, want 11", refused)
		}
		for range 5 {
			event := newEvent()
			wantStatus(t, deliver(t, h, event), http.StatusOK)
			synctest.Wait()
			wantRuns(t, &c, event, 1)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_ = h.Shutdown(ctx)
	})
}

func TestAHandlerThatEndsItsGoroutineIsAFailureInTheBackgroundToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c counter
		bad, good := newEvent(), newEvent()
		var gaveUp atomic.Int64
		h := newHandler(t, webhook.WithBackground(webhook.Background{
			Workers: 1, Attempts: 2, GaveUp: func(context.Context, *webhook.Event, error) {
				gaveUp.Add(1)
				runtime.Goexit()
			},
		}), webhook.OnAny(func(ctx context.Context, event *webhook.Event) error {
			if event.ID == bad.ID {
				runtime.Goexit()
			}
			return c.handle(ctx, event)
		}))
		wantStatus(t, deliver(t, h, bad), http.StatusOK)
		time.Sleep(time.Minute)
		if gaveUp.Load() != 1 {
			t.Fatalf("given up %d times", gaveUp.Load())
		}
		wantStatus(t, deliver(t, h, good), http.StatusOK)
		if err := h.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		wantRuns(t, &c, good, 1)
	})
}

func TestHandlersThatSucceededAreNotRunAgainForTheSakeOfTheRecord(t *testing.T) {
	for name, fails := range map[string]time.Duration{"the store is back in time": 5 * time.Second, "the store is not back": time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var c counter
				var gaveUp error
				store := &faultyStore{Store: &webhook.MemoryStore{}, complete: errBoom}
				h := newHandler(t, webhook.WithStore(store), webhook.OnAny(c.handle), webhook.WithBackground(webhook.Background{
					GaveUp: func(_ context.Context, _ *webhook.Event, err error) { gaveUp = err },
				}))
				recovers := time.AfterFunc(fails, func() { store.set(func(s *faultyStore) { s.complete = nil }) })
				defer recovers.Stop()
				event := newEvent()
				wantStatus(t, deliver(t, h, event), http.StatusOK)
				if err := h.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
				wantRuns(t, &c, event, 1)
				if fails < time.Minute {
					if gaveUp != nil {
						t.Errorf("gave up: %v", gaveUp)
					}
					wantStatus(t, deliver(t, newHandler(t, webhook.WithStore(store), webhook.OnAny(c.handle)), event), http.StatusOK)
					wantRuns(t, &c, event, 1)
				} else if !errors.Is(gaveUp, webhook.ErrNotRecorded) || !errors.Is(gaveUp, errBoom) {
					t.Errorf("gave up with %v", gaveUp)
				}
			})
		})
	}
}
