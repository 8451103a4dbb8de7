package dwolla

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestFault215_ARecordIsResentForItsOwnRequestOnly(t *testing.T) {
	cancel := func(r *rig, id string, opts ...CallOption) error {
		_, err := r.Transfers.Cancel(context.Background(), id, opts...)
		return err
	}
	for name, again := range map[string]func(r *rig, unknown *OutcomeUnknownError) error{
		"another transfer": func(r *rig, u *OutcomeUnknownError) error { return cancel(r, "t2", Resend(u)) },
		"another operation": func(r *rig, u *OutcomeUnknownError) error {
			_, err := r.Post(context.Background(), "/transfers", payment("rent-1"), nil, Resend(u))
			return err
		},
		"a query": func(r *rig, u *OutcomeUnknownError) error {
			_, err := r.Post(context.Background(), "/transfers/t1?x=1", map[string]string{"status": "cancelled"}, nil, Resend(u))
			return err
		},
		"another method": func(r *rig, u *OutcomeUnknownError) error {
			u.Method = http.MethodPut
			return cancel(r, "t1", Resend(u))
		},
		"another body": func(r *rig, u *OutcomeUnknownError) error {
			u.BodySHA256 = strings.Repeat("0", 64)
			return cancel(r, "t1", Resend(u))
		},
		"another environment": func(r *rig, u *OutcomeUnknownError) error {
			u.Environment = "production"
			return cancel(r, "t1", Resend(u))
		},
		"another base URL": func(r *rig, u *OutcomeUnknownError) error {
			return cancel(rigOf(t, r.bank, "https://gateway.example", r.bank.Memory()), "t1", Resend(u))
		},
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			stall := faultserver.Stall()
			r.bank.Script(stall, stall, stall)
			unknown := unknownOf(t, cancel(r, "t1"))
			later := rigOf(t, r.bank, faultserver.Base, r.bank.Memory())
			if err := again(later, unknown); !errors.Is(err, ErrKeyReused) || OutcomeOf(err) != OutcomeNotSent {
				t.Error(err)
			}
			if n := len(r.bank.Requests()); n != 3 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestFault216_ARecordWithAHoleIsNotResent(t *testing.T) {
	for name, hole := range map[string]func(*OutcomeUnknownError){
		"no key":         func(u *OutcomeUnknownError) { u.IdempotencyKey = "" },
		"no hash":        func(u *OutcomeUnknownError) { u.BodySHA256 = "" },
		"no time":        func(u *OutcomeUnknownError) { u.First = time.Time{} },
		"in the future":  func(u *OutcomeUnknownError) { u.First = time.Now().Add(72 * time.Hour) },
		"no method":      func(u *OutcomeUnknownError) { u.Method = "" },
		"no path":        func(u *OutcomeUnknownError) { u.Path = "" },
		"no origin":      func(u *OutcomeUnknownError) { u.Origin = "" },
		"no environment": func(u *OutcomeUnknownError) { u.Environment = "" },
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			stall := faultserver.Stall()
			r.bank.Script(stall, stall, stall)
			unknown := unknownOf(t, r.pay(t.Context()))
			hole(unknown)
			later := rigOf(t, r.bank, faultserver.Base, r.bank.Memory())
			if err := later.pay(t.Context(), Resend(unknown)); !errors.Is(err, ErrInvalidArgument) || errors.Is(err, ErrKeyReused) {
				t.Error(err)
			}
			if n := len(r.bank.Requests()); n != 3 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestResendAndWithIdempotencyKeyExcludeEachOther(t *testing.T) {
	r := inMemoryRig(t)
	unknown := &OutcomeUnknownError{
		IdempotencyKey: "k", BodySHA256: "h", First: time.Now(), Method: "POST", Path: "/transfers", Origin: "o", Environment: "sandbox",
	}
	for _, opts := range [][]CallOption{{Resend(unknown), WithIdempotencyKey("k")}, {WithIdempotencyKey("k"), Resend(unknown)}} {
		if err := r.pay(t.Context(), opts...); !errors.Is(err, ErrInvalidArgument) {
			t.Error(err)
		}
	}
	if _, err := r.Transfers.Get(t.Context(), "t1", WithIdempotencyKey("k")); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("a key for a GET: %v", err)
	}
	if n := len(r.bank.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestFault219_AResentPaymentStaysUnknownUntilAnAnswerSettlesIt(t *testing.T) {
	for name, f := range map[string]*faultserver.Fault{
		"a refusal": faultserver.Status(400, "ValidationError"), "a 403": faultserver.Status(403, "Forbidden"),
		"too many requests": faultserver.Status(429, "TooManyRequests"), "a refused token": faultserver.Status(401, "InvalidAccessToken"),
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			stall := faultserver.Stall().Committed()
			r.bank.Script(stall, stall, stall)
			first := unknownOf(t, r.pay(t.Context()))
			for process, later := range map[string]*rig{"the same client": r, "a later process": rigOf(t, r.bank, faultserver.Base, r.bank.Memory())} {
				r.bank.Always(f)
				second := unknownOf(t, later.pay(t.Context(), Resend(first)))
				if !second.First.Equal(first.First) || second.IdempotencyKey != first.IdempotencyKey {
					t.Errorf("%s: %+v", process, second)
				}
				r.bank.Fault = nil
				if err := later.pay(t.Context(), Resend(second)); err != nil {
					t.Errorf("%s: %v", process, err)
				}
			}
			if n := r.bank.Ledger.Len(); n != 1 {
				t.Errorf("paid %d times", n)
			}
		})
	}
	virtual(t, "no token", func(t *testing.T) {
		r := inMemoryRig(t)
		stall := faultserver.Stall().Committed()
		r.bank.Script(stall, stall, stall)
		unknown := unknownOf(t, r.pay(t.Context()))
		later := rigOf(t, r.bank, faultserver.Base, r.bank.Memory(), WithRetries(Retries{MaxAttempts: 1}))
		later.answerToken(text(503, "", ""), text(503, "", ""), text(503, "", ""))
		unknownOf(t, later.pay(t.Context(), Resend(unknown)))
	})
}
