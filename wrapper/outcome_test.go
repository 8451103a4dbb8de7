package dwolla

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/dwolla-go/dwolla-go/gen"
	"github.com/dwolla-go/dwolla-go/internal/call"
	"github.com/dwolla-go/dwolla-go/openapi"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestTheOutcomeOfAnAnswerFollowsFromItsStatus(t *testing.T) {
	read := &pendingCall{op: &call.Op{Method: http.MethodGet}}
	write := &pendingCall{op: &call.Op{Method: http.MethodPost}, key: "k"}
	removal := &pendingCall{op: &call.Op{Method: http.MethodDelete}}
	for status, want := range map[int][3]Outcome{ // read, write, removal
		302: {OutcomeBadResponse, OutcomeUnknown, OutcomeUnknown},
		400: {OutcomeRejected, OutcomeRejected, OutcomeRejected},
		401: {OutcomeAuthFailed, OutcomeAuthFailed, OutcomeAuthFailed},
		404: {OutcomeRejected, OutcomeRejected, OutcomeRejected},
		407: {OutcomeNotSent, OutcomeUnknown, OutcomeUnknown},
		408: {OutcomeBadResponse, OutcomeUnknown, OutcomeUnknown},
		409: {OutcomeRejected, OutcomeUnknown, OutcomeRejected},
		425: {OutcomeRejected, OutcomeRejected, OutcomeRejected},
		429: {OutcomeRateLimited, OutcomeRateLimited, OutcomeRateLimited},
		500: {OutcomeBadResponse, OutcomeUnknown, OutcomeUnknown},
		501: {OutcomeRejected, OutcomeRejected, OutcomeRejected},
		503: {OutcomeBadResponse, OutcomeUnknown, OutcomeUnknown},
		505: {OutcomeRejected, OutcomeRejected, OutcomeRejected},
		599: {OutcomeBadResponse, OutcomeUnknown, OutcomeUnknown},
		303: {OutcomeBadResponse, OutcomeUnknown, OutcomeUnknown},
		304: {OutcomeBadResponse, OutcomeUnknown, OutcomeUnknown},
		100: {OutcomeBadResponse, OutcomeUnknown, OutcomeUnknown},
	} {
		got := [3]Outcome{read.answerOutcome(status, "", true), write.answerOutcome(status, "", true), removal.answerOutcome(status, "", true)}
		if got != want {
			t.Errorf("%d: %q, want %q", status, got, want)
		}
		want[1], want[2] = OutcomeUnknown, OutcomeUnknown
		got = [3]Outcome{read.answerOutcome(status, "", false), write.answerOutcome(status, "", false), removal.answerOutcome(status, "", false)}
		if got != want {
			t.Errorf("%d of another: %q, want %q", status, got, want)
		}
	}
}

func TestOnlySuccessSettlesAnUnknownOutcome(t *testing.T) {
	for name, c := range map[string]struct {
		then Error
		want Outcome
	}{
		"refused":          {Error{Outcome: OutcomeRejected, StatusCode: 400}, OutcomeUnknown},
		"rate limited":     {Error{Outcome: OutcomeRateLimited, StatusCode: 429}, OutcomeUnknown},
		"auth failed":      {Error{Outcome: OutcomeAuthFailed, StatusCode: 401}, OutcomeUnknown},
		"not sent":         {Error{Outcome: OutcomeNotSent}, OutcomeUnknown},
		"canceled":         {Error{Outcome: OutcomeCanceled}, OutcomeUnknown},
		"done, unreadable": {Error{Outcome: OutcomeBadResponse, StatusCode: 201, Committed: true}, OutcomeBadResponse},
	} {
		e := &pendingCall{op: &call.Op{Method: http.MethodPost}}
		e.settle(&Error{Outcome: OutcomeUnknown})
		if e.settle(&c.then); c.then.Outcome != c.want {
			t.Errorf("%s: %q", name, c.then.Outcome)
		}
	}
}

func TestAKeyIsFreeForAnotherPaymentAfterACallThatNeverLeft(t *testing.T) {
	other := payment("rent-2")
	other.Amount = USDCents(9999)
	key := WithIdempotencyKey("invoice-17")
	virtual(t, "there was no connection", func(t *testing.T) {
		r := inMemoryRig(t)
		refused := &faultserver.Fault{End: faultserver.Refused}
		r.bank.Script(refused, refused, refused)
		err := r.pay(t.Context(), key)
		r.check(t, err, want{OutcomeNotSent, 3, 0})
		if _, err := r.Transfers.Create(t.Context(), other, key); err != nil || r.bank.Ledger.Len() != 1 {
			t.Errorf("%d payments: %v", r.bank.Ledger.Len(), err)
		}
	})
	virtual(t, "the context ended before there was a token", func(t *testing.T) {
		r := inMemoryRig(t)
		r.answerToken(func(w http.ResponseWriter) {
			time.Sleep(5 * time.Second)
			text(503, "", "")(w)
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r.check(t, r.pay(ctx, key), want{OutcomeCanceled, 0, 0})
		if _, err := r.Transfers.Create(t.Context(), other, key); err != nil || r.bank.Ledger.Len() != 1 {
			t.Errorf("%d payments: %v", r.bank.Ledger.Len(), err)
		}
	})
	virtual(t, "but not after one that ended while it waited to send again", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(429, "TooManyRequests").With("Retry-After", "5"))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		r.check(t, r.pay(ctx, key), want{OutcomeCanceled, 1, 0})
		if _, err := r.Transfers.Create(t.Context(), other, key); !errors.Is(err, ErrKeyReused) || r.bank.Ledger.Len() != 0 {
			t.Errorf("%d payments: %v", r.bank.Ledger.Len(), err)
		}
	})
}

func TestTheOutcomeOfACallWhoseMiddlewareExitsFollowsFromWhatWasSent(t *testing.T) {
	for name, c := range map[string]struct {
		send        bool
		write, read Outcome
	}{
		"before it is sent": {false, OutcomeNotSent, OutcomeNotSent},
		"after the answer":  {true, OutcomeUnknown, OutcomeBadResponse},
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t, WithMiddleware(func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
				if c.send {
					_, _ = next(req)
				}
				runtime.Goexit()
				return nil, nil
			}))
			if err := r.pay(t.Context()); OutcomeOf(err) != c.write || (r.bank.Ledger.Len() == 1) != c.send {
				t.Errorf("a payment: %q, %v", OutcomeOf(err), err)
			}
			if err := r.read(t.Context()); OutcomeOf(err) != c.read {
				t.Errorf("a read: %q, %v", OutcomeOf(err), err)
			}
		})
	}
}

func TestFault092_ARefusalForGoodIsNotRetried(t *testing.T) {
	for status, code := range map[int]string{404: "NotFound", 410: "NotFound", 406: "InvalidVersion", 405: "MethodNotAllowed", 413: "FileTooLarge"} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			e := refuse(t, faultserver.Status(status, code), want{OutcomeRejected, 1, 0})
			if e.StatusCode != status || !errors.Is(e, Code(code)) || errors.Is(e, ErrNotFound) != (status == 404) {
				t.Error(e)
			}
		})
	}
}

func TestFault093_AFailureOfTheServerEndsUnknownWithItsRequestID(t *testing.T) {
	for _, code := range []string{"ServerError", "RequestTimeout"} {
		virtual(t, code, func(t *testing.T) {
			e := refuse(t, faultserver.Status(500, code), want{OutcomeUnknown, 3, 0})
			if e.RequestID != "req-problem" || !errors.Is(e, ErrServer) || !errors.Is(e, Code(code)) {
				t.Errorf("%+v", e)
			}
		})
	}
	virtual(t, "CF-RAY stands in", func(t *testing.T) {
		e := refuse(t, faultserver.Text(502, "text/html", "<html>").With("CF-RAY", "8f1"), want{OutcomeUnknown, 3, 0})
		if e.RequestID != "8f1" || !strings.Contains(e.Error(), "8f1") {
			t.Errorf("%+v", e)
		}
	})
}

// writes are the operations that change something, without the one that makes a token.
var writes = func() []*call.Op {
	var ops opRecorder
	services := reflect.ValueOf(gen.NewServices(&ops))
	for _, service := range services.Fields() {
		for _, method := range service.Methods() {
			args := []reflect.Value{reflect.ValueOf(context.Background())}
			for k := 1; k < method.Type().NumIn()-1; k++ {
				args = append(args, reflect.Zero(method.Type().In(k)))
			}
			method.Call(args)
		}
	}
	return slices.DeleteFunc(ops, func(op *call.Op) bool { return op.Method == http.MethodGet || op.Public })
}()

// An opRecorder is a caller that notes the operations and sends nothing.
type opRecorder []*call.Op

func (r *opRecorder) Call(_ context.Context, req *call.Request, _ any) (*call.Response, error) {
	*r = append(*r, req.Op)
	return &call.Response{}, nil
}

func TestEveryWriteOfTheContractIsInTheMatrix(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Contract())
	if err != nil {
		t.Fatal(err)
	}
	n := 1 // the micro-deposits of a bank are one path with two methods
	for _, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if method != http.MethodGet && op.Security == nil {
				n++
			}
		}
	}
	if n != len(writes) {
		t.Errorf("the contract has %d writes, the matrix %d", n, len(writes))
	}
}

// write makes a call of an operation, whatever its parameters are.
func (r *rig) write(t *testing.T, op *call.Op) error {
	t.Helper()
	req := &call.Request{Op: op, IDs: call.IDs{"a-1", "b-2"}}
	if op.Method != http.MethodDelete {
		req.Body = anyBody{map[string]any{"correlationId": "rent-1", "amount": map[string]string{"value": "12.50"}}}
	}
	_, err := r.caller.Call(t.Context(), req, nil)
	return err
}

// withoutKey adapts an outcome to a DELETE, which has no key: it can be done again, and a 409 is a refusal.
func withoutKey(e ending, w want) want {
	if e.fault.Commit {
		w.paid = w.sends
	}
	if strings.HasPrefix(e.name, "409") {
		w.outcome, w.sends = OutcomeRejected, 1
	}
	return w
}

func TestGoal02_EveryWriteTellsTheTruthUnderEveryFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		faults := append(endings(), unsent()...)
		right := 0
		for _, op := range writes {
			for _, e := range faults {
				if e.fault.Answer != nil && e.fault.Answer.Header.Get("Content-Encoding") != "" {
					continue // nothing is compressed in memory
				}
				if op.Method == http.MethodDelete && e.name == "409 after it was done" {
					continue // without a key, a conflict is a refusal
				}
				r := inMemoryRig(t)
				r.bank.Always(e.fault)
				w := want{e.outcome, e.sends, 0}
				if e.fault.Commit {
					w.paid = 1
				}
				if e.outcome == OutcomeOK && !slices.Contains(op.Status, e.fault.Answer.Status) {
					w.outcome, w.sends = OutcomeUnknown, 1
					if e.fault.End == faultserver.CutShort {
						w.sends = 3
					}
				}
				if op.Method == http.MethodDelete {
					w = withoutKey(e, w)
				}
				failed := t.Failed()
				r.check(t, r.write(t, op), w)
				if !failed && t.Failed() {
					t.Fatalf("%s under %q", op.Name, e.name)
				}
				right++
			}
		}
		t.Logf("G2: %d writes x %d faults = %d cells, all with the right class; NotSent while the server had the bytes: 0", len(writes), len(faults), right)
	})
}

// patience is the limit of an attempt: short only where a test has to wait for it.
func patience(e ending) time.Duration {
	if e.fault.Wait > 0 || e.fault.End == faultserver.Trickle {
		return 250 * time.Millisecond
	}
	return 10 * time.Second
}

func TestGoal14_EveryFaultOnEveryProtocol(t *testing.T) {
	table := endings()
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		t.Parallel()
		for _, e := range table {
			r, _ := overSocket(t, p, WithTimeouts(Timeouts{Attempt: patience(e)}))
			r.bank.Always(e.fault)
			w := want{e.outcome, e.sends, 0}
			if e.fault.Commit {
				w.paid = 1
			}
			failed := t.Failed()
			r.check(t, r.pay(t.Context()), w)
			if !failed && t.Failed() {
				t.Fatalf("under %q", e.name)
			}
		}
		t.Logf("G14: %d faults over %s, all with the right class; those that break the framing are in TestFault009 to TestFault027, on each protocol where they exist", len(table), p)
	})
}

func TestFault259_ARepetitionThatFailsBeforeItIsSentLeavesTheOutcomeUnknown(t *testing.T) {
	again := func(r *rig, opts []Option) *rig {
		if len(opts) > 0 {
			return rigOf(t, r.bank, faultserver.Base, r.bank.Memory(), opts...)
		}
		return r
	}
	middleware := func(m func(*http.Request, func(*http.Request) (*http.Response, error)) (*http.Response, error)) []Option {
		return []Option{WithMiddleware(m)}
	}
	soon := func(ctx context.Context) context.Context {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		context.AfterFunc(ctx, cancel)
		return ctx
	}
	boom := errors.New("the breaker is open")
	for name, c := range map[string]struct {
		client []Option
		opts   []CallOption
		ctx    func(context.Context) context.Context
		cause  error
	}{
		"the context has ended": {ctx: func(ctx context.Context) context.Context {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx
		}, cause: context.Canceled},
		"no context":      {ctx: func(context.Context) context.Context { return nil }, cause: ErrInvalidArgument},
		"a bad option":    {opts: []CallOption{WithHeader("Host", "x")}, cause: ErrInvalidArgument},
		"a misplaced one": {opts: []CallOption{WithDistinct()}, cause: ErrInvalidArgument},
		"middleware fails": {client: middleware(func(*http.Request, func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			return nil, boom
		}), cause: boom},
		"middleware says that it is not sent": {client: middleware(func(*http.Request, func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			return nil, ErrNotSent
		})},
		"middleware panics": {client: middleware(func(*http.Request, func(*http.Request) (*http.Response, error)) (*http.Response, error) { panic(boom) })},
		"middleware exits": {client: middleware(func(*http.Request, func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			runtime.Goexit()
			return nil, nil
		})},
		"middleware blocks": {client: middleware(func(req *http.Request, _ func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			time.Sleep(time.Hour)
			return nil, nil
		}), ctx: soon, cause: context.DeadlineExceeded},
		"middleware gives nothing": {client: middleware(func(*http.Request, func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			return nil, nil
		})},
		"middleware refuses": {client: middleware(func(req *http.Request, _ func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			return inMemoryAnswer(403, `{"code":"Forbidden"}`), nil
		}), cause: CodeForbidden},
		"middleware changes the host": {client: middleware(func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			req.URL.Host = "evil.test"
			return next(req)
		})},
		"middleware changes the body": {client: middleware(func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			req.Body = io.NopCloser(strings.NewReader("{}"))
			return next(req)
		}), cause: ErrKeyReused},
	} {
		for how, by := range map[string]func(*OutcomeUnknownError) CallOption{
			"the record": Resend, "the key": func(u *OutcomeUnknownError) CallOption { return WithIdempotencyKey(u.IdempotencyKey) },
		} {
			if how == "the key" && c.client != nil {
				continue // a new client knows no key
			}
			virtual(t, name+" by "+how, func(t *testing.T) {
				r := inMemoryRig(t)
				stall := faultserver.Stall().Committed()
				r.bank.Script(stall, stall, stall)
				first := unknownOf(t, r.pay(t.Context()))
				time.Sleep(time.Hour)
				ctx := t.Context()
				if c.ctx != nil {
					ctx = c.ctx(ctx)
				}
				sent := len(r.bank.Requests())
				later := again(r, c.client)
				err := later.pay(ctx, append(c.opts, by(first))...)
				stillUnknown(t, err, first, c.cause)
				if n := len(r.bank.Requests()); n != sent {
					t.Errorf("%d requests", n-sent)
				}
				if err := later.pay(ctx, append(c.opts, WithIdempotencyKey(first.IdempotencyKey))...); !errors.Is(err, ErrKeyReused) {
					stillUnknown(t, err, first, c.cause)
				}
				time.Sleep(3 * time.Hour) // for the middleware that blocks
			})
		}
	}
	virtual(t, "the key has expired", func(t *testing.T) {
		r := inMemoryRig(t)
		stall := faultserver.Stall().Committed()
		r.bank.Script(stall, stall, stall)
		first := unknownOf(t, r.pay(t.Context()))
		time.Sleep(25 * time.Hour)
		later := rigOf(t, r.bank, faultserver.Base, r.bank.Memory())
		stillUnknown(t, later.pay(t.Context(), Resend(first)), first, ErrKeyExpired)
		stillUnknown(t, r.pay(t.Context(), WithIdempotencyKey(first.IdempotencyKey)), first, ErrKeyExpired)
	})
	virtual(t, "out is no pointer", func(t *testing.T) {
		r := inMemoryRig(t)
		stall := faultserver.Stall().Committed()
		r.bank.Script(stall, stall, stall)
		_, err := r.Post(t.Context(), "/transfers", payment("rent-1"), nil)
		first := unknownOf(t, err)
		_, err = r.Post(t.Context(), "/transfers", payment("rent-1"), 5, Resend(first))
		stillUnknown(t, err, first, ErrInvalidArgument)
	})
	virtual(t, "what is no repetition changes nothing", func(t *testing.T) {
		r := inMemoryRig(t)
		stall := faultserver.Stall()
		r.bank.Script(stall, stall, stall)
		first := unknownOf(t, r.pay(t.Context()))
		if err := errorOf(r.Transfers.Create(t.Context(), payment("rent-2"), Resend(first))); OutcomeOf(err) != OutcomeUnknown || !errors.Is(err, ErrKeyReused) {
			t.Errorf("another request: %v", err)
		}
		if err := r.pay(t.Context(), WithIdempotencyKey("new"), WithHeader("Host", "x")); OutcomeOf(err) != OutcomeNotSent {
			t.Errorf("another key: %v", err)
		}
		if err := errorOf(r.Transfers.Get(t.Context(), "x", Resend(first))); OutcomeOf(err) != OutcomeNotSent {
			t.Errorf("a read: %v", err)
		}
		if err := r.pay(t.Context(), Resend(first)); err != nil {
			t.Error(err)
		}
		if err := r.pay(t.Context(), WithIdempotencyKey(first.IdempotencyKey), WithHeader("Host", "x")); OutcomeOf(err) != OutcomeUnknown {
			t.Errorf("once it is done: %v", err)
		}
	})
}

// stillUnknown checks that the outcome of a repetition is that of the first attempt.
func stillUnknown(t *testing.T, err error, first *OutcomeUnknownError, cause error) {
	t.Helper()
	second := unknownOf(t, err)
	if OutcomeOf(err) != OutcomeUnknown || !errors.Is(err, ErrOutcomeUnknown) || errors.Is(err, ErrNotSent) || errors.Is(err, ErrRejected) {
		t.Errorf("%q: %v", OutcomeOf(err), err)
	}
	if cause != nil && !errors.Is(err, cause) {
		t.Errorf("the cause is not in %v", err)
	}
	if second.IdempotencyKey != first.IdempotencyKey || !second.First.Equal(first.First) || second.CorrelationID != first.CorrelationID || second.what() != first.what() {
		t.Errorf("%+v, want %+v", second, first)
	}
	if second.Err == nil || second.Err.Outcome != OutcomeUnknown || second.Err.IdempotencyKey != first.IdempotencyKey {
		t.Errorf("the last error is %+v", second.Err)
	}
}

func TestTheOutcomeOfANilErrorOfAnyTypeIsUnknown(t *testing.T) {
	for _, err := range []error{(*Error)(nil), (*OutcomeUnknownError)(nil), (*ReconcileError)(nil), fmt.Errorf("wrapped: %w", (*Error)(nil))} {
		if outcome := OutcomeOf(err); outcome != OutcomeUnknown {
			t.Errorf("%T: %s", err, outcome)
		}
	}
}

func TestFault371_TheOutcomeOfAZeroErrorIsUnknown(t *testing.T) {
	for _, err := range []error{&Error{}, fmt.Errorf("wrapped: %w", &Error{Op: "Transfers.Create"}), errors.Join(&Error{}), &ReconcileError{Err: &Error{}}} {
		if outcome := OutcomeOf(err); outcome != OutcomeUnknown {
			t.Errorf("%#v: %q", err, outcome)
		}
	}
	zero := &Error{}
	if !errors.Is(zero, ErrOutcomeUnknown) || errors.Is(zero, ErrNotSent) || errors.Is(zero, ErrRejected) {
		t.Error("a zero Error is of another kind")
	}
	if text := zero.Error(); text != "dwolla: unknown" {
		t.Errorf("the text is %q", text)
	}
}
