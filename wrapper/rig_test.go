package dwolla

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/ledger"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/testkit"
)

// A rig is a client, a bank that breaks on demand, and a guard between them.
type rig struct {
	*Client
	bank  *faultserver.Bank
	guard *testkit.Guard
}

func (r *rig) pay(ctx context.Context, opts ...CallOption) error {
	_, err := r.Transfers.Create(ctx, payment("rent-1"), opts...)
	return err
}

func (r *rig) read(ctx context.Context) error {
	_, err := r.Transfers.Get(ctx, "some-transfer")
	return err
}

func (r *rig) check(t *testing.T, err error, w want) {
	t.Helper()
	if got := OutcomeOf(err); got != w.outcome {
		t.Errorf("outcome %q, want %q: %v", got, w.outcome, err)
	}
	if got := len(r.bank.Requests()); w.sends >= 0 && got != w.sends {
		t.Errorf("%d requests, want %d: %v", got, w.sends, err)
	}
	if got := r.bank.Ledger.Len(); got != w.paid {
		t.Errorf("paid %d times, want %d: %v", got, w.paid, err)
	}
	r.honest(t, err)
	r.unchanged(t)
}

// honest compares the outcome that the client reports with the ledger.
func (r *rig) honest(t *testing.T, err error) {
	t.Helper()
	paid := r.bank.Ledger.Len()
	switch OutcomeOf(err) {
	case OutcomeOK:
		if paid == 0 && wrote(r) {
			t.Error("the client says OK, and nothing was paid")
		}
	case OutcomeNotSent, OutcomeRejected, OutcomeRateLimited, OutcomeAuthFailed, OutcomeCanceled:
		if paid != 0 {
			t.Errorf("the client says %q, and it was paid", OutcomeOf(err))
		}
	case OutcomeUnknown:
		unknown, ok := errors.AsType[*OutcomeUnknownError](err)
		if !ok {
			t.Fatalf("an unknown outcome without an *OutcomeUnknownError: %v", err)
		}
		for _, sent := range r.bank.Requests() {
			if sent.Key != "" && (unknown.IdempotencyKey != sent.Key || unknown.BodySHA256 != sent.BodyHash) {
				t.Errorf("the error names key %q and body %q, sent were %q and %q", unknown.IdempotencyKey, unknown.BodySHA256, sent.Key, sent.BodyHash)
			}
		}
	}
	if twice := r.bank.Ledger.Twice(intention); len(twice) > 0 {
		t.Errorf("paid twice: %q", twice)
	}
}

// unchanged checks that every POST that arrived carries the same key and the same bytes: one rig, one payment.
func (r *rig) unchanged(t *testing.T) {
	t.Helper()
	var first *faultserver.Request
	for _, sent := range r.bank.Requests() {
		if sent.Method != http.MethodPost || sent.Key == "" {
			continue
		}
		if first == nil {
			first = &sent
		}
		if sent.Key != first.Key || sent.BodyHash != first.BodyHash {
			t.Error("a retry carries another key or other bytes")
		}
	}
}

// inMemoryRig makes a rig without sockets, for virtual time.
func inMemoryRig(t *testing.T, opts ...Option) *rig {
	t.Helper()
	bank := new(faultserver.Bank)
	return rigOf(t, bank, faultserver.Base, bank.Memory(), opts...)
}

// overSocket makes a rig over a real connection, with the client's own transport.
func overSocket(t *testing.T, p faultserver.Protocol, opts ...Option) (*rig, *faultserver.Server) {
	t.Helper()
	server := faultserver.Serve(t, p, new(faultserver.Bank))
	transport := newHTTPClient(defaultTimeouts()).Transport.(*http.Transport)
	transport.Proxy = nil
	server.Trust(transport)
	t.Cleanup(transport.CloseIdleConnections)
	opts = append([]Option{WithRetries(Retries{BaseDelay: 2 * time.Millisecond, MaxDelay: 5 * time.Millisecond})}, opts...)
	return rigOf(t, server.Bank, server.URL, transport, opts...), server
}

func rigOf(t *testing.T, bank *faultserver.Bank, base string, transport http.RoundTripper, opts ...Option) *rig {
	t.Helper()
	guard := testkit.New(t, base, transport)
	client, err := NewClient(Sandbox, "key", "secret", append([]Option{
		WithBaseURL(base), WithHTTPClient(guard.Client()), WithMiddleware(guard.Tag),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	client.caller.traced = true // the guard passes on what it has read and nothing else, to a transport that calls the hooks
	return &rig{Client: client, bank: bank, guard: guard}
}

// payment is a transfer that only its correlation id tells from others.
func payment(correlationID string) CreateTransfer {
	return CreateTransfer{
		Links: CreateTransferLinks{
			Source:      LinkTo[FundingSource](faultserver.Base + "/funding-sources/payer"),
			Destination: LinkTo[FundingSource](faultserver.Base + "/funding-sources/payee"),
		},
		Amount: USDCents(1250), CorrelationID: correlationID,
	}
}

func massPayment(correlationID string) CreateMassPayment {
	item := CreateMassPaymentItem{Amount: USDCents(500)}
	item.Links.Destination = LinkTo[FundingSource](faultserver.Base + "/funding-sources/payee")
	return CreateMassPayment{
		Links: CreateMassPaymentLinks{Source: LinkTo[FundingSource](faultserver.Base + "/funding-sources/payer")},
		Items: []CreateMassPaymentItem{item}, CorrelationID: correlationID,
	}
}

// want is how a call must end: the outcome, the requests that the bank got, and the payments that it made.
type want struct {
	outcome Outcome
	sends   int // requests that the bank got, or that were refused before
	paid    int // by the ledger
}

// intention identifies an intended payment. What has no key is a removal, which can be done again.
func intention(p ledger.Payment) string {
	if p.Key == "" {
		return p.ID
	}
	return p.CorrelationID
}

func wrote(r *rig) bool {
	for _, sent := range r.bank.Requests() {
		if sent.Method != http.MethodGet {
			return true
		}
	}
	return false
}

// virtual runs a test in virtual time.
func virtual(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// everywhere runs a test on each protocol.
func everywhere(t *testing.T, test func(t *testing.T, p faultserver.Protocol)) {
	t.Helper()
	for _, p := range faultserver.Protocols {
		t.Run(string(p), func(t *testing.T) { test(t, p) })
	}
}

func status(codes ...int) []*faultserver.Fault {
	faults := make([]*faultserver.Fault, len(codes))
	for i, code := range codes {
		faults[i] = faultserver.Status(code, "ServerError")
	}
	return faults
}

func name(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// answerToken scripts the token endpoint: the answers in their order, then the bank's own.
func (r *rig) answerToken(answers ...func(w http.ResponseWriter)) {
	var n atomic.Int64
	r.bank.Token = func(w http.ResponseWriter, _ *http.Request) bool {
		i := int(n.Add(1))
		if i > len(answers) {
			return false
		}
		answers[i-1](w)
		return true
	}
}

func text(status int, contentType, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		} else {
			w.Header()["Content-Type"] = nil
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func (r *rig) tokens(t *testing.T, want int) {
	t.Helper()
	if n := r.bank.Tokens(); n != want {
		t.Errorf("%d tokens were asked for, want %d", n, want)
	}
}

// crowd makes a call from many goroutines at once and counts the failures.
func crowd(n int, call func(i int) error) (failed int) {
	var (
		all    sync.WaitGroup
		errors atomic.Int64
	)
	for i := range n {
		all.Go(func() {
			if call(i) != nil {
				errors.Add(1)
			}
		})
	}
	all.Wait()
	return int(errors.Load())
}

const halType = "application/vnd.dwolla.v1.hal+json"

// refuse makes a payment that is answered with an error, and checks what all errors have in common.
func refuse(t *testing.T, f *faultserver.Fault, w want) *Error {
	t.Helper()
	r := inMemoryRig(t)
	r.bank.Always(f)
	err := r.pay(t.Context())
	r.check(t, err, w)
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("%T: %v", err, err)
	}
	return e
}

// unknownOf is the unknown outcome that an error is.
func unknownOf(t *testing.T, err error) *OutcomeUnknownError {
	t.Helper()
	unknown, ok := errors.AsType[*OutcomeUnknownError](err)
	if !ok {
		t.Fatalf("%T: %v", err, err)
	}
	return unknown
}

// justSent is the record of a payment of which no more is known than that it is not sent before now.
func justSent() *OutcomeUnknownError { return &OutcomeUnknownError{First: time.Now()} }

// noNewPOST checks that a look-up has sent nothing but reads.
func (r *rig) noNewPOST(t *testing.T, before int) {
	t.Helper()
	for _, sent := range r.bank.Requests()[before:] {
		if sent.Method != http.MethodGet {
			t.Errorf("the look-up sent %s %s", sent.Method, sent.Path)
		}
	}
}

// like is what the bank would have recorded for a transfer, apart from the fields that differ.
func like(sent CreateTransfer, different ledger.Payment) ledger.Payment {
	p := ledger.Payment{
		Path: "/transfers", CorrelationID: sent.CorrelationID, Amount: sent.Amount.Amount,
		Source: sent.Links.Source.Href, Destination: sent.Links.Destination.Href, At: time.Now(),
	}
	for field, value := range map[*string]string{&p.Amount: different.Amount, &p.Source: different.Source, &p.Destination: different.Destination} {
		if value != "" {
			*field = value
		}
	}
	return p
}

const hal = "Content-Type: application/vnd.dwolla.v1.hal+json\r\n"

// warm gets a token, and leaves no connection behind.
func (r *rig) warm(t *testing.T) {
	t.Helper()
	if _, err := r.caller.token.get(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.CloseIdleConnections()
}

// transportOf is the transport under the guard.
func transportOf(r *rig) *http.Transport { return r.guard.Next().(*http.Transport) }

// soak reports whether the long runs are wanted: DWOLLA_SOAK=1 go test -run TestGoal -timeout 60m.
func soak() bool { return os.Getenv("DWOLLA_SOAK") != "" }

// size is a number of calls: short in the default suite, long in the soak.
func size(short, long int) int {
	if soak() {
		return long
	}
	return short
}

// mixed gives a tenth of the requests a fault of the table.
func mixed(seed uint64, faults []ending) func(int, *http.Request) *faultserver.Fault {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 3))
	return func(int, *http.Request) *faultserver.Fault {
		mu.Lock()
		defer mu.Unlock()
		if random.IntN(10) != 0 {
			return nil
		}
		return faults[random.IntN(len(faults))].fault
	}
}

// bareTransport is a transport that gives a token, and one answer to everything else.
func bareTransport(answer func(*http.Request) *http.Response) *http.Client {
	return &http.Client{Transport: roundTripFunc(func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == tokenPath {
			return inMemoryAnswer(http.StatusOK, `{"access_token":"t","expires_in":3600}`), nil
		}
		return answer(req), nil
	})}
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func inMemoryAnswer(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Location": {"/mass-payments/" + benchID}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}
