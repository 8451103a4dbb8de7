package webhook_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook/webhooktest"
)

func TestTheContextOfAHandler(t *testing.T) {
	t.Run("outlives the connection", func(t *testing.T) {
		ctx, hangUp := context.WithCancel(t.Context())
		h := newHandler(t, webhook.OnAny(func(ctx context.Context, _ *webhook.Event) error {
			hangUp()
			return ctx.Err()
		}))
		answer := webhooktest.Deliver(ctx, h, signingSecret, newEvent())
		_ = answer.Body.Close()
		wantStatus(t, answer.StatusCode, http.StatusOK)
	})
	t.Run("ends with the time limit", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := newHandler(t, webhook.WithTimeout(5*time.Second), webhook.OnAny(untilEnd(nil)))
			start := time.Now()
			wantStatus(t, deliver(t, h, newEvent()), http.StatusInternalServerError)
			if took := time.Since(start); took != 5*time.Second {
				t.Errorf("ended after %v", took)
			}
		})
	})
	t.Run("carries the claim, and a handler may complete it", func(t *testing.T) {
		store := &webhook.MemoryStore{}
		runs := 0
		h := newHandler(t, webhook.WithStore(store), webhook.OnAny(func(ctx context.Context, event *webhook.Event) error {
			runs++
			claim, ok := webhook.ClaimFromContext(ctx)
			if !ok || claim.EventID != event.ID || claim.Token == "" {
				t.Errorf("claim is %+v, %t", claim, ok)
			}
			return store.Complete(ctx, claim)
		}))
		event := newEvent()
		for range 2 {
			wantStatus(t, deliver(t, h, event), http.StatusOK)
		}
		if runs != 1 {
			t.Errorf("ran %d times", runs)
		}
	})
	t.Run("has no claim outside of a handler", func(t *testing.T) {
		if claim, ok := webhook.ClaimFromContext(t.Context()); ok {
			t.Errorf("claim is %+v", claim)
		}
	})
}

func TestFault122_AnEventWhoseHandlerDiedIsProcessedAgain(t *testing.T) {
	for name, die := range map[string]func(){
		"it panics":                 func() { panic("boom") },
		"it panics with nil":        func() { panic(nil) }, //nolint:govet // on purpose
		"it aborts the HTTP answer": func() { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			var c counter
			dies := true
			h := newHandler(t, webhook.OnAny(func(ctx context.Context, event *webhook.Event) error {
				if dies {
					die()
				}
				return c.handle(ctx, event)
			}))
			event := newEvent()
			wantStatus(t, deliver(t, h, event), http.StatusInternalServerError)
			dies = false
			wantStatus(t, deliver(t, h, event), http.StatusOK)
			wantRuns(t, &c, event, 1)
		})
	}
	t.Run("it fails", func(t *testing.T) {
		c := counter{fail: errBoom}
		h := newHandler(t, webhook.OnAny(c.handle))
		event := newEvent()
		wantStatus(t, deliver(t, h, event), http.StatusInternalServerError)
		c.setFail(nil)
		wantStatus(t, deliver(t, h, event), http.StatusOK)
		wantRuns(t, &c, event, 1)
	})
	t.Run("it ends its goroutine", func(t *testing.T) {
		var c counter
		store := &webhook.MemoryStore{}
		event := newEvent()
		done := make(chan struct{})
		go func() {
			defer close(done)
			h := newHandler(t, webhook.WithStore(store), webhook.OnAny(func(context.Context, *webhook.Event) error {
				runtime.Goexit()
				return nil
			}))
			deliver(t, h, event)
		}()
		<-done
		wantStatus(t, deliver(t, newHandler(t, webhook.WithStore(store), webhook.OnAny(c.handle)), event), http.StatusOK)
		wantRuns(t, &c, event, 1)
	})
	t.Run("its process is gone, and the claim lapses", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var c counter
			store := &webhook.MemoryStore{}
			event := newEvent()
			if _, status, err := store.Claim(t.Context(), event.ID, time.Minute); err != nil || status != webhook.Claimed {
				t.Fatal(status, err)
			}
			h := newHandler(t, webhook.WithStore(store), webhook.OnAny(c.handle))
			wantStatus(t, deliver(t, h, event), http.StatusServiceUnavailable)
			time.Sleep(15 * time.Minute) // until Dwolla sends it again
			wantStatus(t, deliver(t, h, event), http.StatusOK)
			wantRuns(t, &c, event, 1)
		})
	})
}

func TestCompleteIsRetriedAfterAStoreError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c counter
		store := &faultyStore{Store: &webhook.MemoryStore{}, complete: errBoom}
		h := newHandler(t, webhook.WithStore(store), webhook.OnAny(c.handle))
		time.AfterFunc(50*time.Millisecond, func() { store.set(func(s *faultyStore) { s.complete = nil }) })
		event := newEvent()
		for range 2 {
			wantStatus(t, deliver(t, h, event), http.StatusOK)
		}
		wantRuns(t, &c, event, 1)
	})
}

func TestCompleteIsGivenUpAfterRepeatedStoreErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		err   error
		tries int
		after time.Duration
	}{
		"at once when the claim is lost": {webhook.ErrClaimLost, 1, 0},
		"after three tries otherwise":    {errBoom, 3, 500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &countingStore{faultyStore: faultyStore{Store: &webhook.MemoryStore{}, complete: tt.err}}
				var c counter
				h := newHandler(t, webhook.WithStore(store), webhook.OnAny(c.handle))
				start := time.Now()
				wantStatus(t, deliver(t, h, newEvent()), http.StatusServiceUnavailable)
				if took := time.Since(start); store.completes != tt.tries || took != tt.after {
					t.Errorf("%d tries in %v", store.completes, took)
				}
			})
		})
	}
}

// A countingStore counts the calls of Complete.
type countingStore struct {
	faultyStore
	completes int
}

func (s *countingStore) Complete(ctx context.Context, claim webhook.Claim) error {
	s.completes++
	return s.faultyStore.Complete(ctx, claim)
}

func TestAClaimThatCannotBeReleasedExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := counter{fail: errBoom}
		store := &faultyStore{Store: &webhook.MemoryStore{}, release: errBoom}
		var out bytes.Buffer
		h := newHandler(t, webhook.WithStore(store), webhook.OnAny(c.handle), webhook.WithLogger(slog.New(slog.NewTextHandler(&out, nil))))
		event := newEvent()
		wantStatus(t, deliver(t, h, event), http.StatusInternalServerError)
		if want := "claim not released"; !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in %s", want, out.String())
		}
		c.setFail(nil)
		wantStatus(t, deliver(t, h, event), http.StatusServiceUnavailable)
		time.Sleep(time.Minute)
		wantStatus(t, deliver(t, h, event), http.StatusOK)
		wantRuns(t, &c, event, 1)
	})
}
