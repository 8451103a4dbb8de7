package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook/webhooktest"
)

// signingSecret is the secret of the subscription in these tests.
const signingSecret = "rosebud-rosebud"

var errBoom = errors.New("boom")

// A counter is a handler that counts its events by id.
type counter struct {
	mu   sync.Mutex
	runs map[string]int
	fail error
	work time.Duration
}

func (c *counter) handle(_ context.Context, event *webhook.Event) error {
	time.Sleep(c.work)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail != nil {
		return c.fail
	}
	if c.runs == nil {
		c.runs = map[string]int{}
	}
	c.runs[event.ID]++
	return nil
}

func (c *counter) of(event *webhook.Event) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.runs[event.ID]
}

func (c *counter) setFail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail = err
}

func newHandler(t *testing.T, opts ...webhook.Option) *webhook.Handler {
	t.Helper()
	h, err := webhook.NewHandler(signingSecret, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func newEvent() *webhook.Event {
	return webhooktest.NewEvent(dwolla.EventTopicCustomerTransferCompleted, "transfers/0d9a9c6a-1960-54ce-a608-dbde377570d9")
}

func encode(tb testing.TB, event *webhook.Event) []byte {
	tb.Helper()
	body, err := event.MarshalJSON()
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

// request returns a delivery of body with the given signature.
func request(tb testing.TB, body []byte, signature string) *http.Request {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), http.MethodPost, "/webhooks/dwolla", bytes.NewReader(body))
	r.Header.Set(webhook.SignatureHeader, signature)
	return r
}

// answer returns the status with which h answers r.
func answer(h http.Handler, r *http.Request) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

func wantStatus(t *testing.T, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("answered %d, want %d", got, want)
	}
}

func wantRuns(t *testing.T, c *counter, event *webhook.Event, want int) {
	t.Helper()
	if got := c.of(event); got != want {
		t.Errorf("the handler ran %d times, want %d", got, want)
	}
}

func deliver(t *testing.T, h http.Handler, event *webhook.Event) int {
	t.Helper()
	answer := webhooktest.Deliver(t.Context(), h, signingSecret, event)
	_ = answer.Body.Close()
	return answer.StatusCode
}

// A faultyStore fails with the errors that are set.
type faultyStore struct {
	webhook.Store
	mu                              sync.Mutex
	claim, renew, complete, release error
}

func (s *faultyStore) set(f func(*faultyStore)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s)
}

func (s *faultyStore) get(f func(*faultyStore) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f(s)
}

func (s *faultyStore) Claim(ctx context.Context, id string, lease time.Duration) (webhook.Claim, webhook.Status, error) {
	if err := s.get(func(s *faultyStore) error { return s.claim }); err != nil {
		return webhook.Claim{}, webhook.InProgress, err
	}
	return s.Store.Claim(ctx, id, lease)
}

func (s *faultyStore) Renew(ctx context.Context, claim webhook.Claim, lease time.Duration) error {
	if err := s.get(func(s *faultyStore) error { return s.renew }); err != nil {
		return err
	}
	return s.Store.Renew(ctx, claim, lease)
}

func (s *faultyStore) Complete(ctx context.Context, claim webhook.Claim) error {
	if err := s.get(func(s *faultyStore) error { return s.complete }); err != nil {
		return err
	}
	return s.Store.Complete(ctx, claim)
}

func (s *faultyStore) Release(ctx context.Context, claim webhook.Claim) error {
	if err := s.get(func(s *faultyStore) error { return s.release }); err != nil {
		return err
	}
	return s.Store.Release(ctx, claim)
}

func mustVerifier(t *testing.T, secrets ...string) *webhook.Verifier {
	t.Helper()
	v, err := webhook.NewVerifier(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func neverCalled(t *testing.T) webhook.HandlerFunc {
	t.Helper()
	return func(_ context.Context, event *webhook.Event) error {
		t.Errorf("the handler was called with %s", event.ID)
		return nil
	}
}

// untilEnd returns a handler that runs until its context ends, and stores the cause.
func untilEnd(cause *error) webhook.HandlerFunc {
	return func(ctx context.Context, _ *webhook.Event) error {
		<-ctx.Done()
		if cause != nil {
			*cause = context.Cause(ctx)
		}
		return ctx.Err()
	}
}

// fullGoal reports whether goal 13 runs in full, by WEBHOOK_GOAL=full go test -run Goal13 -v. The short run is about a
// hundredth of it.
func fullGoal() bool { return os.Getenv("WEBHOOK_GOAL") == "full" }

// full returns all in a full run and some in a short one.
func full(all, some int) int {
	if fullGoal() {
		return all
	}
	return some
}
