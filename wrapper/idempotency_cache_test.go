package dwolla

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/call"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

// cached is a call for a cache of keys.
func cached(key string) *pendingCall {
	return &pendingCall{op: &call.Op{}, origin: &origin{base: &url.URL{}}, url: &url.URL{Path: "/transfers"}, key: key, first: time.Now().Round(0)}
}

// settle claims a key for a call that is sent and ends well.
func settle(t *testing.T, k *idempotencyCache, key string) {
	t.Helper()
	p := cached(key)
	if err := k.claim(p); err != nil {
		t.Fatal(err)
	}
	p.sent, p.settled = true, true
	k.release(p)
}

// forgetUnknown drops the keys of unknown outcomes, as a day does.
func forgetUnknown(k *idempotencyCache) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for e := k.unknown.Front(); e != nil; e = k.unknown.Front() {
		use := e.Value.(*keyUse)
		k.take(use)
		k.forget(use)
	}
}

func TestTheIdempotencyCacheForgetsTheOldestSettledKeyFirst(t *testing.T) {
	var k idempotencyCache
	remembers := func(keys map[string]bool) {
		t.Helper()
		if len(k.used) != idempotencyCacheSize || k.settled.Len() != idempotencyCacheSize {
			t.Errorf("%d keys, %d settled", len(k.used), k.settled.Len())
		}
		for key, there := range keys {
			if _, ok := k.used[key]; ok != there {
				t.Errorf("key %s: %v", key, ok)
			}
		}
	}
	for i := range idempotencyCacheSize + 2 {
		settle(t, &k, fmt.Sprint(i))
	}
	remembers(map[string]bool{"0": false, "1": false, "2": true, fmt.Sprint(idempotencyCacheSize + 1): true})
	const turns = 3*idempotencyCacheSize + 5 // over the places where the map is renewed
	for i := idempotencyCacheSize + 2; i < turns; i++ {
		settle(t, &k, fmt.Sprint(i))
	}
	remembers(map[string]bool{fmt.Sprint(turns - idempotencyCacheSize - 1): false, fmt.Sprint(turns - idempotencyCacheSize): true, fmt.Sprint(turns - 1): true})
}

func TestFault211_AnUnknownOutcomeIsRememberedWhileItsKeyIsValid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		stall := faultserver.Stall().Committed()
		r.bank.Script(stall, stall, stall)
		key := WithIdempotencyKey("invoice-1")
		r.check(t, r.pay(t.Context(), key), want{OutcomeUnknown, 3, 1})
		for i := range idempotencyCacheSize + 1 {
			settle(t, &r.caller.keys, fmt.Sprint(i))
		}
		other := payment("rent-1")
		other.Amount = USDCents(9999)
		if _, err := r.Transfers.Create(t.Context(), other, key); !errors.Is(err, ErrKeyReused) {
			t.Errorf("another body: %v", err)
		}
		r.check(t, r.pay(t.Context(), key), want{OutcomeOK, 4, 1})
	})
	virtual(t, "and not for longer than there is room after that", func(t *testing.T) {
		var k idempotencyCache
		for i := range 2 * idempotencyCacheSize {
			p := cached(fmt.Sprint("unknown-", i))
			p.op = &call.Op{Method: "POST"}
			k.remember(p.key, call.Sent{What: p.what(), First: p.first})
		}
		time.Sleep(25 * time.Hour)
		settle(t, &k, "next")
		if len(k.used) != idempotencyCacheSize || k.unknown.Len() != 0 {
			t.Errorf("%d keys, %d of them unknown", len(k.used), k.unknown.Len())
		}
	})
}

func TestFault212_AKeyThatNothingWasSentWithIsFree(t *testing.T) {
	other := payment("rent-1")
	other.Amount = USDCents(9999)
	key := WithIdempotencyKey("invoice-17")
	virtual(t, "there was no token", func(t *testing.T) {
		r := inMemoryRig(t, WithRetries(Retries{MaxAttempts: 1}))
		r.answerToken(text(503, "", ""))
		r.check(t, r.pay(t.Context(), key), want{OutcomeNotSent, 0, 0})
		_, err := r.Transfers.Create(t.Context(), other, key)
		r.check(t, err, want{OutcomeOK, 1, 1})
	})
	virtual(t, "but not if an earlier attempt was", func(t *testing.T) {
		r := inMemoryRig(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		r.bank.Always(faultserver.Status(429, "TooManyRequests"))
		if err := r.pay(ctx, key); len(r.bank.Requests()) != 1 {
			t.Fatal(err)
		}
		if _, err := r.Transfers.Create(t.Context(), other, key); !errors.Is(err, ErrKeyReused) {
			t.Error(err)
		}
	})
	virtual(t, "nor if Dwolla refused it", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(400, "ValidationError"))
		r.check(t, r.pay(t.Context(), key), want{OutcomeRejected, 1, 0})
		if _, err := r.Transfers.Create(t.Context(), other, key); !errors.Is(err, ErrKeyReused) {
			t.Error(err)
		}
	})
	virtual(t, "nor while another call uses it", func(t *testing.T) {
		var k idempotencyCache
		first, second := cached("k"), cached("k")
		for _, p := range []*pendingCall{first, second} {
			if err := k.claim(p); err != nil {
				t.Fatal(err)
			}
		}
		k.release(first) // which sent nothing
		changed := cached("k")
		changed.url = &url.URL{Path: "/mass-payments"}
		if err := k.claim(changed); !errors.Is(err, ErrKeyReused) {
			t.Error(err)
		}
		second.sent = true
		k.release(second)
		if err := k.claim(changed); !errors.Is(err, ErrKeyReused) {
			t.Error(err)
		}
	})
}

func TestFault101_AKeyIsNotSentWithAnotherBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		key := WithIdempotencyKey("key-1")
		r.check(t, r.pay(t.Context(), key), want{OutcomeOK, 1, 1})
		other := payment("rent-1")
		other.Amount = USDCents(9999)
		_, err := r.Transfers.Create(t.Context(), other, key)
		if !errors.Is(err, ErrKeyReused) || !errors.Is(err, ErrInvalidArgument) || OutcomeOf(err) != OutcomeUnknown {
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

func TestFault368_ARequestThatIsNotSentForItsKeyInvitesNoOtherKey(t *testing.T) {
	other := payment("rent-1")
	other.Amount = USDCents(9999)
	key := WithIdempotencyKey("invoice-17")
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	refusals := map[string]func(*rig) error{
		"another body": func(r *rig) error { return errorOf(r.Transfers.Create(context.Background(), other, key)) },
		"another operation": func(r *rig) error {
			return errorOf(r.MassPayments.Create(context.Background(), massPayment("rent-1"), key))
		},
		"a bad option": func(r *rig) error { return r.pay(context.Background(), key, WithHeader("Host", "x")) },
		"a body that is refused": func(r *rig) error {
			return errorOf(r.Transfers.Create(context.Background(), CreateTransfer{}, key))
		},
		"an ended context": func(r *rig) error { return r.pay(ended, key) },
	}
	for refusal, again := range refusals {
		judge := func(t *testing.T, r *rig, err error) {
			t.Helper()
			first := r.bank.Requests()[0]
			unknown, ok := errors.AsType[*OutcomeUnknownError](err)
			if !ok || OutcomeOf(err) != OutcomeUnknown || errors.Is(err, ErrNotSent) {
				t.Errorf("%s: outcome %q: %v", refusal, OutcomeOf(err), err)
			} else if unknown.IdempotencyKey != first.Key || unknown.BodySHA256 != first.BodyHash || unknown.Path != "/transfers" {
				t.Errorf("%s: the record is not of what was sent: %+v", refusal, unknown)
			}
		}
		virtual(t, refusal+", while the first is under way", func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Always(&faultserver.Fault{Commit: true, Work: 300 * time.Millisecond})
			first := make(chan error, 1)
			go func() { first <- r.pay(context.Background(), key) }()
			time.Sleep(100 * time.Millisecond)
			err := again(r)
			if err := <-first; err != nil {
				t.Fatal(err)
			}
			judge(t, r, err)
			r.check(t, nil, want{OutcomeOK, 1, 1})
		})
		virtual(t, refusal+", once the first is done", func(t *testing.T) {
			r := inMemoryRig(t)
			r.check(t, r.pay(t.Context(), key), want{OutcomeOK, 1, 1})
			judge(t, r, again(r))
			r.check(t, r.pay(t.Context(), key), want{OutcomeOK, 2, 1})
		})
		virtual(t, refusal+", once the first is refused", func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Always(&faultserver.Fault{Answer: faultserver.Status(400, "ValidationError").Answer, Wait: 300 * time.Millisecond})
			first := make(chan error, 1)
			go func() { first <- r.pay(context.Background(), key) }()
			time.Sleep(100 * time.Millisecond)
			judge(t, r, again(r)) // it cannot know yet
			r.check(t, <-first, want{OutcomeRejected, 1, 0})
			if err := again(r); OutcomeOf(err) != OutcomeNotSent && OutcomeOf(err) != OutcomeCanceled {
				t.Errorf("%s: outcome %q: %v", refusal, OutcomeOf(err), err)
			}
		})
	}
	virtual(t, "a repetition that Dwolla refuses, of what was carried out", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(nil, faultserver.Status(400, "ValidationError"))
		r.check(t, r.pay(t.Context(), key), want{OutcomeOK, 1, 1})
		r.check(t, r.pay(t.Context(), key), want{OutcomeUnknown, 2, 1})
	})
	virtual(t, "an answer that says so and is too large", func(t *testing.T) {
		r := inMemoryRig(t, WithLimits(Limits{Body: 1 << 10}))
		r.bank.Script(&faultserver.Fault{Commit: true, Answer: faultserver.Text(200, halType, `{"id":"x","a":"`+strings.Repeat("a", 1<<11)+`"}`).Answer})
		if _, err := r.Transfers.Cancel(t.Context(), "x", key); OutcomeOf(err) != OutcomeBadResponse {
			t.Errorf("outcome %q: %v", OutcomeOf(err), err)
		}
		if err := r.pay(t.Context(), key); OutcomeOf(err) != OutcomeUnknown || !errors.Is(err, ErrKeyReused) {
			t.Errorf("outcome %q: %v", OutcomeOf(err), err)
		}
	})
	virtual(t, "a key that another process has sent a day ago", func(t *testing.T) {
		r := inMemoryRig(t)
		sent := func(o *call.Options) { o.KeyFirst = time.Now().Add(-24 * time.Hour) }
		if err := r.pay(t.Context(), key, sent); OutcomeOf(err) != OutcomeUnknown || !errors.Is(err, ErrKeyExpired) {
			t.Errorf("outcome %q: %v", OutcomeOf(err), err)
		}
	})
}
