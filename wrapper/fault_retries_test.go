package dwolla

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

// Section A of the catalogue: what is tried again, when and how often.

func TestFault015_FailuresOfTheServerAreRetriedThenUnknown(t *testing.T) {
	codes := []int{500, 502, 503, 504}
	for _, a := range codes {
		for _, b := range codes {
			virtual(t, name("%d, %d, then done", a, b), func(t *testing.T) {
				r := inMemoryRig(t)
				r.bank.Script(status(a, b)...)
				r.check(t, r.pay(t.Context()), want{OutcomeOK, 3, 1})
			})
		}
	}
	virtual(t, "four in a row", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(status(codes...)...)
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeUnknown, 3, 0})
		if e, _ := errors.AsType[*Error](err); e.StatusCode != 503 || len(e.Earlier) != 2 || e.Earlier[0].StatusCode != 500 {
			t.Errorf("%+v", e)
		}
	})
	virtual(t, "a read that fails to the end is a bad response", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(status(codes...)...)
		r.check(t, r.read(t.Context()), want{OutcomeBadResponse, 3, 0})
	})
}

func TestFault016_TheBudgetEndsRetriesInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Status(503, "ServerError"))
		var workers sync.WaitGroup
		for range 200 {
			workers.Go(func() {
				for range 10 {
					if err := r.read(t.Context()); OutcomeOf(err) != OutcomeBadResponse {
						t.Error(err)
					}
				}
			})
		}
		workers.Wait()
		calls, sends := r.guard.Calls(), len(r.bank.Requests())
		if calls != 2000 || sends != calls+budgetSize/budgetCost {
			t.Errorf("%d calls were %d requests", calls, sends)
		}
	})
}

func TestFault017_WhatTheServerDoesNotKnowIsNotRetried(t *testing.T) {
	for _, code := range []int{501, 505} {
		virtual(t, http.StatusText(code), func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Always(faultserver.Status(code, ""))
			r.check(t, r.pay(t.Context()), want{OutcomeRejected, 1, 0})
		})
	}
}

func TestFault018_RetryAfterIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(429, "TooManyRequests").With("Retry-After", "2"))
		started := time.Now()
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
		if d := time.Since(started); d < 2*time.Second || d > 3*time.Second {
			t.Errorf("after %s", d)
		}
	})
}

func TestFault019_RetryAfterCanBeADate(t *testing.T) {
	for name, format := range map[string]func(time.Time) string{
		"RFC 1123":        func(at time.Time) string { return at.Format(http.TimeFormat) },
		"RFC 1123 in UTC": func(at time.Time) string { return at.Format(time.RFC1123) },
		"RFC 850":         func(at time.Time) string { return strings.Replace(at.Format(time.RFC850), "UTC", "GMT", 1) },
		"asctime":         func(at time.Time) string { return at.Format(time.ANSIC) },
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second)))
			r.bank.Script(faultserver.Status(429, "").With("Retry-After", format(time.Now().Add(30*time.Second).UTC())))
			started := time.Now()
			r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
			if d := time.Since(started); d < 30*time.Second || d > 31*time.Second {
				t.Errorf("after %s", d)
			}
		})
	}
	virtual(t, "a date of the past is no wait of its own", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(429, "").With("Retry-After", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)))
		started := time.Now()
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
		if d := time.Since(started); d < 100*time.Millisecond || d > 500*time.Millisecond {
			t.Errorf("after %s", d)
		}
	})
}

func TestFault020_OddRetryAfterNeitherOverflowsNorSpins(t *testing.T) {
	for _, value := range []string{"0", "-1", "1e9", "NaN", "abc", "", "1.5"} {
		virtual(t, "no sense in "+value, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Script(faultserver.Status(429, "").With("Retry-After", value))
			started := time.Now()
			r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
			if d := time.Since(started); d < 100*time.Millisecond || d > 500*time.Millisecond {
				t.Errorf("after %s", d)
			}
		})
	}
	virtual(t, "two headers", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(429, "").With("Retry-After", "1").With("Retry-After", "50"))
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
	})
	for value, seconds := range map[string]int64{"3600": 3600, "1000000000": 1e9, "99999999999999999999": 1 << 31, "61": 61} {
		virtual(t, "above the cap "+value, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Script(faultserver.Status(429, "").With("Retry-After", value))
			started := time.Now()
			err := r.pay(t.Context())
			r.check(t, err, want{OutcomeRateLimited, 1, 0})
			if e, _ := errors.AsType[*Error](err); time.Since(started) != 0 || int64(e.RetryAfter/time.Second) != seconds {
				t.Errorf("%s after %s", e.RetryAfter, time.Since(started))
			}
		})
	}
}

func TestFault021_ConcurrentTransfersOfOneSourceDoNotStarve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t, WithRetries(Retries{MaxAttempts: 8}))
		r.guard.MaxSends = 8
		var busy sync.Mutex
		r.bank.Fault = func(int, *http.Request) *faultserver.Fault {
			if !busy.TryLock() {
				return faultserver.Status(429, "TooManyRequests")
			}
			time.AfterFunc(200*time.Millisecond, busy.Unlock)
			return nil
		}
		var workers sync.WaitGroup
		for w := range 2 {
			workers.Go(func() {
				for i := range 10 {
					if _, err := r.Transfers.Create(t.Context(), payment(name("worker-%d-%d", w, i))); err != nil {
						t.Errorf("worker %d: %v", w, err)
					}
				}
			})
		}
		workers.Wait()
		if n := r.bank.Ledger.Len(); n != 20 {
			t.Errorf("paid %d times", n)
		}
		time.Sleep(time.Second) // the last unlock
	})
}

func TestFault022_CancellationEndsAnyWaitAtOnce(t *testing.T) {
	cases := map[string]struct {
		arrange func(*rig)
		call    func(context.Context, *rig) error
		want    want
	}{
		"in the backoff": {
			func(r *rig) { r.bank.Always(faultserver.Status(429, "").With("Retry-After", "50")) },
			func(ctx context.Context, r *rig) error { return r.pay(ctx) },
			want{OutcomeCanceled, 1, 0},
		},
		"in the backoff after a failure": {
			func(r *rig) { r.bank.Always(faultserver.Status(503, "").With("Retry-After", "50").Committed()) },
			func(ctx context.Context, r *rig) error { return r.pay(ctx) },
			want{OutcomeUnknown, 1, 1},
		},
		"waiting for the token": {
			func(r *rig) {
				r.bank.Token = func(_ http.ResponseWriter, req *http.Request) bool { <-req.Context().Done(); return true }
			},
			func(ctx context.Context, r *rig) error { return r.pay(ctx) },
			want{OutcomeCanceled, 0, 0},
		},
		"reading the body": {
			func(r *rig) { r.bank.Always(&faultserver.Fault{End: faultserver.Trickle}) },
			func(ctx context.Context, r *rig) error { return r.read(ctx) },
			want{OutcomeCanceled, 1, 0},
		},
		"a payment under way": {
			func(r *rig) { r.bank.Always(faultserver.Stall().Committed()) },
			func(ctx context.Context, r *rig) error { return r.pay(ctx) },
			want{OutcomeUnknown, 1, 1},
		},
		"a read under way": {
			func(r *rig) { r.bank.Always(faultserver.Stall()) },
			func(ctx context.Context, r *rig) error { return r.read(ctx) },
			want{OutcomeCanceled, 1, 0},
		},
		"before the call": {
			func(*rig) {}, func(ctx context.Context, r *rig) error {
				ended, cancel := context.WithCancel(ctx)
				cancel()
				time.Sleep(5 * time.Second)
				return r.pay(ended)
			}, want{OutcomeCanceled, 0, 0},
		},
	}
	for name, c := range cases {
		for cause, why := range map[string]error{"": nil, ", with a cause": errors.New("the payroll was stopped")} {
			virtual(t, name+cause, func(t *testing.T) {
				r := inMemoryRig(t)
				c.arrange(r)
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(5*time.Second, func() { cancel(why) })
				started := time.Now()
				err := c.call(ctx, r)
				r.check(t, err, c.want)
				if d := time.Since(started); d != 5*time.Second {
					t.Errorf("returned after %s", d)
				}
				if !errors.Is(err, context.Canceled) || why != nil && name != "before the call" && !errors.Is(err, why) {
					t.Errorf("%v does not tell the end of the context", err)
				}
				time.Sleep(time.Minute) // the token's own fetch
			})
		}
	}
}

func TestFault023_ADeadlineBeforeTheNextAttemptReturnsTheErrorNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Status(429, "TooManyRequests").With("Retry-After", "30"))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		started := time.Now()
		err := r.pay(ctx)
		r.check(t, err, want{OutcomeRateLimited, 1, 0})
		if time.Since(started) != 0 || !errors.Is(err, api.CodeTooManyRequests) {
			t.Errorf("after %s: %v", time.Since(started), err)
		}
	})
}
