package dwolla

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

// The defaults that are promised, written again: a test that uses one of them fails when it is changed by accident.
const (
	maxBody       = 32 << 20
	maxErrorBody  = 4 << 20
	maxTokenBody  = 64 << 10
	conflictPolls = 3
	conflictWait  = 10 * time.Second
	budgetSize    = 500
	budgetCost    = 5
	budgetTimeout = 10
)

func TestTheDefaultsAreThosePromised(t *testing.T) {
	cfg := defaults()
	if want := (Limits{maxBody, maxErrorBody, maxTokenBody}); cfg.limits != want {
		t.Errorf("%+v, want %+v", cfg.limits, want)
	}
	if want := (Timeouts{
		Attempt: time.Minute, SlowAttempt: 2 * time.Minute, Token: 30 * time.Second, TokenRenewal: 2 * time.Minute, TokenMargin: time.Minute,
		Dial: 10 * time.Second, TLSHandshake: 10 * time.Second, Ping: 15 * time.Second, PingAnswer: 15 * time.Second,
	}); cfg.timeouts != want {
		t.Errorf("%+v, want %+v", cfg.timeouts, want)
	}
	r := cfg.retries
	if r.MaxAttempts != 3 || r.If != nil || r.BaseDelay != 500*time.Millisecond || r.MaxDelay != 8*time.Second || r.MinDelay != 100*time.Millisecond ||
		r.MaxRetryAfter != time.Minute || r.ConflictPolls != conflictPolls || r.ConflictWait != conflictWait {
		t.Errorf("%+v", r)
	}
	if want := (Budget{Size: budgetSize, Cost: budgetCost, TimeoutCost: budgetTimeout, Refund: 1}); r.Budget != want {
		t.Errorf("%+v, want %+v", r.Budget, want)
	}
}

func TestFault200_NoneCanBeSaidInEveryOption(t *testing.T) {
	t.Parallel()
	tenfold := func(n, of int, f *faultserver.Fault) func(int, *http.Request) *faultserver.Fault {
		return func(i int, _ *http.Request) *faultserver.Fault {
			if i%of < n {
				return f
			}
			return nil
		}
	}
	virtual(t, "no polls", func(t *testing.T) {
		r := inMemoryRig(t, WithRetries(Retries{ConflictPolls: None}))
		r.bank.Script(faultserver.Status(500, "ServerError").Committed().Locked())
		r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 2, 1})
	})
	virtual(t, "no limit of the time of polls", func(t *testing.T) {
		r := inMemoryRig(t, WithRetries(Retries{ConflictPolls: 8, BaseDelay: time.Minute, MaxDelay: None, MinDelay: time.Hour, ConflictWait: None}))
		r.guard.MaxSends = 12
		r.bank.Script(faultserver.Status(500, "ServerError").Committed().Locked())
		r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 10, 1})
	})
	virtual(t, "no delay", func(t *testing.T) {
		r := inMemoryRig(t, WithRetries(Retries{MinDelay: None, BaseDelay: None}))
		r.bank.Script(status(503, 503)...)
		began := time.Now()
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 3, 1})
		if d := time.Since(began); d != 0 {
			t.Errorf("waited %s", d)
		}
	})
	virtual(t, "no limit of Retry-After", func(t *testing.T) {
		r := inMemoryRig(t, WithRetries(Retries{MaxRetryAfter: None}))
		r.bank.Script(faultserver.Status(503, "").With("Retry-After", "7200"))
		began := time.Now()
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
		if d := time.Since(began); d < 2*time.Hour {
			t.Errorf("waited %s", d)
		}
	})
	for name, c := range map[string]struct {
		budget Budget
		fault  *faultserver.Fault
	}{
		"no cost":              {Budget{Size: 10, TimeoutCost: 10, Cost: None}, faultserver.Status(503, "")},
		"no cost of a timeout": {Budget{Size: 10, Cost: 10, TimeoutCost: None}, faultserver.Drop()},
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t, WithRetries(Retries{Budget: c.budget}))
			r.bank.Always(c.fault)
			for range 10 {
				_ = r.read(t.Context())
			}
			if n := len(r.bank.Requests()); n != 30 {
				t.Errorf("%d requests", n)
			}
		})
	}
	virtual(t, "no refund", func(t *testing.T) {
		r := inMemoryRig(t, WithRetries(Retries{Budget: Budget{Size: 10, TimeoutCost: 1, Refund: None}}))
		r.bank.Fault = tenfold(1, 2, faultserver.Drop())
		failed := 0
		for range 40 {
			if r.read(t.Context()) != nil {
				failed++
			}
		}
		if failed == 0 {
			t.Error("the bucket was filled again")
		}
	})
	virtual(t, "no limit of time", func(t *testing.T) {
		r := inMemoryRig(t, WithTimeouts(Timeouts{Attempt: None, SlowAttempt: None, Token: None}))
		r.bank.Token = func(http.ResponseWriter, *http.Request) bool { time.Sleep(9 * 24 * time.Hour); return false }
		r.bank.Script(faultserver.Text(200, halType, `{"id":"some-transfer"}`).After(8 * 24 * time.Hour))
		if err := r.read(t.Context()); err != nil {
			t.Error(err)
		}
	})
	virtual(t, "no renewal ahead, and no margin", func(t *testing.T) {
		r := inMemoryRig(t, WithTimeouts(Timeouts{TokenRenewal: None, TokenMargin: None}))
		page := faultserver.Text(200, halType, `{"id":"some-transfer"}`)
		r.bank.Always(page)
		_ = r.read(t.Context())
		time.Sleep(time.Hour - time.Second)
		if err := r.read(t.Context()); err != nil || r.bank.Tokens() != 1 {
			t.Errorf("a second before its end: %d tokens, %v", r.bank.Tokens(), err)
		}
		time.Sleep(2 * time.Second)
		if err := r.read(t.Context()); err != nil || r.bank.Tokens() != 2 {
			t.Errorf("after its end: %d tokens, %v", r.bank.Tokens(), err)
		}
	})
	virtual(t, "no renewal ahead, and the usual margin", func(t *testing.T) {
		r := inMemoryRig(t, WithTimeouts(Timeouts{TokenRenewal: None}))
		r.bank.Always(faultserver.Text(200, halType, `{"id":"some-transfer"}`))
		_ = r.read(t.Context())
		time.Sleep(time.Hour - 30*time.Second)
		if err := r.read(t.Context()); err != nil || r.bank.Tokens() != 2 {
			t.Errorf("%d tokens, %v", r.bank.Tokens(), err)
		}
	})
	virtual(t, "no limit of size", func(t *testing.T) {
		r := inMemoryRig(t, WithLimits(Limits{Body: None, ErrorBody: None, TokenBody: None}))
		r.bank.Token = func(w http.ResponseWriter, _ *http.Request) bool {
			text(200, "application/json", fmt.Sprintf(`{"access_token":%q,"expires_in":3600}`, r.bank.Issue(time.Hour))+strings.Repeat(" ", 2*maxTokenBody))(w)
			return true
		}
		r.bank.Script(faultserver.Text(200, halType, `{"id":"some-transfer"}`+strings.Repeat(" ", maxBody)),
			faultserver.Text(404, halType, `{"code":"NotFound"}`+strings.Repeat(" ", 2*maxErrorBody)))
		if err := r.read(t.Context()); err != nil {
			t.Error(err)
		}
		if err := r.read(t.Context()); !errors.Is(err, CodeNotFound) {
			t.Error(err)
		}
	})
	t.Run("no limit of connections", func(t *testing.T) {
		c, err := NewClient(Sandbox, "k", "s", WithTimeouts(Timeouts{Dial: None, TLSHandshake: None, Ping: None}))
		if err != nil {
			t.Fatal(err)
		}
		if transport := ownTransport(t, c); transport.TLSHandshakeTimeout != 0 || transport.HTTP2.SendPingTimeout != 0 {
			t.Errorf("%s, %+v", transport.TLSHandshakeTimeout, transport.HTTP2)
		}
	})
	t.Run("and zero keeps what an option before it said", func(t *testing.T) {
		cfg := defaults()
		for _, opt := range []Option{WithRetries(Retries{ConflictPolls: None, Budget: Budget{Refund: None}}), WithRetries(Retries{}), WithTimeouts(Timeouts{})} {
			if err := opt(&cfg); err != nil {
				t.Fatal(err)
			}
		}
		if cfg.retries.ConflictPolls != 0 || cfg.retries.Budget.Refund != 0 || cfg.timeouts.Attempt != time.Minute {
			t.Errorf("%+v", cfg.retries)
		}
	})
}

func TestImpossibleLimitsAreRefused(t *testing.T) {
	week := 7 * 24 * time.Hour
	for name, opt := range map[string]Option{
		"attempt":       WithTimeouts(Timeouts{Attempt: -2}),
		"slow attempt":  WithTimeouts(Timeouts{SlowAttempt: week + 1}),
		"token":         WithTimeouts(Timeouts{Token: -2}),
		"renewal":       WithTimeouts(Timeouts{TokenRenewal: -2}),
		"margin":        WithTimeouts(Timeouts{TokenMargin: -2}),
		"margin first":  WithTimeouts(Timeouts{TokenMargin: 121 * time.Second}),
		"dial":          WithTimeouts(Timeouts{Dial: -2}),
		"handshake":     WithTimeouts(Timeouts{TLSHandshake: -2}),
		"ping":          WithTimeouts(Timeouts{Ping: -2}),
		"ping answer":   WithTimeouts(Timeouts{PingAnswer: -2}),
		"no answer":     WithTimeouts(Timeouts{PingAnswer: None}),
		"no attempt":    WithRetries(Retries{MaxAttempts: None}),
		"no size":       WithRetries(Retries{Budget: Budget{Size: None}}),
		"attempts":      WithRetries(Retries{MaxAttempts: 101}),
		"polls":         WithRetries(Retries{ConflictPolls: -2}),
		"base delay":    WithRetries(Retries{BaseDelay: week + 1}),
		"delay":         WithRetries(Retries{MaxDelay: -2}),
		"least delay":   WithRetries(Retries{MinDelay: -2}),
		"retry after":   WithRetries(Retries{MaxRetryAfter: -2}),
		"conflict wait": WithRetries(Retries{ConflictWait: -2}),
		"budget":        WithRetries(Retries{Budget: Budget{Size: -2}}),
		"no retry fits": WithRetries(Retries{Budget: Budget{Size: 4}}),
		"cost":          WithRetries(Retries{Budget: Budget{Cost: -2}}),
		"timeout cost":  WithRetries(Retries{Budget: Budget{TimeoutCost: 501}}),
		"refund":        WithRetries(Retries{Budget: Budget{Refund: -2}}),
		"body":          WithLimits(Limits{Body: -2}),
		"error body":    WithLimits(Limits{ErrorBody: -2}),
		"token body":    WithLimits(Limits{TokenBody: 1<<30 + 1}),
	} {
		if c, err := NewClient(Sandbox, "k", "s", opt); c != nil || !errors.Is(err, ErrConfiguration) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, limit := range map[string]Timeouts{"dial": {Dial: 1}, "handshake": {TLSHandshake: 1}, "ping": {Ping: 1}, "ping answer": {PingAnswer: 1}} {
		if _, err := NewClient(Sandbox, "k", "s", WithTimeouts(limit), WithHTTPClient(new(http.Client))); !errors.Is(err, ErrConfiguration) {
			t.Errorf("%s: silently without effect: %v", name, err)
		}
	}
}

func TestFault308_AnOptionThatIsRefusedNamesTheFieldAndItsValue(t *testing.T) {
	week := 7 * 24 * time.Hour
	for want, opt := range map[string]Option{
		"WithRetries: Retries.MaxAttempts is -2; it must be 1 to 100":                                  WithRetries(Retries{MaxAttempts: -2}),
		"WithRetries: Retries.MaxAttempts is 101; it must be 1 to 100":                                 WithRetries(Retries{MaxAttempts: 101}),
		"WithRetries: Retries.MaxAttempts cannot be None; it must be 1 to 100":                         WithRetries(Retries{MaxAttempts: None}),
		"WithRetries: Retries.BaseDelay is 168h0m0.000000001s; it must be":                             WithRetries(Retries{BaseDelay: week + 1}),
		"WithRetries: Retries.ConflictPolls is -7;":                                                    WithRetries(Retries{ConflictPolls: -7}),
		"WithRetries: Retries.Budget.TimeoutCost is 501, above Retries.Budget.Size, which is 500":      WithRetries(Retries{Budget: Budget{TimeoutCost: 501}}),
		"WithRetries: Retries.Budget.Refund is -2;":                                                    WithRetries(Retries{Budget: Budget{Refund: -2}}),
		"WithTimeouts: Timeouts.SlowAttempt is -3s;":                                                   WithTimeouts(Timeouts{SlowAttempt: -3 * time.Second}),
		"WithTimeouts: Timeouts.PingAnswer cannot be None;":                                            WithTimeouts(Timeouts{PingAnswer: None}),
		"WithTimeouts: Timeouts.TokenMargin is 2m1s, above Timeouts.TokenRenewal, which is 2m0s":       WithTimeouts(Timeouts{TokenMargin: 121 * time.Second}),
		"WithLimits: Limits.ErrorBody is 1073741825; it must be 1 to 1073741824, or 0 for the default": WithLimits(Limits{ErrorBody: 1<<30 + 1}),
	} {
		if _, err := NewClient(Sandbox, "k", "s", opt); err == nil || !strings.HasPrefix(err.Error(), "dwolla: "+want) {
			t.Errorf("%q, want %q", err, want)
		}
	}
	client, err := NewClient(Sandbox, "k", "s")
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Customers.List(t.Context(), ListCustomersParams{}, WithPagesAhead(33))
	if err == nil || !strings.Contains(err.Error(), "WithPagesAhead: is 33; it must be 0 to 32") {
		t.Error(err)
	}
}

func TestTheLimitOfTheBodyCanBeSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 1000
		answer := func(size int) error {
			r := inMemoryRig(t, WithLimits(Limits{Body: limit}))
			r.bank.Always(faultserver.Text(200, "application/json", `{"id":"some-transfer","x":"`+strings.Repeat("x", size-len(`{"id":"some-transfer","x":""}`))+`"}`))
			return r.read(t.Context())
		}
		if err := answer(limit); err != nil {
			t.Errorf("at the limit: %v", err)
		}
		if err := answer(limit + 1); !errors.Is(err, ErrTooLarge) {
			t.Errorf("above the limit: %v", err)
		}
	})
}

func TestTheLimitOfTheErrorBodyCanBeSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := func(opts ...Option) *Error {
			r := inMemoryRig(t, opts...)
			r.bank.Always(faultserver.Status(404, "NotFound"))
			e, _ := errors.AsType[*Error](r.read(t.Context()))
			return e
		}
		if e := answer(WithLimits(Limits{ErrorBody: 10})); e.StatusCode != 404 || len(e.Body()) > 0 || e.Code != "" {
			t.Errorf("above the limit: %+v", e)
		}
		if e := answer(); e.Code != CodeNotFound {
			t.Errorf("below the limit: %+v", e)
		}
	})
}

func TestTheLimitOfTheTokenBodyCanBeSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t, WithLimits(Limits{TokenBody: 10}))
		if err := r.read(t.Context()); OutcomeOf(err) != OutcomeNotSent {
			t.Errorf("%v", err)
		}
	})
}

func TestTheMarginsOfATokenCanBeSet(t *testing.T) {
	for name, c := range map[string]struct {
		timeouts Timeouts
		after    time.Duration
		held     bool // the call waits for the new token
	}{
		"renewed in the background": {Timeouts{TokenRenewal: 20 * time.Minute}, 41 * time.Minute, false},
		"not used any more":         {Timeouts{TokenRenewal: 20 * time.Minute, TokenMargin: 15 * time.Minute}, 46 * time.Minute, true},
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t, WithTimeouts(c.timeouts))
			if err := r.read(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.bank.Token = func(http.ResponseWriter, *http.Request) bool { time.Sleep(time.Second); return false }
			time.Sleep(c.after) // of the hour that a token lives
			began := time.Now()
			if err := r.read(t.Context()); err != nil {
				t.Fatal(err)
			}
			if held := time.Since(began) == time.Second; held != c.held {
				t.Errorf("the call took %s", time.Since(began))
			}
			time.Sleep(2 * time.Second)
			if n := r.bank.Tokens(); n != 2 {
				t.Errorf("%d tokens", n)
			}
		})
	}
}

func TestLimitsOfConnectionsReachTheTransport(t *testing.T) {
	c, err := NewClient(Sandbox, "k", "s", WithTimeouts(Timeouts{TLSHandshake: 2 * time.Second, Ping: 3 * time.Second, PingAnswer: 4 * time.Second}))
	if err != nil {
		t.Fatal(err)
	}
	transport := ownTransport(t, c)
	if transport.TLSHandshakeTimeout != 2*time.Second || transport.HTTP2.SendPingTimeout != 3*time.Second || transport.HTTP2.PingTimeout != 4*time.Second {
		t.Errorf("%s, %+v", transport.TLSHandshakeTimeout, transport.HTTP2)
	}
	c, err = NewClient(Sandbox, "k", "s", WithTimeouts(Timeouts{Dial: time.Nanosecond}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = ownTransport(t, c).DialContext(t.Context(), "tcp", "127.0.0.1:9")
	if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
		t.Errorf("the limit of a nanosecond did not end the dial: %v", err)
	}
}

// ownTransport is the transport that a client made for itself.
func ownTransport(t *testing.T, c *Client) *http.Transport {
	t.Helper()
	transport, ok := c.caller.http.Transport.(redirectless).next.(*http.Transport)
	if !ok {
		t.Fatal("the client has another transport")
	}
	return transport
}

func TestThePollingOfAConflictCanBeSet(t *testing.T) {
	for name, c := range map[string]struct {
		retries Retries
		sends   int
	}{
		"five times": {Retries{ConflictPolls: 5, ConflictWait: time.Minute}, 1 + 1 + 5},
		"no longer":  {Retries{ConflictWait: time.Millisecond}, 1 + 1},
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t, WithRetries(c.retries))
			r.guard.MaxSends = 12
			r.bank.Script(faultserver.Status(500, "ServerError").Committed().Locked())
			r.check(t, r.pay(t.Context()), want{OutcomeUnknown, c.sends, 1})
		})
	}
}

func TestTheShortestBackoffCanBeSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t, WithRetries(Retries{MinDelay: 450 * time.Millisecond}))
		r.bank.Script(status(503)...)
		began := time.Now()
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
		if d := time.Since(began); d < 450*time.Millisecond || d > 500*time.Millisecond {
			t.Errorf("waited %s", d)
		}
	})
}

func TestWhatIsRetriedCanBeSet(t *testing.T) {
	virtual(t, "more than usual", func(t *testing.T) {
		r := inMemoryRig(t, WithRetries(Retries{If: func(e *Error) bool { return e.StatusCode == 520 }}))
		r.bank.Script(status(520, 520)...)
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 3, 1})
	})
	virtual(t, "less than usual", func(t *testing.T) {
		r := inMemoryRig(t, WithRetries(Retries{If: func(*Error) bool { return false }}))
		r.bank.Script(status(503)...)
		r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 1, 0})
	})
	virtual(t, "a token too", func(t *testing.T) {
		r := inMemoryRig(t, WithRetries(Retries{If: func(e *Error) bool { return e.Op != "Token" }}))
		r.bank.Token = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(503); return true }
		r.check(t, r.pay(t.Context()), want{OutcomeNotSent, 0, 0})
		if n := r.bank.Tokens(); n != 1 {
			t.Errorf("%d requests for a token", n)
		}
	})
	virtual(t, "never what is not authorized or was canceled", func(t *testing.T) {
		always := Retries{If: func(*Error) bool { return true }}
		r := inMemoryRig(t, WithRetries(always))
		r.bank.Always(faultserver.Status(401, "InvalidCredentials"))
		r.check(t, r.pay(t.Context()), want{OutcomeAuthFailed, 1, 0})
		r = inMemoryRig(t, WithRetries(always))
		r.bank.Always(faultserver.Stall())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r.check(t, r.read(ctx), want{OutcomeCanceled, 1, 0})
	})
}

func TestTheBudgetCanBeSet(t *testing.T) {
	outage := func(t *testing.T, b Budget, f *faultserver.Fault) int {
		r := inMemoryRig(t, WithRetries(Retries{Budget: b}))
		r.bank.Always(f)
		for range 100 {
			_ = r.read(t.Context())
		}
		return len(r.bank.Requests()) - 100
	}
	for name, c := range map[string]struct {
		budget  Budget
		fault   *faultserver.Fault
		retries int
	}{
		"size":         {Budget{Size: 50}, faultserver.Status(503, ""), 10},
		"cost":         {Budget{Cost: 50}, faultserver.Status(503, ""), 10},
		"timeout cost": {Budget{TimeoutCost: 100}, faultserver.Drop(), 5},
		"off":          {Budget{Off: true}, faultserver.Status(503, ""), 200},
	} {
		virtual(t, name, func(t *testing.T) {
			if n := outage(t, c.budget, c.fault); n != c.retries {
				t.Errorf("%d retries, want %d", n, c.retries)
			}
		})
	}
	virtual(t, "refund", func(t *testing.T) {
		r := inMemoryRig(t, WithRetries(Retries{Budget: Budget{Size: 10, Refund: 10}}))
		r.bank.Fault = func(n int, _ *http.Request) *faultserver.Fault {
			if n%2 == 0 {
				return nil
			}
			return faultserver.Drop()
		}
		for range 20 { // each fails, draws the whole bucket, succeeds and fills it
			if err := r.read(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestTheTimeoutsCanBeSet(t *testing.T) {
	virtual(t, "a slow attempt", func(t *testing.T) {
		r := inMemoryRig(t, WithTimeouts(Timeouts{SlowAttempt: 7 * time.Second}), WithRetries(Retries{MaxAttempts: 1}))
		r.bank.Always(faultserver.Stall())
		began := time.Now()
		_, err := r.MassPayments.Create(t.Context(), massPayment("batch-1"))
		r.check(t, err, want{OutcomeUnknown, 1, 0})
		if d := time.Since(began); d != 7*time.Second {
			t.Errorf("after %s", d)
		}
	})
	virtual(t, "a token", func(t *testing.T) {
		r := inMemoryRig(t, WithTimeouts(Timeouts{Token: 7 * time.Second}))
		r.bank.Token = func(_ http.ResponseWriter, req *http.Request) bool { <-req.Context().Done(); return true }
		began := time.Now()
		r.check(t, r.pay(t.Context()), want{OutcomeNotSent, 0, 0})
		if d := time.Since(began); d != 7*time.Second {
			t.Errorf("after %s", d)
		}
	})
}

func TestTheBackoffCanBeSet(t *testing.T) {
	waited := func(t *testing.T, retries Retries, f *faultserver.Fault) time.Duration {
		retries.MinDelay = time.Hour // above the longest wait, so that this is the wait
		r := inMemoryRig(t, WithRetries(retries))
		r.bank.Script(f, f)
		began := time.Now()
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 3, 1})
		return time.Since(began)
	}
	for name, c := range map[string]struct {
		retries Retries
		fault   *faultserver.Fault
		want    time.Duration
	}{
		"the first, doubled": {Retries{BaseDelay: 2 * time.Second}, faultserver.Status(503, ""), 2*time.Second + 4*time.Second},
		"the longest":        {Retries{BaseDelay: 2 * time.Second, MaxDelay: 3 * time.Second}, faultserver.Status(503, ""), 2*time.Second + 3*time.Second},
		"as long as Dwolla says": {
			Retries{MaxRetryAfter: 100 * time.Second},
			faultserver.Status(429, "TooManyRequests").With("Retry-After", "90"),
			2*90*time.Second + 500*time.Millisecond + time.Second,
		},
	} {
		virtual(t, name, func(t *testing.T) {
			if d := waited(t, c.retries, c.fault); d != c.want {
				t.Errorf("waited %s, want %s", d, c.want)
			}
		})
	}
}
