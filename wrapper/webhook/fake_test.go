package webhook_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

// A fake implements the part of Dwolla that these tests need, without sockets.
type fake struct {
	client *dwolla.Client
	mux    *http.ServeMux

	mu            sync.Mutex
	sent          []string         // method and path of every request, except those for tokens
	events        []*webhook.Event // newest first
	subscriptions []map[string]any
	webhooks      []string
	created       int
}

const sandbox = "https://api-sandbox.dwolla.com"

func newFake(tb testing.TB) *fake {
	tb.Helper()
	f := &fake{mux: http.NewServeMux()}
	client, err := dwolla.NewClient(dwolla.Sandbox, "key", "secret", dwolla.WithHTTPClient(&http.Client{Transport: f}))
	if err != nil {
		tb.Fatal(err)
	}
	f.client = client
	f.mux.HandleFunc("GET /transfers/{id}", func(w http.ResponseWriter, r *http.Request) {
		respond(w, http.StatusOK, map[string]any{"id": r.PathValue("id"), "status": "processed"})
	})
	f.mux.HandleFunc("GET /events", f.listEvents)
	f.mux.HandleFunc("GET /webhook-subscriptions", f.listSubscriptions)
	f.mux.HandleFunc("POST /webhook-subscriptions", f.createSubscription)
	f.mux.HandleFunc("GET /webhook-subscriptions/{id}", f.withSubscription)
	f.mux.HandleFunc("POST /webhook-subscriptions/{id}", f.withSubscription)
	f.mux.HandleFunc("DELETE /webhook-subscriptions/{id}", f.withSubscription)
	f.mux.HandleFunc("GET /webhook-subscriptions/{id}/webhooks", f.listWebhooks)
	return f
}

// RoundTrip implements http.RoundTripper.
func (f *fake) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if r.URL.Path == "/token" {
		respond(w, http.StatusOK, map[string]any{"access_token": "t", "token_type": "Bearer", "expires_in": 1 << 30})
		return w.Result(), nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, r.Method+" "+r.URL.RequestURI())
	f.mux.ServeHTTP(w, r)
	return w.Result(), nil
}

func (f *fake) requests() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.sent)
}

func (f *fake) log() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.sent)
}

func (f *fake) addEvent(event *webhook.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = slices.Insert(f.events, 0, event)
}

func (f *fake) listEvents(w http.ResponseWriter, r *http.Request) {
	limit, _ := strconv.Atoi(r.FormValue("limit"))
	offset, _ := strconv.Atoi(r.FormValue("offset"))
	end := min(offset+limit, len(f.events))
	page := []json.RawMessage{}
	for _, event := range f.events[min(offset, end):end] {
		listed := *event
		listed.Timestamp = ""
		body, _ := listed.MarshalJSON()
		page = append(page, body)
	}
	links := map[string]any{}
	if end < len(f.events) {
		links["next"] = map[string]any{"href": fmt.Sprintf("%s/events?limit=%d&offset=%d", sandbox, limit, end)}
	}
	respond(w, http.StatusOK, map[string]any{"_links": links, "_embedded": map[string]any{"events": page}, "total": len(f.events)})
}

func (f *fake) addSubscription(url, created string, paused bool) string {
	f.created++
	id := fmt.Sprintf("s%d", f.created)
	f.subscriptions = append(f.subscriptions, map[string]any{"id": id, "url": url, "paused": paused, "created": created})
	return id
}

func (f *fake) listSubscriptions(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusOK, map[string]any{"_embedded": map[string]any{"webhook-subscriptions": append([]map[string]any{}, f.subscriptions...)}})
}

func (f *fake) createSubscription(w http.ResponseWriter, r *http.Request) {
	var body struct{ URL, Secret string }
	_ = json.NewDecoder(r.Body).Decode(&body)
	if body.Secret != signingSecret {
		respond(w, http.StatusBadRequest, map[string]any{"code": "ValidationError", "message": "secret"})
		return
	}
	w.Header().Set("Location", sandbox+"/webhook-subscriptions/"+f.addSubscription(body.URL, "2026-03-02T00:00:00.000Z", false))
	w.WriteHeader(http.StatusCreated)
}

func (f *fake) withSubscription(w http.ResponseWriter, r *http.Request) {
	i := slices.IndexFunc(f.subscriptions, func(s map[string]any) bool { return s["id"] == r.PathValue("id") })
	if i < 0 {
		respond(w, http.StatusNotFound, map[string]any{"code": "NotFound", "message": "no such subscription"})
		return
	}
	found := f.subscriptions[i]
	switch r.Method {
	case http.MethodPost:
		var body struct{ Paused bool }
		_ = json.NewDecoder(r.Body).Decode(&body)
		found["paused"] = body.Paused
	case http.MethodDelete:
		f.subscriptions = slices.Delete(f.subscriptions, i, i+1)
	}
	respond(w, http.StatusOK, found)
}

func (f *fake) listWebhooks(w http.ResponseWriter, _ *http.Request) {
	page := []json.RawMessage{}
	for _, one := range f.webhooks {
		page = append(page, json.RawMessage(one))
	}
	respond(w, http.StatusOK, map[string]any{"_embedded": map[string]any{"webhooks": page}})
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/vnd.dwolla.v1.hal+json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err) // a value of the tests cannot be encoded
	}
}
