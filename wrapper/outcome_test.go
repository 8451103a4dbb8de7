package dwolla

import (
	"context"
	"errors"
	"net/http"
	"reflect"
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
		302: {OutcomeBadResponse, OutcomeRejected, OutcomeRejected},
		400: {OutcomeRejected, OutcomeRejected, OutcomeRejected},
		401: {OutcomeAuthFailed, OutcomeAuthFailed, OutcomeAuthFailed},
		404: {OutcomeRejected, OutcomeRejected, OutcomeRejected},
		407: {OutcomeNotSent, OutcomeNotSent, OutcomeNotSent},
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
		if status == http.StatusProxyAuthRequired {
			continue // which is never the API's own
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
