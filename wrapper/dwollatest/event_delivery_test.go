package dwollatest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// subscriber receives webhooks and answers with a status.
type subscriber struct {
	t      *testing.T
	secret string

	mu     sync.Mutex
	status int
	topics []string
	ids    []string
}

func (s *subscriber) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	mac := hmac.New(sha256.New, []byte(s.secret))
	_, _ = mac.Write(body)
	if got, want := r.Header.Get("X-Request-Signature-Sha-256"), hex.EncodeToString(mac.Sum(nil)); got != want {
		s.t.Errorf("signature %s, want %s", got, want)
	}
	var event jsonObject
	if err := json.Unmarshal(body, &event); err != nil {
		s.t.Error(err)
	}
	if r.Header.Get("X-Dwolla-Topic") != event.text("topic") || r.UserAgent() != "dwolla-webhooks/1.0" {
		s.t.Errorf("headers %v", r.Header)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.topics = append(s.topics, event.text("topic"))
	s.ids = append(s.ids, event.text("id"))
	w.WriteHeader(s.status)
}

func (s *subscriber) answer(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

func (s *subscriber) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.topics)
}

// subscribe starts a server with a subscriber that is called in-process.
func subscribe(t *testing.T) (*rig, *subscriber, string) {
	t.Helper()
	s := &subscriber{t: t, secret: "keep it", status: http.StatusOK}
	client := &http.Client{Transport: dwollatest.HandlerTransport(s)}
	r := newRig(t, dwollatest.WithWebhookClient(client))
	at := r.create("/webhook-subscriptions", jsonObject{"url": "https://pay.example.com/hooks", "secret": s.secret})
	return r, s, at
}

func (r *rig) newCustomer(email string) {
	r.t.Helper()
	r.create("/customers", jsonObject{"firstName": "Amara", "lastName": "Okafor", "email": email})
}

func TestWebhooksAreDeliveredOverHTTP(t *testing.T) {
	s := &subscriber{t: t, secret: "keep it", status: http.StatusNoContent}
	listener := httptest.NewServer(s)
	defer listener.Close()
	server := dwollatest.New(t)
	r := &rig{Server: server, t: t, http: http.DefaultClient, base: server.Start()}
	r.authenticate()
	at := r.create("/webhook-subscriptions", jsonObject{"url": listener.URL + "/hooks", "secret": s.secret})
	r.newCustomer("a@example.com")
	r.WaitWebhooks()
	r.expect("deliveries", s.count(), 1)
	r.expect("topic", s.topics[0], "customer_created")
	event := r.get("/events/" + s.ids[0])
	hook := r.all(at+"/webhooks"+query("resourceId", event.text("resourceId")), "webhooks")[0]
	r.expect("event", hook.href("event"), event.href("self"))
	r.expect("status", hook.at("attempts 0 response statusCode"), 204.0)
	r.expect("url", hook.text("attempts 0 request url"), listener.URL+"/hooks")
}

func TestARedirectOrATimeoutIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		client := &http.Client{Transport: dwollatest.HandlerTransport(slow)}
		r := newRig(t, dwollatest.WithWebhookClient(client))
		at := r.create("/webhook-subscriptions", jsonObject{"url": "https://pay.example.com/hooks", "secret": "s"})
		start := time.Now()
		r.newCustomer("a@example.com")
		r.WaitWebhooks()
		r.expect("waited", time.Since(start), 10*time.Second)
		r.expect("answer", r.all(at+"/webhooks", "webhooks")[0].at("attempts 0 response"), nil)
	})
	r, s, _ := subscribe(t)
	s.answer(http.StatusFound)
	r.newCustomer("a@example.com")
	r.WaitWebhooks()
	r.Advance(16 * time.Minute)
	r.expect("redirects", s.count(), 2)
}

func TestWebhooksCanBeDuplicatedAndReordered(t *testing.T) {
	r, s, _ := subscribe(t)
	r.SetDelivery(dwollatest.Delivery{Copies: 2, Reverse: true})
	r.create("/customers", person("Amara", "a@example.com"))
	r.WaitWebhooks()
	want := []string{"customer_verified", "customer_verified", "customer_created", "customer_created"}
	if !slices.Equal(s.topics, want) {
		t.Errorf("got %q", s.topics)
	}
	if s.ids[0] != s.ids[1] || s.ids[1] == s.ids[2] {
		t.Errorf("got %q", s.ids)
	}
}
