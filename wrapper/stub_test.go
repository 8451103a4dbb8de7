package dwolla_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/testkit"
)

const sandbox = "https://api-sandbox.dwolla.com"

// A stub answers in memory, through a guard, and remembers what it was asked.
type stub struct {
	t      *testing.T
	client *dwolla.Client
	answer func(n int, req *http.Request) *http.Response // n counts from 1

	mu   sync.Mutex
	seen []sentRequest
}

// RoundTrip implements http.RoundTripper.
func (s *stub) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if req.URL.Path == "/token" {
		return reply(200, `{"access_token":"bearer-canary","token_type":"bearer","expires_in":3600}`), nil
	}
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	s.seen = append(s.seen, sentRequest{
		Method: req.Method, URL: req.URL.String(), Key: testkit.Key(req.Header), Authorization: req.Header.Get("Authorization"),
		Header: req.Header.Clone(), Body: body, Hash: sha256.Sum256(body),
	})
	n := len(s.seen)
	s.mu.Unlock()
	resp := s.answer(n, req)
	if resp == nil {
		return nil, errors.New("connection reset")
	}
	resp.Request = req
	return resp, nil
}

func (s *stub) requests() []sentRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]sentRequest(nil), s.seen...)
}

// sends checks how many requests there were, that those of one method are the same bytes under one key, and that each
// was for the client's origin. The guard has looked at each of them already.
func (s *stub) sends(t *testing.T, want int) {
	t.Helper()
	got := s.requests()
	if len(got) != want {
		t.Errorf("%d requests, want %d: %v", len(got), want, got)
	}
	for _, r := range got {
		if r.Authorization != "Bearer bearer-canary" {
			t.Errorf("%s %s went without the token", r.Method, r.URL)
		}
		if r.Method == http.MethodPost && (r.Key == "" || r.Key != got[0].Key || r.Hash != got[0].Hash) {
			t.Errorf("%s %s has another key or body than the first", r.Method, r.URL)
		}
	}
}

func (s *stub) upload(ctx context.Context, r io.Reader, name string, opts ...dwolla.CallOption) (*dwolla.Ref[dwolla.Document], error) {
	return s.client.Documents.CreateForCustomer(ctx, "customer", dwolla.CreateDocument{
		DocumentType: dwolla.DocumentTypePassport, File: dwolla.File{Name: name, Content: r},
	}, opts...)
}

type sentRequest struct {
	Method, URL, Key string
	Authorization    string
	Header           http.Header
	Body             []byte
	Hash             [sha256.Size]byte
}

func newStub(t *testing.T, answer func(n int, req *http.Request) *http.Response, opts ...dwolla.Option) *stub {
	t.Helper()
	return newStubAt(t, sandbox, answer, opts...)
}

func newStubAt(t *testing.T, base string, answer func(n int, req *http.Request) *http.Response, opts ...dwolla.Option) *stub {
	t.Helper()
	s := &stub{t: t, answer: answer}
	guard := testkit.New(t, base, s)
	client, err := dwolla.NewClient(dwolla.Sandbox, "key", "secret", append([]dwolla.Option{
		dwolla.WithBaseURL(base), dwolla.WithHTTPClient(guard.Client()), dwolla.WithMiddleware(guard.Tag),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	s.client = client
	return s
}

func reply(status int, body string, header ...string) *http.Response {
	resp := &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
	for i := 0; i+1 < len(header); i += 2 {
		resp.Header.Add(header[i], header[i+1])
	}
	return resp
}

// always answers every request in one way.
func always(status int, body string, header ...string) func(int, *http.Request) *http.Response {
	return func(int, *http.Request) *http.Response { return reply(status, body, header...) }
}

// ends checks how a call ended.
func ends(t *testing.T, err error, want dwolla.Outcome, kinds ...error) {
	t.Helper()
	if got := dwolla.OutcomeOf(err); got != want {
		t.Errorf("outcome %q, want %q: %v", got, want, err)
	}
	for _, kind := range kinds {
		if !errors.Is(err, kind) {
			t.Errorf("%v is no %v", err, kind)
		}
	}
	if err != nil && (strings.Contains(err.Error(), "bearer-canary") || len(err.Error()) > 4<<10) {
		t.Errorf("the error says too much: %.200s…", err.Error())
	}
}

func aTransfer() dwolla.CreateTransfer {
	return dwolla.CreateTransfer{
		Links: dwolla.CreateTransferLinks{
			Source:      dwolla.LinkTo[dwolla.FundingSource](sandbox + "/funding-sources/source"),
			Destination: dwolla.LinkTo[dwolla.FundingSource](sandbox + "/funding-sources/destination"),
		},
		Amount:        dwolla.USDCents(1250),
		CorrelationID: "rent-1",
	}
}

func pngDocument(size int) []byte {
	content := bytes.Repeat([]byte{0}, max(size, 8))
	copy(content, "\x89PNG\r\n\x1a\n")
	return content
}

// unreachable fails a test in which anything is sent.
type unreachable struct{ t *testing.T }

func (u unreachable) RoundTrip(req *http.Request) (*http.Response, error) {
	u.t.Errorf("something was sent: %s %s", req.Method, req.URL.Path)
	return nil, errors.New("unreachable")
}

func offlineClient(t *testing.T) *dwolla.Client {
	t.Helper()
	client, err := dwolla.NewClient(dwolla.Sandbox, "key", "secret", dwolla.WithHTTPClient(&http.Client{Transport: unreachable{t}}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func payment(items int) dwolla.CreateMassPayment {
	var p dwolla.CreateMassPayment
	p.Links.Source.Href = "https://api-sandbox.dwolla.com/funding-sources/source"
	for range items {
		item := dwolla.CreateMassPaymentItem{Amount: dwolla.USDCents(100)}
		item.Links.Destination.Href = "https://api-sandbox.dwolla.com/funding-sources/destination"
		p.Items = append(p.Items, item)
	}
	return p
}

func second[T any](_ T, err error) error { return err }

// spaces is an endless reader.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// get reads a customer whose text is body.
func get(t *testing.T, body string) (*dwolla.Customer, error) {
	t.Helper()
	s := newStub(t, always(200, body, "Content-Type", api.MediaTypeHAL))
	customer, err := s.client.Customers.Get(t.Context(), "x")
	s.sends(t, 1)
	return customer, err
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
