package contract_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
)

// answers is a RoundTripper with one answer; it remembers the body that it was sent.
type answers struct {
	status int
	body   io.Reader
	sent   string
	closed bool
}

func (a *answers) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		sent, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		a.sent = string(sent)
	}
	return &http.Response{
		StatusCode: a.status,
		Header:     http.Header{"Content-Type": {halJSON}},
		Body:       closer{a.body, func() { a.closed = true }},
		Request:    req,
	}, nil
}

func TestTransportPassesWhatKeepsTheContract(t *testing.T) {
	t.Parallel()
	next := &answers{status: 200, body: strings.NewReader(massPayment)}
	req := request(t, "POST /mass-payments/m1", halJSON, `{"status":"pending"}`)
	original := req.Body
	resp, err := contract.Transport(next, newValidator(t)).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || string(body) != massPayment || next.sent != `{"status":"pending"}` {
		t.Errorf("sent %q, got %q, %v", next.sent, body, err)
	}
	if err := resp.Body.Close(); err != nil || !next.closed {
		t.Errorf("closing the body does not close the original: %v", err)
	}
	if req.Body != original {
		t.Error("the caller's request has changed")
	}
}

func TestTransportSendsNoRequestThatBreaksTheContract(t *testing.T) {
	t.Parallel()
	next := &answers{status: 200, body: strings.NewReader(massPayment)}
	req := request(t, "POST /mass-payments/m1", halJSON, `{"status":"paused"}`)
	closed := false
	req.Body = closer{req.Body, func() { closed = true }}
	_, err := contract.Transport(next, newValidator(t)).RoundTrip(req)
	if v, ok := errors.AsType[*contract.Violation](err); !ok || v.Pointer != "/status" {
		t.Errorf("got %v", err)
	}
	if next.sent != "" || !closed {
		t.Errorf("sent %q, body closed %v", next.sent, closed)
	}
}

func TestTransportHandsOutNoResponseThatBreaksTheContract(t *testing.T) {
	t.Parallel()
	next := &answers{status: 200, body: strings.NewReader(`{"id":7}`)}
	_, err := contract.Transport(next, newValidator(t)).RoundTrip(request(t, "GET /mass-payments/m1", "", ""))
	if v, ok := errors.AsType[*contract.Violation](err); !ok || v.Pointer != "/id" {
		t.Errorf("got %v", err)
	}
	if !next.closed {
		t.Error("the body of the response is left open")
	}
}

func TestTransportThatReportsLetsEverythingPass(t *testing.T) {
	t.Parallel()
	var reported []string
	v := newValidator(t, contract.WithReport(func(v contract.Violation) { reported = append(reported, v.Where+" "+v.Pointer) }))
	next := &answers{status: 200, body: strings.NewReader(`{"id":7}`)}
	resp, err := contract.Transport(next, v).RoundTrip(request(t, "POST /mass-payments/m1", halJSON, `{"status":"paused"}`))
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != `{"id":7}` {
		t.Errorf("got %q, %v", body, err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	if want := []string{"request body /status", "response 200 body /id"}; !slices.Equal(reported, want) {
		t.Errorf("reported %q", reported)
	}
}

func TestTransportLeavesABrokenAnswerToItsReader(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection lost")
	next := &answers{status: 200, body: io.MultiReader(strings.NewReader("{"), iotest.ErrReader(broken))}
	resp, err := contract.Transport(next, newValidator(t)).RoundTrip(request(t, "GET /mass-payments/m1", "", ""))
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(resp.Body); string(body) != "{" || !errors.Is(err, broken) {
		t.Errorf("got %q, %v", body, err)
	}
	_ = resp.Body.Close()
}

// Not parallel: with the race detector, large bodies at once take several times as long as one by one.
func TestTransportReportsAnAnswerThatIsTooLarge(t *testing.T) {
	next := &answers{status: 200, body: io.LimitReader(zeros{}, 2<<20)}
	_, err := contract.Transport(next, newValidator(t, contract.WithLimit(1<<20))).RoundTrip(request(t, "GET /mass-payments/m1", "", ""))
	if want := []string{"getMassPayment: response 200 body: is larger than 1048576 bytes"}; !slices.Equal(lines(t, err), want) {
		t.Errorf("got %v", err)
	}
}

func TestTransportPassesOnTheErrorOfTheNextOne(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	next := roundTrip(func(*http.Request) (*http.Response, error) { return nil, refused })
	_, err := contract.Transport(next, newValidator(t)).RoundTrip(request(t, "GET /mass-payments/m1", "", ""))
	if !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
