package dwolla

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/call"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestTheRetriableErrors(t *testing.T) {
	for name, c := range map[string]struct {
		err  Error
		want bool
	}{
		"no answer":                {Error{Outcome: OutcomeUnknown, Err: errors.New("reset")}, true},
		"no connection":            {Error{Outcome: OutcomeNotSent, Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}, true},
		"no such host":             {Error{Outcome: OutcomeNotSent, Err: &net.DNSError{IsNotFound: true}}, false},
		"name server fails":        {Error{Outcome: OutcomeNotSent, Err: &net.DNSError{IsTemporary: true}}, true},
		"canceled":                 {Error{Outcome: OutcomeCanceled, Err: context.Canceled}, false},
		"no token":                 {Error{Outcome: OutcomeNotSent, StatusCode: 503, noToken: true}, false},
		"no token in the answer":   {Error{Outcome: OutcomeAuthFailed, StatusCode: 200, Err: errNoToken}, false},
		"408":                      {Error{StatusCode: 408}, true},
		"425":                      {Error{StatusCode: 425}, true},
		"429":                      {Error{StatusCode: 429}, true},
		"500":                      {Error{StatusCode: 500}, true},
		"501":                      {Error{StatusCode: 501}, false},
		"502":                      {Error{StatusCode: 502}, true},
		"503":                      {Error{StatusCode: 503}, true},
		"504":                      {Error{StatusCode: 504}, true},
		"505":                      {Error{StatusCode: 505}, false},
		"520":                      {Error{StatusCode: 520}, true},
		"409 with a key":           {Error{StatusCode: 409, IdempotencyKey: "k"}, true},
		"409 without":              {Error{StatusCode: 409}, false},
		"302":                      {Error{StatusCode: 302, Err: errors.New("redirect")}, false},
		"400":                      {Error{StatusCode: 400}, false},
		"a body that breaks off":   {Error{StatusCode: 200, Err: errors.New("EOF")}, true},
		"a body that is too large": {Error{StatusCode: 200, Err: tooLargeError{}}, false},
	} {
		if got := retriable(&c.err); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestARetryWaitsOnlyWhereItCanHelp(t *testing.T) {
	c := &caller{cfg: new(defaults()), budget: newRetryBudget(defaultRetries().Budget)}
	post := func() *pendingCall {
		return &pendingCall{op: &call.Op{Method: http.MethodPost}, key: "k", first: time.Now().Round(0), attempts: 1}
	}
	failed := Error{StatusCode: 503, IdempotencyKey: "k"}
	again := func(ctx context.Context, e *pendingCall, last Error) bool {
		_, ok := c.delay(ctx, e, &last, &conflictPoll{limits: &c.cfg.retries})
		return ok
	}
	if !again(t.Context(), post(), failed) {
		t.Error("the plain case is not retried")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if again(ended, post(), failed) {
		t.Error("retried after the context's end")
	}
	third := post()
	third.attempts = 3
	if again(t.Context(), third, failed) {
		t.Error("a fourth attempt")
	}
	old := post()
	old.first = time.Now().Add(-keyLifetime)
	if again(t.Context(), old, failed) {
		t.Error("retried with a key that is too old")
	}
	long := failed
	long.RetryAfter = c.cfg.retries.MaxRetryAfter
	if !again(t.Context(), post(), long) {
		t.Error("did not wait for as long as allowed")
	}
	long.RetryAfter++
	if again(t.Context(), post(), long) {
		t.Error("waited longer than allowed")
	}
	short, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if again(short, post(), failed) {
		t.Error("waited beyond the deadline")
	}
	c.budget.tokens = budgetCost - 1
	if again(t.Context(), post(), failed) {
		t.Error("retried without a budget")
	}
	c.budget = newRetryBudget(defaultRetries().Budget)
	c.cfg.retries.MaxAttempts = 1
	if again(t.Context(), post(), Error{StatusCode: 409, IdempotencyKey: "k"}) {
		t.Error("polled, though retries are off")
	}
}

func TestPollingEndsByCountAndByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := conflictPoll{limits: new(defaultRetries())}
		for i := range conflictPolls {
			if !p.next(time.Second) {
				t.Errorf("poll %d is refused", i+1)
			}
		}
		if p.next(time.Second) {
			t.Error("one poll too many")
		}
		p = conflictPoll{limits: p.limits}
		p.next(0)
		time.Sleep(9 * time.Second)
		if !p.next(time.Second) || p.next(time.Second+1) {
			t.Error("the limit of time is not 10 s")
		}
	})
}

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

func TestFault017_WhatTheServerDoesNotImplementIsNotRetried(t *testing.T) {
	for _, code := range []int{501, 505} {
		virtual(t, http.StatusText(code), func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Always(faultserver.Status(code, "NotImplemented"))
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
			r.bank.Script(faultserver.Status(429, "TooManyRequests").With("Retry-After", format(time.Now().Add(30*time.Second).UTC())))
			started := time.Now()
			r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
			if d := time.Since(started); d < 30*time.Second || d > 31*time.Second {
				t.Errorf("after %s", d)
			}
		})
	}
	virtual(t, "a date of the past is no wait of its own", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(429, "TooManyRequests").With("Retry-After", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)))
		started := time.Now()
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
		if d := time.Since(started); d < 100*time.Millisecond || d > 500*time.Millisecond {
			t.Errorf("after %s", d)
		}
	})
}

func TestFault020_OddRetryAfterNeitherOverflowsNorSpins(t *testing.T) {
	for _, value := range []string{"0", "-1", "1e9", "NaN", "abc", "", "1.x", ",1"} {
		virtual(t, "no sense in "+value, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Script(faultserver.Status(429, "TooManyRequests").With("Retry-After", value))
			started := time.Now()
			r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
			if d := time.Since(started); d < 100*time.Millisecond || d > 500*time.Millisecond {
				t.Errorf("after %s", d)
			}
		})
	}
	virtual(t, "two headers", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(429, "TooManyRequests").With("Retry-After", "1").With("Retry-After", "50"))
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
	})
	for value, seconds := range map[string]int64{"3600": 3600, "1000000000": 1e9, "99999999999999999999": 1 << 31, "61": 61} {
		virtual(t, "above the cap "+value, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Script(faultserver.Status(429, "TooManyRequests").With("Retry-After", value))
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

func TestFault023_ADeadlineBeforeTheNextAttemptReturnsTheErrorNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Status(429, "TooManyRequests").With("Retry-After", "30"))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		started := time.Now()
		err := r.pay(ctx)
		r.check(t, err, want{OutcomeRateLimited, 1, 0})
		if time.Since(started) != 0 || !errors.Is(err, CodeTooManyRequests) {
			t.Errorf("after %s: %v", time.Since(started), err)
		}
	})
}

func TestFault195_EveryFailureOfTheServerOrTheEdgeIsRetried(t *testing.T) {
	for code := 500; code < 600; code++ {
		sends, outcome, paid := 3, OutcomeOK, 1
		if code == 501 || code == 505 { // the server does not do this at all
			sends, outcome, paid = 1, OutcomeRejected, 0
		}
		virtual(t, name("%d of a payment", code), func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Script(status(code, code)...)
			r.check(t, r.pay(t.Context()), want{outcome, sends, paid})
		})
		virtual(t, name("%d of a read", code), func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Script(append(status(code, code), faultserver.Text(200, halType, `{"id":"some-transfer"}`))...)
			r.check(t, r.read(t.Context()), want{outcome, sends, 0})
		})
		virtual(t, name("%d after the payment", code), func(t *testing.T) {
			if code == 501 || code == 505 {
				return
			}
			r := inMemoryRig(t)
			r.bank.Script(faultserver.Status(code, "").Committed())
			r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
		})
	}
	virtual(t, "as late as the answer asks, whatever its status", func(t *testing.T) {
		for _, code := range []int{408, 429, 500, 502, 503, 522} {
			r := inMemoryRig(t)
			r.bank.Script(faultserver.Status(code, "").With("Retry-After", "20"))
			began := time.Now()
			r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
			if d := time.Since(began); d < 20*time.Second {
				t.Errorf("%d: after %s", code, d)
			}
		}
	})
}
