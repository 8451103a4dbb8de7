package dwolla

import (
	"context"
	"errors"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestBackoffIsFullJitterWithAFloor(t *testing.T) {
	r := defaults().retries
	for attempt, limit := range map[int]time.Duration{1: 500 * time.Millisecond, 2: time.Second, 3: 2 * time.Second, 5: 8 * time.Second, 9: 8 * time.Second, 40: 8 * time.Second, 1000: 8 * time.Second} {
		low, high := time.Duration(math.MaxInt64), time.Duration(0)
		for range 2000 {
			d := backoff(r, attempt)
			low, high = min(low, d), max(high, d)
		}
		if low < 100*time.Millisecond || high > limit || high < limit*9/10 || low > limit/2 {
			t.Errorf("attempt %d: %s to %s, want 100ms to %s", attempt, low, high, limit)
		}
	}
	for _, most := range []time.Duration{time.Millisecond, 100 * time.Millisecond} {
		if d := backoff(Retries{BaseDelay: most, MaxDelay: most, MinDelay: r.MinDelay}, 3); d != most {
			t.Errorf("not above the floor: %s instead of %s", d, most)
		}
	}
}

func TestAWaitThatEndsAtTheDeadlineDoesNotFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if fits(ctx, time.Second) || !fits(ctx, time.Second-1) || !fits(t.Context(), time.Hour) {
			t.Error("the deadline is elsewhere")
		}
	})
}

func TestFault022_CancellationEndsAnyWaitAtOnce(t *testing.T) {
	cases := map[string]struct {
		arrange func(*rig)
		call    func(context.Context, *rig) error
		want    want
	}{
		"in the backoff": {
			func(r *rig) { r.bank.Always(faultserver.Status(429, "TooManyRequests").With("Retry-After", "50")) },
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

// lateness measures, beside a run, how much too long a sleep of a millisecond takes: no client can be faster.
func lateness(t *testing.T) func() time.Duration {
	t.Helper()
	stop, done, worst := make(chan struct{}), make(chan struct{}), time.Duration(0)
	go func() {
		defer close(done)
		for {
			before := time.Now()
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				worst = max(worst, time.Since(before)-time.Millisecond)
			}
		}
	}()
	return func() time.Duration {
		close(stop)
		<-done
		return worst
	}
}

func TestGoal08_CancellationReturnsAtOnce(t *testing.T) {
	if !soak() {
		return // measured in real time, which a busy machine does not give; TestFault022 has it in virtual time
	}
	const samples = 200
	for phase, c := range map[string]struct {
		arrange func(*rig)
		call    func(context.Context, *rig) error
	}{
		"backoff": {func(r *rig) { r.bank.Always(faultserver.Status(429, "TooManyRequests").With("Retry-After", "50")) }, func(ctx context.Context, r *rig) error { return r.pay(ctx) }},
		"token wait": {func(r *rig) {
			r.bank.Token = func(_ http.ResponseWriter, req *http.Request) bool { <-req.Context().Done(); return true }
		}, func(ctx context.Context, r *rig) error { return r.pay(ctx) }},
		"answer": {func(r *rig) { r.bank.Always(faultserver.Stall()) }, func(ctx context.Context, r *rig) error { return r.pay(ctx) }},
		"body":   {func(r *rig) { r.bank.Always(&faultserver.Fault{End: faultserver.Trickle}) }, func(ctx context.Context, r *rig) error { return r.read(ctx) }},
		"upload": {func(r *rig) { r.bank.Always(faultserver.Stall()) }, func(ctx context.Context, r *rig) error {
			_, err := r.Documents.CreateForCustomer(ctx, "c", CreateDocument{
				DocumentType: DocumentTypePassport,
				File:         File{Name: "p.png", Content: strings.NewReader("\x89PNG\r\n\x1a\n" + strings.Repeat("x", 1<<20))},
			})
			return err
		}},
		"poll": {func(*rig) {}, func(ctx context.Context, r *rig) error { _, err := r.Transfers.WaitFor(ctx, "t", Wait{}); return err }},
		"reconcile": {func(*rig) {}, func(ctx context.Context, r *rig) error {
			sent := payment("x")
			sent.Links.Source = LinkTo[FundingSource]("/funding-sources/payer")
			_, err := r.Transfers.Reconcile(ctx, sent, justSent(), Lookup{})
			return err
		}},
	} {
		t.Run(phase, func(t *testing.T) {
			r, _ := overSocket(t, faultserver.HTTP1TLS)
			r.caller.budget.tokens = 1 << 30
			c.arrange(r)
			machine := lateness(t)
			took := make([]time.Duration, 0, samples)
			for range samples {
				ctx, cancel := context.WithCancel(t.Context())
				var at time.Time
				time.AfterFunc(20*time.Millisecond, func() { at = time.Now(); cancel() })
				err := c.call(ctx, r)
				took = append(took, time.Since(at))
				if !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
			}
			slices.Sort(took)
			p99, most := took[samples*99/100], took[samples-1]
			t.Logf("G8: %s: p99 %s, max %s; the machine itself was late by up to %s", phase, p99, most, machine())
			if p99 > 50*time.Millisecond || most > 250*time.Millisecond {
				t.Errorf("p99 %s, max %s", p99, most)
			}
		})
	}
}
