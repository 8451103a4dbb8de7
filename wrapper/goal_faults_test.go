package dwolla

import (
	"context"
	"fmt"
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

// writes are the operations that change something, without the one that makes a token.
var writes = func() []*call.Op {
	var ops opRecorder
	services := reflect.ValueOf(gen.NewServices(&ops))
	for i := range services.NumField() {
		for j := range services.Field(i).NumMethod() {
			method := services.Field(i).Method(j)
			args := []reflect.Value{reflect.ValueOf(context.Background())}
			for k := 1; k < method.Type().NumIn()-1; k++ {
				args = append(args, reflect.Zero(method.Type().In(k)))
			}
			method.Call(args)
		}
	}
	return slices.DeleteFunc(ops, func(op *call.Op) bool { return op.Method == http.MethodGet || op.Path == tokenPath })
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
	n := 0
	for _, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if method != http.MethodGet {
				n++
			}
		}
	}
	// Less the token; micro-deposits are one path with two methods.
	if n-1+1 != len(writes) {
		t.Errorf("the contract has %d writes, the matrix %d", n, len(writes))
	}
}

// An ending is a fault that happens to every attempt of a write, and what the client must say of it.
type ending struct {
	name    string
	fault   *faultserver.Fault
	outcome Outcome
	sends   int
}

// endings is the table of faults of a write with a key.
func endings() []ending {
	text := func(status int, media, body string) *faultserver.Fault { return faultserver.Text(status, media, body) }
	short := func(f *faultserver.Fault) *faultserver.Fault { own := *f; own.End = faultserver.CutShort; return &own }
	all := []ending{
		{"a reset", faultserver.Drop(), OutcomeUnknown, 3},
		{"a reset after it was done", faultserver.Drop().Committed(), OutcomeUnknown, 3},
		{"no answer", faultserver.Stall(), OutcomeUnknown, 3},
		{"no answer after it was done", faultserver.Stall().Committed(), OutcomeUnknown, 3},
		{"an answer that breaks off", short(text(201, "application/json", `{"a":`).With("Location", "/x/1").Committed()), OutcomeOK, 1},
		{"an answer without a Location that breaks off", short(text(201, "application/json", `{"a":`).Committed()), OutcomeUnknown, 3},
		{"an answer of 200 that breaks off", short(text(200, "application/json", `{"a":`).Committed()), OutcomeUnknown, 3},
		{"a refusal that breaks off", short(text(400, halType, `{"code":`)), OutcomeRejected, 1},
		{"a body that trickles", &faultserver.Fault{Answer: text(200, "application/json", "").Answer, End: faultserver.Trickle}, OutcomeUnknown, 3},
		{"a page with 200", text(200, "text/html", "<html>"), OutcomeUnknown, 1},
		{"a page with 201", text(201, "text/html", "<html>"), OutcomeUnknown, 1},
		{"201 and nothing else", text(201, "", "").Committed(), OutcomeOK, 1},
		{"broken compression", text(201, "application/json", "plain").With("Content-Encoding", "gzip").Committed(), OutcomeUnknown, 3},
		{"429 for an hour", faultserver.Status(429, "TooManyRequests").With("Retry-After", "3600"), OutcomeRateLimited, 1},
		{"429 for no time", faultserver.Status(429, "TooManyRequests").With("Retry-After", "0"), OutcomeRateLimited, 3},
		{"401 for the application", faultserver.Status(401, "InvalidCredentials"), OutcomeAuthFailed, 1},
		{"401 for the token", faultserver.Status(401, "ExpiredAccessToken"), OutcomeAuthFailed, 2},
		{"400 with fields", text(400, halType, `{"code":"ValidationError","_embedded":{"errors":[{"code":"Required","path":"/a"}]}}`), OutcomeRejected, 1},
	}
	for status, e := range map[int]ending{
		400: {outcome: OutcomeRejected, sends: 1}, 403: {outcome: OutcomeRejected, sends: 1}, 404: {outcome: OutcomeRejected, sends: 1},
		405: {outcome: OutcomeRejected, sends: 1}, 406: {outcome: OutcomeRejected, sends: 1}, 407: {outcome: OutcomeNotSent, sends: 1},
		408: {outcome: OutcomeUnknown, sends: 3}, 409: {outcome: OutcomeUnknown, sends: 4}, 410: {outcome: OutcomeRejected, sends: 1},
		413: {outcome: OutcomeRejected, sends: 1}, 415: {outcome: OutcomeRejected, sends: 1}, 422: {outcome: OutcomeRejected, sends: 1},
		425: {outcome: OutcomeRejected, sends: 3}, 429: {outcome: OutcomeRateLimited, sends: 3}, 500: {outcome: OutcomeUnknown, sends: 3},
		501: {outcome: OutcomeRejected, sends: 1}, 502: {outcome: OutcomeUnknown, sends: 3}, 503: {outcome: OutcomeUnknown, sends: 3},
		504: {outcome: OutcomeUnknown, sends: 3}, 505: {outcome: OutcomeRejected, sends: 1}, 507: {outcome: OutcomeUnknown, sends: 1},
		520: {outcome: OutcomeUnknown, sends: 1}, 522: {outcome: OutcomeUnknown, sends: 1}, 524: {outcome: OutcomeUnknown, sends: 1},
		301: {outcome: OutcomeRejected, sends: 1}, 302: {outcome: OutcomeRejected, sends: 1}, 303: {outcome: OutcomeRejected, sends: 1},
		307: {outcome: OutcomeRejected, sends: 1}, 308: {outcome: OutcomeRejected, sends: 1},
	} {
		e.name, e.fault = fmt.Sprint(status), faultserver.Status(status, "")
		all = append(all, e)
		if e.outcome == OutcomeUnknown {
			e.name, e.fault = e.name+" after it was done", e.fault.Committed()
			all = append(all, e)
		}
		if status == 500 {
			e.name, e.fault, e.sends = "500, and the key is locked", e.fault.Locked(), 3
			all = append(all, e)
		}
		if status < 400 {
			e.name, e.fault = e.name+" to another host", faultserver.Status(status, "").With("Location", "https://evil.test/")
			all = append(all, e)
		}
	}
	return all
}

// unsent are the faults of a connection that never comes about; they are for the memory only.
func unsent() []ending {
	return []ending{
		{"refused", &faultserver.Fault{End: faultserver.Refused}, OutcomeNotSent, 3},
		{"no such host", &faultserver.Fault{End: faultserver.Nameless}, OutcomeNotSent, 1},
		{"no name server", &faultserver.Fault{End: faultserver.Busy}, OutcomeNotSent, 3},
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

func TestGoalG2EveryWriteTellsTheTruthUnderEveryFault(t *testing.T) {
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

// withoutKey is what differs for a DELETE: nothing keeps it from being done again, and a 409 is a refusal.
func withoutKey(e ending, w want) want {
	if e.fault.Commit {
		w.paid = w.sends
	}
	if strings.HasPrefix(e.name, "409") {
		w.outcome, w.sends = OutcomeRejected, 1
	}
	return w
}

func TestGoalG14EveryFaultOnEveryProtocol(t *testing.T) {
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

// patience is short only where a test has to wait for it.
func patience(e ending) time.Duration {
	if e.fault.Wait > 0 || e.fault.End == faultserver.Trickle {
		return 250 * time.Millisecond
	}
	return 10 * time.Second
}
