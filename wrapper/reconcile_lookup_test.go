package dwolla

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/ledger"
)

func TestReconcileLooksOftenAndLongEnough(t *testing.T) {
	for _, c := range []struct {
		look  Lookup
		looks int
		over  time.Duration
	}{{Lookup{}, 5, 2 * time.Minute}, {Lookup{Looks: 1}, 2, 2 * time.Minute}, {Lookup{Looks: 3, Over: time.Hour}, 3, time.Hour}} {
		virtual(t, fmt.Sprintf("%+v", c.look), func(t *testing.T) {
			r := inMemoryRig(t)
			ctx, cancel := context.WithTimeout(t.Context(), 2*c.over)
			defer cancel()
			started := time.Now()
			_, err := r.Transfers.Reconcile(ctx, payment("rent-1"), justSent(), c.look)
			absent, ok := errors.AsType[*ReconcileError](err)
			if !ok || absent.Kind != ErrAbsent || absent.Looks != c.looks || time.Since(started) != c.over {
				t.Errorf("%v after %s", err, time.Since(started))
			}
		})
	}
	virtual(t, "a payment that can be found late is found", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Hidden = 100 * time.Second
		if err := r.pay(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{}); err != nil {
			t.Error(err)
		}
	})
	virtual(t, "a failure of the destination's owner is no answer", func(t *testing.T) {
		r := inMemoryRig(t)
		answering(r, map[string]string{"/customers/owner-of-payer/transfers": listed("transfers", leg("a", "12.50", map[string]string{"destination": "/customers/x"}))})
		lists := r.bank.Fault
		r.bank.Fault = func(n int, req *http.Request) *faultserver.Fault {
			if req.URL.Path == "/funding-sources/payee" {
				return faultserver.Status(404, "NotFound")
			}
			return lists(n, req)
		}
		_, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{})
		if !errors.Is(err, ErrOutcomeUnknown) || !errors.Is(err, ErrNotFound) || errors.Is(err, ErrAmbiguous) {
			t.Error(err)
		}
	})
}

func TestReconcileDoesNotTakeAListThatFailsForAnEmptyOne(t *testing.T) {
	virtual(t, "transfers", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Fault = func(_ int, req *http.Request) *faultserver.Fault {
			if strings.HasSuffix(req.URL.Path, "/transfers") {
				return faultserver.Status(403, "Forbidden")
			}
			return nil
		}
		_, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{})
		if !errors.Is(err, ErrOutcomeUnknown) || !errors.Is(err, ErrForbidden) || errors.Is(err, ErrAbsent) {
			t.Error(err)
		}
	})
}

func TestALookUpEndsAfterAsManyFailuresInARow(t *testing.T) {
	down := &Error{Outcome: OutcomeNotSent, Err: errors.New("no connection")}
	for name, c := range map[string]struct {
		look  func(n int) error // of the nth look
		looks int
		kind  Kind
	}{
		"all of them fail":              {func(int) error { return down }, 3, ErrOutcomeUnknown},
		"one is refused":                {func(int) error { return &Error{Outcome: OutcomeRejected, StatusCode: 403} }, 1, ErrOutcomeUnknown},
		"two fail between empty ones":   {func(n int) error { return map[int]error{2: down, 3: down, 5: down, 6: down}[n] }, 7, ErrAbsent},
		"none fails, and none finds it": {func(int) error { return nil }, 3, ErrAbsent},
	} {
		virtual(t, name, func(t *testing.T) {
			looks := 0
			_, err := reconcile(t.Context(), Lookup{Looks: 3, Over: time.Minute}, func(context.Context) (*Transfer, error) {
				looks++
				if looks > 20 {
					return nil, ambiguous("it never ends")
				}
				return nil, c.look(looks)
			})
			if !errors.Is(err, c.kind) || looks != c.looks {
				t.Errorf("%d looks: %v", looks, err)
			}
		})
	}
	for _, l := range []Lookup{{Looks: -1}, {Over: -1}} {
		if _, err := l.withDefaults(); !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("%+v: %v", l, err)
		}
	}
}

func TestAReconcileErrorSaysWhatItKnows(t *testing.T) {
	err := &ReconcileError{Kind: ErrOutcomeUnknown, Reason: "why", Looks: 3, Err: context.Canceled}
	for _, part := range []string{"outcome unknown", "why", "3 looks", "canceled"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q lacks %q", err, part)
		}
	}
}

func TestOnlyWhatIsAmbiguousIsStillUnknown(t *testing.T) {
	for _, c := range []struct {
		kind, target Kind
		want         bool
	}{
		{ErrAmbiguous, ErrAmbiguous, true},
		{ErrAmbiguous, ErrOutcomeUnknown, true},
		{ErrAmbiguous, ErrAbsent, false},
		{ErrAbsent, ErrAbsent, true},
		{ErrAbsent, ErrOutcomeUnknown, false},
		{ErrOutcomeUnknown, ErrOutcomeUnknown, true},
	} {
		if got := errors.Is(&ReconcileError{Kind: c.kind}, c.target); got != c.want {
			t.Errorf("%v is %v: %v", c.kind, c.target, got)
		}
	}
}

func TestFault109_AFailedLookUpProvesNothing(t *testing.T) {
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
		found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{})
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
			found, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{Looks: 2, Over: time.Second})
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
		_, err := r.Transfers.Reconcile(ctx, payment("rent-1"), justSent(), Lookup{})
		if !errors.Is(err, ErrOutcomeUnknown) || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestFault257_OnlyARealListWithoutEntriesSaysThatAPaymentIsAbsent(t *testing.T) {
	for _, list := range []string{"transfers", "mass-payments"} {
		reconcile := func(t *testing.T, r *rig) error {
			if list == "transfers" {
				return errorOf(r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{Looks: 3}))
			}
			return errorOf(r.MassPayments.Reconcile(t.Context(), massPayment("rent-1"), justSent(), Lookup{Looks: 3}))
		}
		for _, body := range []string{
			`{"message":"maintenance"}`, `{"code":"Forbidden"}`, `{"_embedded":{"customers":[]}}`, `{"_embedded":{"customers":[]},"total":0}`,
			`{"_embedded":{}}`, `{"_embedded":null,"total":0}`, `{"total":0}`, `{"_links":{}}`, `{"_embedded":{"LIST":null},"total":0}`,
			`{"_embedded":{"LIST":[]},"total":1}`, `{"id":"x"}`,
			`{"_links":{"next":{"href":"/customers/owner-of-payer/LIST?cursor=a"}},"_embedded":{"LIST":[]}}`, // and then the same as no list
		} {
			virtual(t, list+" "+body, func(t *testing.T) {
				r := inMemoryRig(t)
				looks := 0
				r.bank.Fault = func(_ int, req *http.Request) *faultserver.Fault {
					if !strings.HasSuffix(req.URL.Path, "/"+list) {
						return nil
					}
					if req.URL.Query().Has("cursor") {
						return faultserver.Text(200, halType, `{"message":"maintenance"}`)
					}
					looks++
					return faultserver.Text(200, halType, strings.ReplaceAll(body, "LIST", list))
				}
				err := reconcile(t, r)
				failed, ok := errors.AsType[*ReconcileError](err)
				if !ok || failed.Kind != ErrOutcomeUnknown || errors.Is(err, ErrAbsent) || looks < 3 {
					t.Errorf("after %d looks: %v", looks, err)
				}
			})
		}
		// An old payment of the same correlation id does not make up for what the list has lost.
		for _, total := range []int{1, 2, 900} {
			virtual(t, fmt.Sprint(list, " with an old payment and a total of ", total), func(t *testing.T) {
				r := inMemoryRig(t)
				r.bank.Fault = func(_ int, req *http.Request) *faultserver.Fault {
					if !strings.HasSuffix(req.URL.Path, "/"+list) {
						return nil
					}
					old := fmt.Sprintf(`{"id":"0a1b2c3d-0000-4000-8000-00000000000f","correlationId":"rent-1","created":%q}`, time.Now().Add(-720*time.Hour).UTC().Format(time.RFC3339))
					if req.URL.Query().Has("offset") && req.URL.Query().Get("offset") != "0" {
						old = ""
					}
					return faultserver.Text(200, halType, fmt.Sprintf(`{"_embedded":{%q:[%s]},"total":%d}`, list, old, total))
				}
				want := ErrOutcomeUnknown
				if total == 1 {
					want = ErrAbsent
				}
				if err := reconcile(t, r); !errors.Is(err, want) || total > 1 && errors.Is(err, ErrAbsent) {
					t.Error(err)
				}
			})
		}
		for _, body := range []string{`{"_embedded":{"LIST":[]},"total":0}`, `{"_embedded":{"LIST":[]}}`} {
			virtual(t, list+" "+body, func(t *testing.T) {
				r := inMemoryRig(t)
				answering(r, map[string]string{"/customers/owner-of-payer/" + list: strings.ReplaceAll(body, "LIST", list)})
				if err := reconcile(t, r); !errors.Is(err, ErrAbsent) {
					t.Error(err)
				}
			})
		}
	}
}
