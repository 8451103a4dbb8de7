package dwolla

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestAKeyHoldsUntilItsEndAndNotAtIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &pendingCall{key: "k", first: time.Now().Round(0)}
		if !e.keyHolds(keyLifetime-1) || e.keyHolds(keyLifetime) {
			t.Error("the end of the key is elsewhere")
		}
		if e.key = ""; !e.keyHolds(keyLifetime) {
			t.Error("a call without a key has none to lose")
		}
	})
}

func TestFault096_ATimeoutAfterThePaymentGivesTheFirstAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Stall().Committed())
		ref, err := r.Transfers.Create(t.Context(), payment("rent-1"))
		r.check(t, err, want{OutcomeOK, 2, 1})
		if ref.ID() != r.bank.Ledger.Payments()[0].ID {
			t.Errorf("the reference is to %q", ref.ID())
		}
	})
}

func TestFault097_ATimeoutBeforeThePaymentPaysOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Stall())
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
	})
}

func TestFault100_AConflictWhileTheFirstRunsIsWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t, WithTimeouts(Timeouts{Attempt: time.Second}))
		r.bank.Script(&faultserver.Fault{Commit: true, Wait: 2 * time.Second}, faultserver.Status(409, "Conflict"), faultserver.Status(409, "Conflict"))
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 4, 1})
	})
	slow, conflict := &faultserver.Fault{Commit: true, Wait: 2 * time.Second}, faultserver.Status(409, "Conflict")
	for name, c := range map[string]struct {
		after []*faultserver.Fault
		want  want
	}{
		"asking does not use up the attempts": {status(500), want{OutcomeOK, 5, 1}},
		"nor does it add to them":             {status(500, 500), want{OutcomeUnknown, 5, 1}},
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t, WithTimeouts(Timeouts{Attempt: time.Second}))
			r.bank.Script(append([]*faultserver.Fault{slow, conflict, conflict}, c.after...)...)
			r.check(t, r.pay(t.Context()), c.want)
		})
	}
}

func TestFault102_OneKeyOfManyCallersPaysOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(&faultserver.Fault{Commit: true, Work: 300 * time.Millisecond})
		second := rigOf(t, r.bank, faultserver.Base, r.bank.Memory()) // as another process would
		var ids sync.Map
		failed := crowd(50, func(i int) error {
			side := r
			if i%2 == 1 {
				side = second
			}
			ref, err := side.Transfers.Create(t.Context(), payment("rent-1"), WithIdempotencyKey("key-1"))
			if err == nil {
				ids.Store(ref.ID(), true)
			}
			return err
		})
		if failed != 0 {
			t.Errorf("%d sides failed", failed)
		}
		different := 0
		ids.Range(func(any, any) bool { different++; return true })
		if n := r.bank.Ledger.Len(); n != 1 || different != 1 {
			t.Errorf("paid %d times, %d answers", n, different)
		}
		r.unchanged(t)
	})
}

func TestFault103_AKeyThatMayHaveExpiredIsNotSent(t *testing.T) {
	for age, sent := range map[time.Duration]bool{
		23 * time.Hour: true, 23*time.Hour + 54*time.Minute: true,
		23*time.Hour + 55*time.Minute - 1: true, 23*time.Hour + 55*time.Minute: false, 23*time.Hour + 59*time.Minute: false, 24*time.Hour + time.Minute: false, 48 * time.Hour: false,
	} {
		for name, again := range map[string]func(*testing.T, *rig, *OutcomeUnknownError) error{
			"the same client": func(t *testing.T, r *rig, unknown *OutcomeUnknownError) error {
				return r.pay(t.Context(), WithIdempotencyKey(unknown.IdempotencyKey))
			},
			"a later process": func(t *testing.T, r *rig, unknown *OutcomeUnknownError) error {
				return rigOf(t, r.bank, faultserver.Base, r.bank.Memory()).pay(t.Context(), Resend(unknown))
			},
		} {
			virtual(t, age.String()+", "+name, func(t *testing.T) {
				r := inMemoryRig(t)
				stall := faultserver.Stall().Committed()
				r.bank.Script(stall, stall, stall)
				unknown := unknownOf(t, r.pay(t.Context()))
				time.Sleep(time.Until(unknown.First.Add(age)))
				err := again(t, r, unknown)
				if sent {
					r.check(t, err, want{OutcomeOK, 4, 1})
					return
				}
				if !errors.Is(err, ErrKeyExpired) || OutcomeOf(err) != OutcomeUnknown || len(r.bank.Requests()) != 3 {
					t.Errorf("%d requests: %v", len(r.bank.Requests()), err)
				}
				if found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), unknown, Lookup{}); err != nil || found.ID == "" {
					t.Error(err)
				}
				if n := r.bank.Ledger.Len(); n != 1 {
					t.Errorf("paid %d times", n)
				}
			})
		}
	}
	virtual(t, "no wait leads over the end of the key", func(t *testing.T) {
		r := inMemoryRig(t, WithRetries(Retries{MaxAttempts: 10, MaxRetryAfter: 100 * time.Hour}))
		r.bank.Always(faultserver.Status(503, "").Committed().With("Retry-After", "86400"))
		r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 1, 1})
	})
}

func TestFault267_MiddlewareThatCallsNextAgainAfterADaySendsNothing(t *testing.T) {
	stall := faultserver.Stall().Committed()
	for name, c := range map[string]struct {
		faults []*faultserver.Fault
		opts   []CallOption
		pause  time.Duration
		want   want
	}{
		"its own key, paid, and the answer lost":   {[]*faultserver.Fault{stall, stall, stall}, nil, 25 * time.Hour, want{OutcomeUnknown, 3, 1}},
		"its own key, paid and answered":           {nil, nil, 25 * time.Hour, want{OutcomeUnknown, 1, 1}},
		"the key of the caller, paid and lost":     {[]*faultserver.Fault{stall, stall, stall}, []CallOption{WithIdempotencyKey("k")}, 25 * time.Hour, want{OutcomeUnknown, 3, 1}},
		"the key of the caller, paid and answered": {nil, []CallOption{WithIdempotencyKey("k")}, 25 * time.Hour, want{OutcomeUnknown, 1, 1}},
		"nothing was sent":                         {[]*faultserver.Fault{{End: faultserver.Nameless}}, nil, 25 * time.Hour, want{OutcomeNotSent, -1, 0}},
		"answered, and then no host is found":      {[]*faultserver.Fault{nil, {End: faultserver.Nameless}}, nil, time.Hour, want{OutcomeUnknown, -1, 1}},
		"an hour later":                            {nil, nil, time.Hour, want{OutcomeOK, 2, 1}},
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t, WithMiddleware(func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
				_, _ = next(req)
				time.Sleep(c.pause)
				return next(req)
			}))
			r.bank.Script(c.faults...)
			err := r.pay(t.Context(), c.opts...)
			r.check(t, err, c.want)
			if expired := c.pause > 24*time.Hour; errors.Is(err, ErrKeyExpired) != expired {
				t.Error(err)
			}
			if c.want.outcome == OutcomeUnknown && errors.Is(err, ErrNotSent) {
				t.Errorf("something was sent: %v", err)
			}
		})
	}
}

func TestFault104_AnImpossibleKeyIsRefusedBeforeAnythingIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		for _, key := range []string{"", " ", "a b", "a\r\nX-Evil: 1", "a\n", "schlüssel", "a\x00", strings.Repeat("k", 256)} {
			err := r.pay(t.Context(), WithIdempotencyKey(key))
			r.check(t, err, want{OutcomeNotSent, 0, 0})
			if !errors.Is(err, ErrInvalidArgument) || key != "" && strings.Contains(err.Error(), key) && len(key) > 1 {
				t.Errorf("%q: %v", key, err)
			}
		}
		r.check(t, r.pay(t.Context(), WithIdempotencyKey(strings.Repeat("k", 255))), want{OutcomeOK, 1, 1})
	})
}

func TestFault106_WithoutRandomnessThereIsNoKey(t *testing.T) {
	t.Parallel()
	for name, random := range map[string]io.Reader{
		"none": iotest.ErrReader(errors.New("no entropy")), "too little": strings.NewReader("seven b"),
	} {
		if key, err := newIdempotencyKey(random); err == nil || key != "" {
			t.Errorf("%s: %q, %v", name, key, err)
		}
	}
	keys := 1_000_000
	if testing.Short() {
		keys = 50_000
	}
	seen := make(map[string]struct{}, keys)
	for range keys {
		key, err := NewIdempotencyKey()
		if err != nil || len(key) != 36 || key[14] != '4' || !strings.ContainsRune("89ab", rune(key[19])) {
			t.Fatalf("%q, %v", key, err)
		}
		seen[key] = struct{}{}
	}
	if len(seen) != keys {
		t.Errorf("%d of %d keys differ", len(seen), keys)
	}
}

func TestFault107_EveryPOSTCarriesAKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		for name, call := range map[string]func(*rig) error{
			"create": func(r *rig) error { return r.pay(ctx) },
			"cancel": func(r *rig) error { _, err := r.Transfers.Cancel(ctx, "t1"); return err },
			"update": func(r *rig) error {
				_, err := r.MassPayments.Update(ctx, "m1", UpdateMassPayment{Status: "pending"})
				return err
			},
			"no body":  func(r *rig) error { _, err := r.FundingSources.InitiateMicroDeposits(ctx, "f1"); return err },
			"any path": func(r *rig) error { _, err := r.Post(ctx, "/anything", map[string]string{"a": "b"}, nil); return err },
		} {
			r := inMemoryRig(t)
			r.bank.Script(status(503)...)
			if err := call(r); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			sent := r.bank.Requests()
			if len(sent) != 2 || sent[0].Key == "" {
				t.Errorf("%s: %+v", name, sent)
			}
			r.unchanged(t)
			if n := r.bank.Ledger.Len(); n != 1 {
				t.Errorf("%s: done %d times", name, n)
			}
		}
	})
}

func TestFault110_ARetryGoesToTheSamePlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, change := range map[string]func(*http.Request) *http.Request{
			"another host": func(req *http.Request) *http.Request {
				u := *req.URL
				u.Host = "api.dwolla.com"
				out := req.Clone(req.Context())
				out.URL = &u
				return out
			},
			"another method":  func(req *http.Request) *http.Request { out := req.Clone(req.Context()); out.Method = "PUT"; return out },
			"another context": func(req *http.Request) *http.Request { return req.WithContext(context.Background()) },
			"nothing":         func(*http.Request) *http.Request { return nil },
		} {
			r := inMemoryRig(t, WithMiddleware(func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
				return next(change(req))
			}))
			err := r.pay(t.Context())
			r.check(t, err, want{OutcomeNotSent, 0, 0})
			if !errors.Is(err, ErrInvalidArgument) {
				t.Errorf("%s: %v", name, err)
			}
		}
		// A key that is repeated at another base URL belongs to another client, whose guard sees its own origin only.
		r := inMemoryRig(t)
		if _, err := r.Post(t.Context(), "https://api.dwolla.com/transfers", http.NoBody, nil); !errors.Is(err, ErrForeignLink) {
			t.Error(err)
		}
		r.check(t, nil, want{OutcomeOK, 0, 0})
	})
	virtual(t, "a middleware that calls twice sends one key", func(t *testing.T) {
		r := inMemoryRig(t, WithMiddleware(func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			_, _ = next(req)
			return next(req)
		}))
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
	})
}

func TestGoal03_KeysAndBytesNeverChange(t *testing.T) {
	t.Parallel()
	total, round := size(5_000, 1_000_000), size(2_500, 10_000)
	calls, sends, unknowns := 0, 0, 0
	for seed := range uint64(total / round) {
		synctest.Test(t, func(t *testing.T) {
			r := inMemoryRig(t)
			r.guard.MaxSends = 12 // mixed faults: attempts, polls and replays
			r.bank.Fault = mixed(seed, slices.Concat(endings(), unsent()))
			var unknown atomic.Int64
			crowd(50, func(w int) error {
				for i := range round / 50 {
					_, err := r.Transfers.Create(t.Context(), payment(name("p-%d-%d", w, i)))
					if OutcomeOf(err) == OutcomeUnknown {
						unknown.Add(1)
					}
				}
				return nil
			})
			if twice := r.bank.Ledger.Twice(intention); len(twice) > 0 {
				t.Errorf("seed %d: paid twice: %q", seed, twice)
			}
			hashes := map[string]string{}
			for _, sent := range r.bank.Requests() {
				if before, ok := hashes[sent.Key]; ok && sent.Key != "" && before != sent.BodyHash {
					t.Errorf("seed %d: key %s came with two bodies", seed, sent.Key)
				}
				hashes[sent.Key] = sent.BodyHash
			}
			calls, sends, unknowns = calls+r.guard.Calls(), sends+len(r.bank.Requests()), unknowns+int(unknown.Load())
		})
	}
	t.Logf("G3: %d calls, %d requests, %d unknown outcomes, 0 changed keys or bytes, 0 paid twice", calls, sends, unknowns)
}
