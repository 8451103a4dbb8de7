package dwolla

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/wire"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/ledger"
)

// Section F of the catalogue: idempotency.

// unknownOf is the unknown outcome that an error is.
func unknownOf(t *testing.T, err error) *OutcomeUnknownError {
	t.Helper()
	unknown, ok := errors.AsType[*OutcomeUnknownError](err)
	if !ok {
		t.Fatalf("%T: %v", err, err)
	}
	return unknown
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

func TestFault098_ALockedKeyOfAPaymentThatWasMadeIsReconciled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(500, "ServerError").Committed().Locked())
		started := time.Now()
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeUnknown, 1 + 1 + conflictPolls, 1})
		if d := time.Since(started); d > conflictWait+time.Second || !errors.Is(err, ErrConflict) {
			t.Errorf("after %s: %v", d, err)
		}
		found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), Lookup{})
		if err != nil || found.ID != r.bank.Ledger.Payments()[0].ID {
			t.Errorf("%+v, %v", found, err)
		}
		r.noNewPOST(t, 1+1+conflictPolls)
	})
}

// noNewPOST checks that a look-up has sent nothing but reads.
func (r *rig) noNewPOST(t *testing.T, before int) {
	t.Helper()
	for _, sent := range r.bank.Requests()[before:] {
		if sent.Method != http.MethodGet {
			t.Errorf("the look-up sent %s %s", sent.Method, sent.Path)
		}
	}
}

func TestFault099_ALockedKeyOfNoPaymentWaitsForTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(500, "ServerError").Locked())
		first := r.pay(t.Context())
		r.check(t, first, want{OutcomeUnknown, 5, 0})
		started := time.Now()
		found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), Lookup{})
		absent, _ := errors.AsType[*ReconcileError](err)
		if found != nil || !errors.Is(err, ErrAbsent) || absent.Looks != 5 || time.Since(started) < 2*time.Minute || OutcomeOf(err) != OutcomeUnknown {
			t.Errorf("%+v, %v after %s", found, err, time.Since(started))
		}
		r.noNewPOST(t, 5)
		// Only now, and only because the caller says so, there is a new key.
		if err := r.pay(t.Context()); err != nil {
			t.Fatal(err)
		}
		if paid := r.bank.Ledger.Payments(); len(paid) != 1 || paid[0].Key == unknownOf(t, first).IdempotencyKey {
			t.Errorf("%+v", paid)
		}
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

func TestFault101_AKeyIsNotSentWithAnotherBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		key := WithIdempotencyKey("key-1")
		r.check(t, r.pay(t.Context(), key), want{OutcomeOK, 1, 1})
		other := payment("rent-1")
		other.Amount = USDCents(9999)
		_, err := r.Transfers.Create(t.Context(), other, key)
		if !errors.Is(err, ErrKeyReused) || !errors.Is(err, ErrInvalidArgument) || OutcomeOf(err) != OutcomeNotSent {
			t.Errorf("another body: %v", err)
		}
		if _, err = r.MassPayments.Create(t.Context(), massPayment("rent-1"), key); !errors.Is(err, ErrKeyReused) {
			t.Errorf("another operation: %v", err)
		}
		r.check(t, r.pay(t.Context(), key), want{OutcomeOK, 2, 1})
	})
	virtual(t, "by another process", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Stall(), faultserver.Stall(), faultserver.Stall())
		unknown := unknownOf(t, r.pay(t.Context()))
		later := rigOf(t, r.bank, faultserver.Base, r.bank.Memory())
		other := payment("rent-1")
		other.Amount = USDCents(9999)
		if _, err := later.Transfers.Create(t.Context(), other, Resend(unknown)); !errors.Is(err, ErrKeyReused) {
			t.Error(err)
		}
		r.check(t, later.pay(t.Context(), Resend(unknown)), want{OutcomeOK, 4, 1})
	})
}

func TestFault102_OneKeyFromManySidesPaysOnce(t *testing.T) {
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

func TestFault103_AKeyOfYesterdayIsNotSentBeforeALookUp(t *testing.T) {
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
				if !errors.Is(err, ErrKeyExpired) || OutcomeOf(err) != OutcomeNotSent || len(r.bank.Requests()) != 3 {
					t.Errorf("%d requests: %v", len(r.bank.Requests()), err)
				}
				if found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), Lookup{}); err != nil || found.ID == "" {
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

// odd is a body whose bytes could differ from one encoding to the next.
func odd() CreateTransfer {
	p := payment("rent-1")
	p.Metadata = map[string]string{"html": "<b>&amp;</b>", "z": "1", "a": "\u2028", "m": "ü", "k": "</script>"}
	return p
}

func TestFault105_ABodyHasOneEncoding(t *testing.T) {
	first, err := wire.Marshal(odd())
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("DWOLLA_TEST_ENCODE") != "" {
		fmt.Printf("BODY %x\n", first)
		return
	}
	for range 1000 {
		again, err := wire.Marshal(odd())
		if err != nil || !bytes.Equal(first, again) {
			t.Fatalf("%v\n%s\n%s", err, first, again)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		other := exec.CommandContext(t.Context(), self, "-test.run=^TestFault105_")
		other.Env = append(os.Environ(), "DWOLLA_TEST_ENCODE=1")
		out, err := other.Output()
		if err != nil || !bytes.Contains(out, fmt.Appendf(nil, "BODY %x\n", first)) {
			t.Fatalf("another process encodes otherwise: %v\n%s", err, out)
		}
	}
}

func TestFault106_WithoutRandomnessThereIsNoKey(t *testing.T) {
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

func TestFault108_WhatIsNotTheOnePaymentIsAmbiguous(t *testing.T) {
	for name, wrong := range map[string][]ledger.Payment{
		"two of them":         {{}, {}},
		"another amount":      {{Amount: "99.00"}},
		"another destination": {{Destination: faultserver.Base + "/funding-sources/stranger"}},
		"another source":      {{Source: faultserver.Base + "/funding-sources/stranger"}},
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			for _, p := range wrong {
				r.bank.Ledger.Pay(like(payment("rent-1"), p))
			}
			found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), Lookup{})
			why, ok := errors.AsType[*ReconcileError](err)
			if found != nil || !ok || !errors.Is(err, ErrAmbiguous) || len(why.Found) != len(wrong) || OutcomeOf(err) != OutcomeUnknown {
				t.Errorf("%+v, %v", found, err)
			}
			r.noNewPOST(t, 0)
		})
	}
	virtual(t, "another correlation id is another payment", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Ledger.Pay(like(payment("rent-11"), ledger.Payment{}))
		if _, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), Lookup{}); !errors.Is(err, ErrAbsent) {
			t.Error(err)
		}
	})
}

// like is what the bank would have written down for a transfer, apart from the fields that differ.
func like(sent CreateTransfer, different ledger.Payment) ledger.Payment {
	p := ledger.Payment{
		Path: "/transfers", CorrelationID: sent.CorrelationID, Amount: sent.Amount.Value,
		Source: sent.Links.Source.Href, Destination: sent.Links.Destination.Href, At: time.Now(),
	}
	for field, value := range map[*string]string{&p.Amount: different.Amount, &p.Source: different.Source, &p.Destination: different.Destination} {
		if value != "" {
			*field = value
		}
	}
	return p
}

func TestFault109_ALookUpThatFailsSaysNothing(t *testing.T) {
	virtual(t, "failures in between are not empty looks", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Hidden = 90 * time.Second // the search lags behind
		r.bank.Ledger.Pay(like(payment("rent-1"), ledger.Payment{}))
		r.bank.Fault = func(n int, _ *http.Request) *faultserver.Fault {
			switch n % 7 {
			case 3:
				return faultserver.Status(503, "ServerError")
			case 5:
				return faultserver.Status(429, "TooManyRequests").With("Retry-After", "1")
			default:
				return nil
			}
		}
		found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), Lookup{})
		if err != nil || found.CorrelationID != "rent-1" {
			t.Errorf("%+v, %v", found, err)
		}
	})
	for name, f := range map[string]*faultserver.Fault{
		"down": faultserver.Status(503, "ServerError"), "limited": faultserver.Status(429, "TooManyRequests").With("Retry-After", "300"),
		"forbidden": faultserver.Status(403, "Forbidden"), "stalled": faultserver.Stall(),
	} {
		virtual(t, name+" for good", func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Always(f)
			found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), Lookup{Looks: 2, Over: time.Second})
			if found != nil || errors.Is(err, ErrAbsent) || !errors.Is(err, ErrOutcomeUnknown) {
				t.Errorf("%+v, %v", found, err)
			}
			r.noNewPOST(t, 0)
		})
	}
	virtual(t, "the caller leaves", func(t *testing.T) {
		r := inMemoryRig(t)
		ctx, cancel := context.WithTimeout(t.Context(), 45*time.Second)
		defer cancel()
		_, err := r.Transfers.Reconcile(ctx, payment("rent-1"), Lookup{})
		if !errors.Is(err, ErrOutcomeUnknown) || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestFault110_ARetryNeverLandsElsewhere(t *testing.T) {
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
		if _, err := r.Post(t.Context(), "https://api.dwolla.com/transfers", nil, nil); !errors.Is(err, ErrForeignLink) {
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
