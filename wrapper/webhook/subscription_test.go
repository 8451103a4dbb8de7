package webhook_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

const endpoint = "https://receiver.test/webhooks/dwolla"

func TestEnsureSubscription(t *testing.T) {
	for name, tt := range map[string]struct {
		before func(*fake)
		want   string // id of the subscription
		sent   string
	}{
		"creates one where there is none": {
			before: func(*fake) {},
			want:   "s1",
			sent:   "GET /webhook-subscriptions, POST /webhook-subscriptions, GET /webhook-subscriptions",
		},
		"creates one beside those of other URLs": {
			before: func(f *fake) {
				f.addSubscription("https://other.test/webhooks/dwolla", "2026-01-01T00:00:00Z", false)
				f.addSubscription(endpoint+"/", "2026-01-01T00:00:00Z", false)
				f.addSubscription("http"+strings.TrimPrefix(endpoint, "https"), "2026-01-01T00:00:00Z", false)
			},
			want: "s4",
			sent: "GET /webhook-subscriptions, POST /webhook-subscriptions, GET /webhook-subscriptions",
		},
		"finds one": {
			before: func(f *fake) { f.addSubscription(endpoint, "2026-01-01T00:00:00Z", false) },
			want:   "s1",
			sent:   "GET /webhook-subscriptions",
		},
		"finds one whose host is written in another case": {
			before: func(f *fake) { f.addSubscription(strings.ToUpper(endpoint[:22])+endpoint[22:], "", false) },
			want:   "s1",
			sent:   "GET /webhook-subscriptions",
		},
		"finds one whose URL is spelt otherwise": {
			before: func(f *fake) { f.addSubscription("https://receiver.test.:443/webh%6foks/dwolla", "", false) },
			want:   "s1",
			sent:   "GET /webhook-subscriptions",
		},
		"does not take another port or path for the same": {
			before: func(f *fake) {
				f.addSubscription("https://receiver.test:444/webhooks/dwolla", "", false)
				f.addSubscription("https://receiver.test/webhooks%2Fdwolla", "", false)
				f.addSubscription("https://receiver.test/WEBHOOKS/dwolla", "", false)
			},
			want: "s4",
			sent: "GET /webhook-subscriptions, POST /webhook-subscriptions, GET /webhook-subscriptions",
		},
		"resumes one that is paused": {
			before: func(f *fake) { f.addSubscription(endpoint, "2026-01-01T00:00:00Z", true) },
			want:   "s1",
			sent:   "GET /webhook-subscriptions, POST /webhook-subscriptions/s1",
		},
		"keeps the oldest of several": {
			before: func(f *fake) {
				f.addSubscription(endpoint, "2026-01-02T00:00:00Z", false)
				f.addSubscription(endpoint, "2026-01-01T00:00:00+00:00", false)
				f.addSubscription(endpoint, "2026-01-01T00:00:00Z", false)
			},
			want: "s2",
			sent: "GET /webhook-subscriptions",
		},
		"keeps the first id where the time of the other cannot be read": {
			before: func(f *fake) {
				f.addSubscription(endpoint, "2026-01-01T00:00:00Z", false)
				f.addSubscription(endpoint, "long ago", false)
			},
			want: "s1",
			sent: "GET /webhook-subscriptions",
		},
		"keeps the first id where its time cannot be read": {
			before: func(f *fake) {
				f.addSubscription(endpoint, "long ago", false)
				f.addSubscription(endpoint, "2026-01-01T00:00:00Z", false)
				slices.Reverse(f.subscriptions)
			},
			want: "s1",
			sent: "GET /webhook-subscriptions",
		},
		"keeps the first id of one moment": {
			before: func(f *fake) {
				f.addSubscription(endpoint, "2026-01-01T00:00:00Z", false)
				f.addSubscription(endpoint, "2026-01-01T00:00:00Z", false)
				slices.Reverse(f.subscriptions)
			},
			want: "s1",
			sent: "GET /webhook-subscriptions",
		},
		"takes its own back where another process was faster": {
			before: func(f *fake) {
				inner := f.mux
				f.mux = http.NewServeMux()
				f.mux.Handle("/", inner)
				f.mux.HandleFunc("POST /webhook-subscriptions", func(w http.ResponseWriter, r *http.Request) {
					f.addSubscription(endpoint, "2026-03-01T00:00:00Z", false)
					inner.ServeHTTP(w, r)
				})
			},
			want: "s1",
			sent: "GET /webhook-subscriptions, POST /webhook-subscriptions, GET /webhook-subscriptions, DELETE /webhook-subscriptions/s2",
		},
		"reads its own where it is not listed yet": {
			before: func(f *fake) {
				inner := f.mux
				f.mux = http.NewServeMux()
				f.mux.Handle("/", inner)
				f.mux.HandleFunc("GET /webhook-subscriptions", func(w http.ResponseWriter, _ *http.Request) {
					respond(w, http.StatusOK, map[string]any{"_embedded": map[string]any{"webhook-subscriptions": []any{}}})
				})
			},
			want: "s1",
			sent: "GET /webhook-subscriptions, POST /webhook-subscriptions, GET /webhook-subscriptions, GET /webhook-subscriptions/s1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			fake := newFake(t)
			tt.before(fake)
			got, err := webhook.EnsureSubscription(t.Context(), fake.client, endpoint, signingSecret)
			if err != nil {
				t.Fatal(err)
			}
			if got.ID != tt.want || got.Paused {
				t.Errorf("got %s, paused %t, want %s", got.ID, got.Paused, tt.want)
			}
			if sent := strings.Join(fake.log(), ", "); sent != tt.sent {
				t.Errorf("sent %s, want %s", sent, tt.sent)
			}
		})
	}
}

func TestEnsureSubscriptionRefusesBeforeAnythingIsSent(t *testing.T) {
	for name, tt := range map[string]struct{ endpoint, secret string }{
		"an empty URL":           {"", signingSecret},
		"a path":                 {"/webhooks", signingSecret},
		"another scheme":         {"ftp://receiver.test/", signingSecret},
		"what is no URL":         {"https://%zz", signingSecret},
		"an empty secret":        {endpoint, ""},
		"a secret with line end": {endpoint, "s\n"},
	} {
		t.Run(name, func(t *testing.T) {
			fake := newFake(t)
			if _, err := webhook.EnsureSubscription(t.Context(), fake.client, tt.endpoint, tt.secret); !errors.Is(err, dwolla.ErrConfiguration) {
				t.Errorf("error is %v", err)
			}
			if n := fake.requests(); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

func TestEnsureSubscriptionReturnsErrors(t *testing.T) {
	for _, failing := range []string{"GET /webhook-subscriptions", "POST /webhook-subscriptions"} {
		t.Run(failing, func(t *testing.T) {
			fake := newFake(t)
			inner := fake.mux
			fake.mux = http.NewServeMux()
			fake.mux.Handle("/", inner)
			fake.mux.HandleFunc(failing, func(w http.ResponseWriter, _ *http.Request) {
				respond(w, http.StatusForbidden, map[string]any{"code": "Forbidden", "message": "no"})
			})
			if _, err := webhook.EnsureSubscription(t.Context(), fake.client, endpoint, signingSecret); !errors.Is(err, dwolla.ErrForbidden) {
				t.Errorf("error is %v", err)
			}
		})
	}
}
