package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook/webhooktest"
)

func TestFault120_DuplicatesRunOnceAndAreAllAcknowledged(t *testing.T) {
	t.Run("one after the other", func(t *testing.T) {
		var c counter
		h := newHandler(t, webhook.OnAny(c.handle))
		event := newEvent()
		for range 5 {
			wantStatus(t, deliver(t, h, event), http.StatusOK)
		}
		wantRuns(t, &c, event, 1)
	})
	for name, opts := range map[string][]webhook.Option{
		"ten at a time":                    nil,
		"ten at a time, in the background": {webhook.WithBackground(webhook.Background{})},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := counter{work: 3 * time.Second}
				h := newHandler(t, append(opts, webhook.OnAny(c.handle))...)
				event := newEvent()
				var all sync.WaitGroup
				for range 10 {
					all.Go(func() { wantStatus(t, deliver(t, h, event), http.StatusOK) })
				}
				all.Wait()
				if err := h.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
				wantRuns(t, &c, event, 1)
			})
		})
	}
	t.Run("of one that takes longer than Dwolla waits, the duplicate is not acknowledged", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := counter{work: 30 * time.Second}
			h := newHandler(t, webhook.OnAny(c.handle))
			event := newEvent()
			var first sync.WaitGroup
			first.Go(func() { wantStatus(t, deliver(t, h, event), http.StatusOK) })
			synctest.Wait()
			start := time.Now()
			wantStatus(t, deliver(t, h, event), http.StatusServiceUnavailable)
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("answered after %v", took)
			}
			first.Wait()
			wantStatus(t, deliver(t, h, event), http.StatusOK)
			wantRuns(t, &c, event, 1)
		})
	})
}

func TestALongHandlerKeepsItsClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := counter{work: 10 * time.Minute}
		store := &webhook.MemoryStore{}
		h := newHandler(t, webhook.WithStore(store), webhook.WithTimeout(time.Hour), webhook.OnAny(c.handle))
		event := newEvent()
		var first sync.WaitGroup
		first.Go(func() { wantStatus(t, deliver(t, h, event), http.StatusOK) })
		for range 9 {
			time.Sleep(time.Minute)
			if _, status, err := store.Claim(t.Context(), event.ID, time.Minute); err != nil || status != webhook.InProgress {
				t.Errorf("status %v, %v", status, err)
			}
		}
		first.Wait()
		wantRuns(t, &c, event, 1)
	})
}

func TestAHandlerThatMayHaveLostItsClaimIsCanceled(t *testing.T) {
	for name, tt := range map[string]struct {
		renew error
		after time.Duration
	}{
		"because somebody else has it":                   {webhook.ErrClaimLost, 20 * time.Second},
		"because the store was not reached for too long": {errBoom, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &faultyStore{Store: &webhook.MemoryStore{}, renew: tt.renew}
				var cause error
				h := newHandler(t, webhook.WithStore(store), webhook.WithTimeout(time.Hour), webhook.OnAny(untilEnd(&cause)))
				start := time.Now()
				wantStatus(t, deliver(t, h, newEvent()), http.StatusInternalServerError)
				if took := time.Since(start); took != tt.after {
					t.Errorf("told after %v", took)
				}
				if !errors.Is(cause, webhook.ErrClaimLost) {
					t.Errorf("cause is %v", cause)
				}
			})
		})
	}
	for name, begin := range map[string]time.Duration{
		"but not because the store failed at first":                     0,
		"but not because the store failed once, after a long good time": 5*time.Minute + 10*time.Second,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &faultyStore{Store: &webhook.MemoryStore{}}
				c := counter{work: 10 * time.Minute}
				h := newHandler(t, webhook.WithStore(store), webhook.WithTimeout(time.Hour),
					webhook.OnAny(func(ctx context.Context, event *webhook.Event) error {
						_ = c.handle(ctx, event)
						return ctx.Err()
					}))
				time.AfterFunc(begin, func() { store.set(func(s *faultyStore) { s.renew = errBoom }) })
				time.AfterFunc(begin+30*time.Second, func() { store.set(func(s *faultyStore) { s.renew = nil }) })
				event := newEvent()
				wantStatus(t, deliver(t, h, event), http.StatusOK)
				wantRuns(t, &c, event, 1)
			})
		})
	}
}

func TestAHandlerIsCanceledWhenTheStoreHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &hangingStore{Store: &webhook.MemoryStore{}}
		h := newHandler(t, webhook.WithStore(store), webhook.WithTimeout(time.Hour), webhook.OnAny(untilEnd(nil)))
		start := time.Now()
		wantStatus(t, deliver(t, h, newEvent()), http.StatusInternalServerError)
		if took := time.Since(start); took != time.Minute {
			t.Errorf("told after %v", took)
		}
	})
}

// A hangingStore does not answer Renew.
type hangingStore struct{ webhook.Store }

func (s *hangingStore) Renew(ctx context.Context, _ webhook.Claim, _ time.Duration) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestADeliveryThatWaitsForAnotherEndsWithItsConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := counter{work: 30 * time.Second}
		h := newHandler(t, webhook.OnAny(c.handle))
		event := newEvent()
		go deliver(t, h, event)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		start := time.Now()
		answer := webhooktest.Deliver(ctx, h, signingSecret, event)
		_ = answer.Body.Close()
		wantStatus(t, answer.StatusCode, http.StatusServiceUnavailable)
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("ended after %v", took)
		}
		time.Sleep(time.Minute)
	})
}
