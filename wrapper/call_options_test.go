package dwolla

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestFault187_AResponseThatIsUsedAgainKeepsNothingOfAnEarlierCall(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	source := LinkTo[FundingSource]("/funding-sources/x")
	for name, fail := range map[string]func(r *rig, opt CallOption) error{
		"an id that is none": func(r *rig, opt CallOption) error {
			return errorOf(r.Transfers.Get(t.Context(), "..", opt))
		},
		"a key that is none": func(r *rig, opt CallOption) error {
			return r.pay(t.Context(), opt, WithIdempotencyKey(""))
		},
		"a context that has ended": func(r *rig, opt CallOption) error { return r.pay(ended, opt) },
		"no context": func(r *rig, opt CallOption) error {
			var none context.Context
			return r.pay(none, opt)
		},
		"another option that is refused": func(r *rig, opt CallOption) error { return r.pay(t.Context(), WithHeader("Host", "h"), opt) },
		"no client":                      func(_ *rig, opt CallOption) error { return new(Client).Get(t.Context(), "/x", nil, nil, opt) },
		"no client for a link":           func(_ *rig, opt CallOption) error { return errorOf(Follow(t.Context(), nil, source, opt)) },
		"no path":                        func(r *rig, opt CallOption) error { return r.Get(t.Context(), "", nil, nil, opt) },
		"a link that is missing": func(r *rig, opt CallOption) error {
			return errorOf(Follow(t.Context(), r.Client, Link[Customer]{}, opt))
		},
		"a list whose link is missing": func(r *rig, opt CallOption) error {
			return lastOf(FollowAll(t.Context(), r.Client, Link[CustomerPage]{}, opt))
		},
		"a list without a client": func(_ *rig, opt CallOption) error {
			return lastOf(FollowAll(t.Context(), nil, LinkTo[CustomerPage]("/customers"), opt))
		},
		"a list whose context has ended": func(r *rig, opt CallOption) error {
			return lastOf(r.Customers.All(ended, ListCustomersParams{}, opt))
		},
		"a list of another origin": func(r *rig, opt CallOption) error {
			return lastOf(FollowAll(t.Context(), r.Client, LinkTo[CustomerPage]("https://evil.test/customers"), opt))
		},
		"a wait that is none": func(r *rig, opt CallOption) error {
			return errorOf(r.Transfers.WaitFor(t.Context(), "x", Wait{Interval: -7}, opt))
		},
		"nothing to reconcile": func(r *rig, opt CallOption) error {
			return errorOf(r.MassPayments.Reconcile(t.Context(), CreateMassPayment{}, justSent(), Lookup{}, opt))
		},
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			var resp Response
			if err := r.pay(t.Context(), WithResponse(&resp)); err != nil || resp.StatusCode != 201 || resp.IdempotencyKey == "" {
				t.Fatalf("%v, %+v", err, resp)
			}
			err := fail(r, WithResponse(&resp))
			if err == nil || len(r.bank.Requests()) != 1 {
				t.Fatalf("something was sent: %v", err)
			}
			if resp.StatusCode != 0 || resp.IdempotencyKey != "" || resp.RequestID != "" || resp.Attempts != 0 || len(resp.Header) != 0 {
				t.Errorf("after %v it still says %d, key %q", err, resp.StatusCode, resp.IdempotencyKey)
			}
		})
	}
}

func errorOf[T any](_ T, err error) error { return err }

func lastOf[T any](list func(func(T, error) bool)) (last error) {
	for _, err := range list {
		last = err
	}
	return last
}

func TestFault188_AHeaderOfTheCallerIsSentOrRefused(t *testing.T) {
	var got http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if req.URL.Path == tokenPath {
			fmt.Fprint(w, `{"access_token":"t","expires_in":3600}`)
			return
		}
		got = req.Header.Clone()
		fmt.Fprint(w, `{"id":"x"}`)
	}))
	defer server.Close()
	client, err := NewClient(Sandbox, "k", "s", WithBaseURL(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	for _, name := range []string{
		"Accept", "X-Trace", "Cookie", "If-None-Match", "Cache-Control", "Traceparent", "Accept-Language", "X-Forwarded-For", "Date", "From",
		"User-Agent", "Content-Type", "Content-Encoding", "Accept-Encoding", "Range", "If-Range", "Proxy-Authorization", "Proxy-Connection",
		"Trailer", "Te", "Upgrade", "Keep-Alive", "Expect", "Connection", "Host", "Content-Length", "Transfer-Encoding", "Authorization",
		"Idempotency-Key", "idempotency-key", "Http2-Settings", "X(Trace)", "X\"", "X/Y", "X-\x80",
	} {
		got = nil
		const value = "application/json"
		err := client.Get(t.Context(), "/x", nil, new(struct{}), WithHeader(name, value))
		_, post := client.Post(t.Context(), "/x", map[string]int{"a": 1}, nil, WithHeader(name, value))
		if (post == nil) != (err == nil) {
			t.Errorf("%s: %v for a GET, %v for a POST", name, err, post)
		}
		switch values := got[http.CanonicalHeaderKey(name)]; {
		case err == nil && (len(values) != 1 || values[0] != value):
			t.Errorf("%s: accepted, and sent as %q", name, values)
		case err != nil && (got != nil || !errors.Is(err, ErrInvalidArgument)):
			t.Errorf("%s: not refused before it is sent: %v", name, err)
		}
	}
}

func TestFault189_AnOptionForAnotherKindOfCallIsRefused(t *testing.T) {
	virtual(t, "one call", func(t *testing.T) {
		r := inMemoryRig(t)
		unknown := &OutcomeUnknownError{IdempotencyKey: "k", BodySHA256: strings.Repeat("0", 64)}
		for name, err := range map[string]error{
			"a key of a read":           errorOf(r.Transfers.Get(t.Context(), "x", WithIdempotencyKey("k"))),
			"a resent read":             errorOf(r.Transfers.Get(t.Context(), "x", Resend(unknown))),
			"a key of a removal":        errorOf(r.WebhookSubscriptions.Delete(t.Context(), "x", WithIdempotencyKey("k"))),
			"a key of a list":           lastOf(r.Customers.All(t.Context(), ListCustomersParams{}, WithIdempotencyKey("k"))),
			"pages ahead of one page":   errorOf(r.Customers.List(t.Context(), ListCustomersParams{}, WithPagesAhead(3))),
			"distinct in one page":      errorOf(r.Customers.List(t.Context(), ListCustomersParams{}, WithDistinct())),
			"pages ahead of a payment":  r.pay(t.Context(), WithPagesAhead(3)),
			"an unchecked document not": r.pay(t.Context(), WithUncheckedDocument()),
		} {
			if !errors.Is(err, ErrInvalidArgument) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := len(r.bank.Requests()); n != 0 {
			t.Errorf("%d requests", n)
		}
	})
	virtual(t, "many calls in one", func(t *testing.T) { // each option is for those that it can be for
		r := inMemoryRig(t)
		r.bank.Fault = func(_ int, req *http.Request) *faultserver.Fault {
			if strings.HasPrefix(req.URL.Path, "/funding-sources/") {
				return faultserver.Text(200, halType, `{"id":"payer","_links":{"customer":{"href":"/customers/c"}}}`)
			}
			return nil
		}
		if err := r.pay(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Transfers.Reconcile(t.Context(), payment("rent-1"), justSent(), Lookup{}, WithDistinct(), WithPagesAhead(0)); err != nil {
			t.Error(err)
		}
	})
}

func TestFault209_ARecordIsResentForItsOwnRequestOnly(t *testing.T) {
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
			if err := again(later, unknown); !errors.Is(err, ErrKeyReused) || OutcomeOf(err) != OutcomeUnknown {
				t.Error(err)
			}
			if n := len(r.bank.Requests()); n != 3 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestFault210_ARecordWithAHoleIsNotResent(t *testing.T) {
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

func TestFault213_AResentPaymentStaysUnknownUntilAnAnswerSettlesIt(t *testing.T) {
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

func TestFault265_TwoKeysForOneCallAreRefused(t *testing.T) {
	virtual(t, "", func(t *testing.T) {
		r := inMemoryRig(t)
		err := r.pay(t.Context(), WithIdempotencyKey("k1"), WithIdempotencyKey("k2"))
		if refused, ok := errors.AsType[*ArgumentError](err); !ok || refused.Argument != "idempotency key" {
			t.Error(err)
		}
		r.check(t, err, want{OutcomeNotSent, 0, 0})
		r.check(t, r.pay(t.Context(), WithIdempotencyKey("k1"), WithIdempotencyKey("k1")), want{OutcomeOK, 1, 1})
	})
}

func TestFault310_ARecordThatChangesAfterResendIsResentAsItWas(t *testing.T) {
	virtual(t, "", func(t *testing.T) {
		r, first := lostPayment(t)
		key := first.IdempotencyKey
		again := Resend(first)
		*first = OutcomeUnknownError{IdempotencyKey: "another"}
		r.check(t, r.pay(t.Context(), again), want{OutcomeOK, 4, 1})
		if sent := r.bank.Requests(); sent[len(sent)-1].Key != key {
			t.Errorf("sent with the key %q", sent[len(sent)-1].Key)
		}
	})
}

func TestFault312_TheAcceptHeaderIsTheClients(t *testing.T) {
	r := inMemoryRig(t)
	for _, name := range []string{"Accept", "accept"} {
		err := r.pay(t.Context(), WithHeader(name, "text/html"))
		r.check(t, err, want{OutcomeNotSent, 0, 0})
		if !errors.Is(err, ErrInvalidArgument) {
			t.Error(err)
		}
	}
}
