package dwolla

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/leak"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestFault159_OneClientServesAThousandGoroutines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.TokenLife = 3 * time.Minute
		failed := crowd(1000, func(i int) error {
			ctx := t.Context()
			time.Sleep(time.Duration(i) * time.Second) // over many tokens
			if _, err := r.Transfers.Create(ctx, payment(name("p-%d", i))); err != nil {
				return err
			}
			if _, err := r.MassPayments.Create(ctx, massPayment(name("m-%d", i))); err != nil {
				return err
			}
			if _, err := r.Customers.Get(ctx, "c1"); err != nil {
				return err
			}
			if _, err := r.FundingSources.Get(ctx, "f1"); err != nil {
				return err
			}
			_, err := r.Transfers.ListForCustomer(ctx, "c1", ListCustomerTransfersParams{})
			return err
		})
		if n := r.bank.Ledger.Len(); failed != 0 || n != 2000 {
			t.Errorf("%d failed, %d paid", failed, n)
		}
	})
}

func TestFault160_WhatTheCallerChangesLaterHasNoEffect(t *testing.T) {
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		r, _ := overSocket(t, p)
		r.bank.Script(status(500)...)
		body := payment("rent-1")
		body.Metadata = map[string]string{"a": "1"}
		middleware := []Middleware{func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			return next(req)
		}}
		if err := WithMiddleware(middleware...)(r.caller.cfg); err != nil {
			t.Fatal(err)
		}
		middleware[0] = nil
		opts := []CallOption{WithHeader("X-Trace", "1"), WithIdempotencyKey("key-1")}
		var ends sync.WaitGroup
		stop := make(chan struct{})
		begun := make(chan struct{})
		r.bank.Fault = func(n int, _ *http.Request) *faultserver.Fault {
			if n == 1 {
				close(begun)
				return faultserver.Status(500, "").After(5 * time.Millisecond)
			}
			return nil
		}
		ends.Go(func() {
			<-begun
			for {
				select {
				case <-stop:
					return
				default:
					body.Metadata["a"] = "2"
					opts[0] = WithHeader("X-Trace", "2")
				}
			}
		})
		_, err := r.Transfers.Create(t.Context(), body, opts...)
		close(stop)
		ends.Wait()
		r.check(t, err, want{OutcomeOK, 2, 1})
	})
}

type rogueBody struct{ panics bool }

func (b rogueBody) Read([]byte) (int, error) {
	if b.panics {
		panic("secret of a body")
	}
	return 0, io.EOF
}

func (rogueBody) Close() error { return errors.New("closed already") }

// A rogue is a transport that breaks the rules of http.RoundTripper.
type rogue func(*http.Request) (*http.Response, error)

func (f rogue) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestFault161_ATransportThatBreaksTheRulesIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		do    rogue
		write Outcome
		read  Outcome
	}{
		"nothing at all": {func(*http.Request) (*http.Response, error) { return nil, nil }, OutcomeUnknown, OutcomeNotSent},
		"a panic":        {func(*http.Request) (*http.Response, error) { panic("secret of a transport") }, OutcomeUnknown, OutcomeNotSent},
		"no body":        {func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 200}, nil }, OutcomeUnknown, OutcomeNotSent},
		"a body that panics": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: rogueBody{true}}, nil
		}, OutcomeUnknown, OutcomeBadResponse},
		"a body that does not close": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 201, Body: rogueBody{}}, nil
		}, OutcomeOK, OutcomeBadResponse},
		"a body closed twice": {func(req *http.Request) (*http.Response, error) {
			if req.Body != nil {
				_, _ = req.Body.Close(), req.Body.Close()
			}
			return nil, errors.New("it ended")
		}, OutcomeUnknown, OutcomeNotSent},
	} {
		virtual(t, name, func(t *testing.T) {
			bank := new(faultserver.Bank)
			memory := bank.Memory()
			r := rigOf(t, bank, faultserver.Base, rogue(func(req *http.Request) (*http.Response, error) {
				if strings.HasSuffix(req.URL.Path, "/token") {
					return memory.RoundTrip(req)
				}
				return c.do(req)
			}))
			for call, outcome := range map[*error]Outcome{new(r.pay(t.Context())): c.write, new(r.read(t.Context())): c.read} {
				if OutcomeOf(*call) != outcome {
					t.Errorf("outcome %q, want %q: %v", OutcomeOf(*call), outcome, *call)
				}
				if *call != nil && strings.Contains((*call).Error(), "secret") {
					t.Errorf("the error shows what the panic said: %v", *call)
				}
			}
		})
		virtual(t, name+", at the token endpoint", func(t *testing.T) {
			r := rigOf(t, new(faultserver.Bank), faultserver.Base, c.do)
			err := r.pay(t.Context())
			if o := OutcomeOf(err); o != OutcomeNotSent && o != OutcomeAuthFailed || strings.Contains(err.Error(), "secret") {
				t.Errorf("%q: %v", o, err)
			}
		})
	}
	t.Run("the caller's client is as it was", func(t *testing.T) {
		bank := new(faultserver.Bank)
		own := &http.Client{Transport: bank.Memory(), Timeout: time.Minute}
		before := *own
		client, err := NewClient(Sandbox, "key", "secret", WithBaseURL(faultserver.Base), WithHTTPClient(own))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Transfers.Get(t.Context(), "x"); err != nil || !reflect.DeepEqual(before, *own) || own.CheckRedirect != nil {
			t.Errorf("%+v, %v", own, err)
		}
	})
}

func TestFault162_AnImpossibleUseIsATypedError(t *testing.T) {
	t.Run("closing connections during traffic", func(t *testing.T) {
		everywhere(t, func(t *testing.T, p faultserver.Protocol) {
			r, _ := overSocket(t, p)
			var closer sync.WaitGroup
			stop := make(chan struct{})
			closer.Go(func() {
				for {
					select {
					case <-stop:
						return
					case <-time.After(time.Millisecond):
						r.CloseIdleConnections()
					}
				}
			})
			failed := crowd(50, func(i int) error {
				_, err := r.Transfers.Create(t.Context(), payment(name("p-%d", i)))
				return err
			})
			close(stop)
			closer.Wait()
			if n := r.bank.Ledger.Len(); failed != 0 || n != 50 {
				t.Errorf("%d failed, %d paid", failed, n)
			}
			r.CloseIdleConnections()
			if err := r.read(t.Context()); err != nil {
				t.Errorf("after closing: %v", err)
			}
		})
	})
	t.Run("a client that is none", func(t *testing.T) {
		for _, c := range []*Client{nil, {}} {
			c.CloseIdleConnections()
			_ = c.String()
			if err := c.Get(t.Context(), "/x", nil, nil); !errors.Is(err, ErrNoClient) || OutcomeOf(err) != OutcomeNotSent {
				t.Error(err)
			}
		}
		var c Client
		if _, err := c.Transfers.Create(t.Context(), payment("x")); !errors.Is(err, ErrNoClient) || OutcomeOf(err) != OutcomeNotSent {
			t.Error(err)
		}
		if _, err := (&TransfersService{}).Reconcile(t.Context(), payment("x"), justSent(), Lookup{}); !errors.Is(err, ErrNoClient) {
			t.Error(err)
		}
		for _, err := range c.Transfers.AllForCustomer(t.Context(), "c1", ListCustomerTransfersParams{}) {
			if !errors.Is(err, ErrNoClient) {
				t.Error(err)
			}
		}
	})
	t.Run("no context", func(t *testing.T) {
		r := inMemoryRig(t)
		var none context.Context
		for range r.Transfers.AllForCustomer(none, "c1", ListCustomerTransfersParams{}) {
			break
		}
		err := r.pay(none)
		r.check(t, err, want{OutcomeNotSent, 0, 0})
		if !errors.Is(err, ErrInvalidArgument) {
			t.Error(err)
		}
	})
	t.Run("options that are none", func(t *testing.T) {
		r := inMemoryRig(t)
		for _, opt := range []CallOption{Resend(nil), WithResponse(nil), WithHeader("", "x"), WithHeader("Authorization", "x")} {
			r.check(t, r.pay(t.Context(), opt), want{OutcomeNotSent, 0, 0})
		}
		r.check(t, r.pay(t.Context(), nil), want{OutcomeOK, 1, 1})
		for _, opt := range []Option{nil, WithHTTPClient(nil), WithLogger(nil), WithMiddleware(nil), WithBaseURL("")} {
			if _, err := NewClient(Sandbox, "k", "s", opt); !errors.Is(err, ErrConfiguration) {
				t.Error(err)
			}
		}
		if _, err := r.Transfers.Reconcile(t.Context(), CreateTransfer{}, justSent(), Lookup{}); !errors.Is(err, ErrInvalidArgument) {
			t.Error(err)
		}
		if _, err := r.Transfers.Reconcile(t.Context(), payment("x"), justSent(), Lookup{Looks: -1}); !errors.Is(err, ErrInvalidArgument) {
			t.Error(err)
		}
	})
}

// A footprint is what the process holds after a garbage collection: the client, the test's own server with its
// connections, and the runtime. What the bank and the guard recorded of calls is dropped before.
type footprint struct {
	heap            uint64
	goroutines, fds int
	keys, conns     int // what the client's keyring and the test's own server hold
}

func measure() footprint {
	var m runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return footprint{heap: m.HeapAlloc, goroutines: runtime.NumGoroutine(), fds: leak.Descriptors()}
}

func TestGoal18_NothingGrowsInALongRun(t *testing.T) {
	var faults []ending
	for _, e := range endings() {
		if e.fault.Wait == 0 && e.fault.End != faultserver.Trickle {
			faults = append(faults, e)
		}
	}
	r, server := overSocket(t, faultserver.HTTP1)
	r.guard.MaxSends = 12
	measured := func() footprint {
		r.CloseIdleConnections()
		time.Sleep(100 * time.Millisecond)
		f := measure()
		f.keys, f.conns = len(r.caller.keys.used), server.Connections()
		return f
	}
	r.caller.budget.tokens = 1 << 30 // the run is about leaks; an empty budget would spare most of the faults
	r.bank.Fault = mixed(18, faults)
	if soak() {
		// The cache of keys is bounded; it is filled first, so that it does not look like a leak.
		for i := range idempotencyCacheSize {
			settle(t, &r.caller.keys, name("k-%d", i))
		}
	}
	rounds, round := size(4, 100), size(200, 10_000)
	var first, last footprint
	for i := range rounds {
		crowd(32, func(w int) error {
			for j := range round / 32 {
				if _, err := r.Transfers.Create(t.Context(), payment(name("p-%d-%d-%d", i, w, j))); OutcomeOf(err) == OutcomeOK && err != nil {
					t.Error(err)
				}
			}
			return nil
		})
		if twice := r.bank.Ledger.Twice(intention); len(twice) > 0 {
			t.Errorf("paid twice: %q", twice)
		}
		r.bank.Forget()
		forgetUnknown(&r.caller.keys) // they are kept for a day on purpose
		if warmUp := max(rounds/4, 1); i == warmUp-1 {
			first = measured()
		}
	}
	last = measured()
	growth := 100 * (float64(last.heap)/float64(first.heap) - 1)
	text := fmt.Sprintf("G18: %d calls, heap %d KiB to %d KiB (%+.2f %%), goroutines %d to %d, descriptors %d to %d; keys remembered %d to %d, connections of the server %d to %d",
		rounds*round, first.heap>>10, last.heap>>10, growth, first.goroutines, last.goroutines, first.fds, last.fds,
		first.keys, last.keys, first.conns, last.conns)
	t.Log(text)
	if soak() && (growth > 2 || last.goroutines > first.goroutines+2 || last.fds > first.fds+2) {
		t.Error(text)
	}
}
