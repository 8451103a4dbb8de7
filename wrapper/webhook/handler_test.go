package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook/webhooktest"
)

func TestHandlersMatchByTopicByPrefixAndAllInTheirOrder(t *testing.T) {
	var called []string
	note := func(name string) webhook.HandlerFunc {
		return func(context.Context, *webhook.Event) error {
			called = append(called, name)
			return nil
		}
	}
	h := newHandler(t,
		webhook.On(dwolla.EventTopicAccountSuspended, note("yet another topic")),
		webhook.OnAny(note("any")),
		webhook.OnPrefix("customer_transfer_", note("prefix")),
		webhook.On(dwolla.EventTopicCustomerTransferCompleted, note("topic")),
		webhook.On(dwolla.EventTopicTransferCompleted, note("another topic")),
		webhook.OnPrefix("transfer_", note("another prefix")),
	)
	wantStatus(t, deliver(t, h, newEvent()), http.StatusOK)
	if want := []string{"any", "prefix", "topic"}; !slices.Equal(called, want) {
		t.Errorf("called %v, want %v", called, want)
	}
}

func TestAFailingHandlerStopsTheOnesAfterIt(t *testing.T) {
	h := newHandler(t,
		webhook.OnAny(func(context.Context, *webhook.Event) error { return errBoom }),
		webhook.OnAny(neverCalled(t)))
	wantStatus(t, deliver(t, h, newEvent()), http.StatusInternalServerError)
}

func TestAnEventThatNoHandlerWantsIsAcknowledgedWithoutTheStore(t *testing.T) {
	store := &faultyStore{Store: &webhook.MemoryStore{}, claim: errBoom}
	h := newHandler(t, webhook.WithStore(store), webhook.On(dwolla.EventTopicAccountSuspended, neverCalled(t)))
	wantStatus(t, deliver(t, h, newEvent()), http.StatusOK)
}

func TestNewHandlerRefuses(t *testing.T) {
	fine := webhook.OnAny(neverCalled(t))
	for name, opts := range map[string][]webhook.Option{
		"no handler at all":       nil,
		"a nil option":            {fine, nil},
		"a nil handler":           {webhook.OnAny(nil)},
		"an empty topic":          {webhook.On("", neverCalled(t))},
		"an empty prefix":         {webhook.OnPrefix("", neverCalled(t))},
		"a nil store":             {fine, webhook.WithStore(nil)},
		"a nil logger":            {fine, webhook.WithLogger(nil)},
		"a time limit of zero":    {fine, webhook.WithTimeout(0)},
		"a size limit of zero":    {fine, webhook.WithMaxBody(0)},
		"an age below zero":       {fine, webhook.WithMaxAge(-1)},
		"an age of zero":          {fine, webhook.WithMaxAge(0)},
		"a negative queue":        {fine, webhook.WithBackground(webhook.Background{Queue: -1})},
		"no previous secret":      {fine, webhook.WithPreviousSecrets()},
		"an empty former secret":  {fine, webhook.WithPreviousSecrets("")},
		"a negative worker count": {fine, webhook.WithBackground(webhook.Background{Workers: -1})},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := webhook.NewHandler(signingSecret, opts...)
			if !errors.Is(err, dwolla.ErrConfiguration) || h != nil {
				t.Errorf("got %v, %v", h, err)
			}
		})
	}
}

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

func TestALogTellsALoudFailureFromARefusal(t *testing.T) {
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

// A deadlineWriter notes the limits that are set for reading.
type deadlineWriter struct {
	*httptest.ResponseRecorder
	limits []time.Time
}

func (w *deadlineWriter) SetReadDeadline(limit time.Time) error {
	w.limits = append(w.limits, limit)
	return nil
}

func TestTheLimitForABodyIsLiftedOnceItIsRead(t *testing.T) {
	body := encode(t, newEvent())
	w := &deadlineWriter{ResponseRecorder: httptest.NewRecorder()}
	newHandler(t, webhook.OnAny(func(context.Context, *webhook.Event) error {
		if len(w.limits) != 2 || w.limits[0].IsZero() || !w.limits[1].IsZero() {
			t.Errorf("limits are %v", w.limits)
		}
		return nil
	})).ServeHTTP(w, request(t, body, webhook.Sign(signingSecret, body)))
	wantStatus(t, w.Code, http.StatusOK)
}

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

func TestAHandlerThatMayHaveLostItsClaimIsTold(t *testing.T) {
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

func TestARecordThatFailsForAMomentIsTriedAgain(t *testing.T) {
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

func TestAHandlerIsToldThatTheStoreHangs(t *testing.T) {
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

// A hangingStore renews nothing and says nothing.
type hangingStore struct{ webhook.Store }

func (s *hangingStore) Renew(ctx context.Context, _ webhook.Claim, _ time.Duration) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestARecordThatKeepsFailingIsGivenUp(t *testing.T) {
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

// A countingStore counts the tries to complete.
type countingStore struct {
	faultyStore
	completes int
}

func (s *countingStore) Complete(ctx context.Context, claim webhook.Claim) error {
	s.completes++
	return s.faultyStore.Complete(ctx, claim)
}

func TestAClaimThatCannotBeReleasedLapses(t *testing.T) {
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

// untilEnd is a handler that works until its context ends, and reports the cause.
func untilEnd(cause *error) webhook.HandlerFunc {
	return func(ctx context.Context, _ *webhook.Event) error {
		<-ctx.Done()
		if cause != nil {
			*cause = context.Cause(ctx)
		}
		return ctx.Err()
	}
}
