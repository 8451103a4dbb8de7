package dwolla

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// An alwaysTransport has one answer to everything.
type alwaysTransport struct{ answer *http.Response }

func (t alwaysTransport) RoundTrip(*http.Request) (*http.Response, error) { return t.answer, nil }

func TestOnlyTheLocationOfARedirectIsKeptFromNetHTTP(t *testing.T) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://bank.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	for status, kept := range map[int]bool{201: false, 299: false, 300: true, 307: true, 399: true, 400: false} {
		answer := &http.Response{StatusCode: status, Header: http.Header{"Location": {"http://%zz"}}, Body: http.NoBody}
		resp, err := redirectless{alwaysTransport{answer}}.RoundTrip(request)
		if err != nil || (resp.Header.Get("Location") == "") != kept {
			t.Errorf("%d: %v, %v", status, resp.Header, err)
		}
	}
	for _, answer := range []*http.Response{nil, {StatusCode: 200}} {
		_, err := redirectless{alwaysTransport{answer}}.RoundTrip(request)
		if !errors.Is(err, errNoAnswer) {
			t.Errorf("an answer that is none: %v", err)
		}
	}
}

func TestFault305_AnInformationalStatusEndsTheCall(t *testing.T) {
	for _, path := range []string{"the API", "the token endpoint"} {
		t.Run(path, func(t *testing.T) {
			closed := make(chan struct{}, 20)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				if req.URL.Path == tokenPath && path == "the API" {
					_, _ = io.WriteString(w, `{"access_token":"t","token_type":"bearer","expires_in":3600}`)
					return
				}
				conn, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
				_, _ = io.Copy(io.Discard, conn) // until the client closes it
				_ = conn.Close()
				closed <- struct{}{}
			}))
			defer server.Close()
			client, err := NewClient(Sandbox, "k", "s", WithBaseURL(server.URL), WithTimeouts(Timeouts{Attempt: 3 * time.Second}))
			if err != nil {
				t.Fatal(err)
			}
			defer client.CloseIdleConnections()
			for name, call := range map[string]func(context.Context) error{
				"a payment": func(ctx context.Context) error { return errorOf(client.Transfers.Create(ctx, payment("rent-1"))) },
				"a read":    func(ctx context.Context) error { return errorOf(client.Transfers.Get(ctx, "x")) },
			} {
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				done, started := make(chan error, 1), time.Now()
				go func() { done <- call(ctx) }()
				select {
				case err := <-done:
					want := OutcomeNotSent
					if path == "the API" {
						want = map[string]Outcome{"a payment": OutcomeUnknown, "a read": OutcomeBadResponse}[name]
					}
					if OutcomeOf(err) != want {
						t.Errorf("%s: outcome %q, want %q: %v", name, OutcomeOf(err), want, err)
					}
					if time.Since(started) > 2*time.Second+50*time.Millisecond {
						t.Errorf("%s took %s", name, time.Since(started))
					}
				case <-time.After(4 * time.Second):
					t.Fatalf("%s does not end: its deadline was 2 s", name)
				}
				select {
				case <-closed:
				case <-time.After(time.Second):
					t.Errorf("%s: the connection is left open", name)
				}
			}
		})
	}
	virtual(t, "a transport whose body blocks", func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		for _, status := range []int{100, 101, 103, 199} {
			client, err := NewClient(Sandbox, "k", "s", WithHTTPClient(bareTransport(func(*http.Request) *http.Response {
				return &http.Response{StatusCode: status, Header: http.Header{}, Body: blockingBody{release}}
			})), WithRetries(Retries{MaxAttempts: 1}))
			if err != nil {
				t.Fatal(err)
			}
			started := time.Now()
			_, err = client.Transfers.Create(t.Context(), payment("rent-1"))
			if OutcomeOf(err) != OutcomeUnknown || time.Since(started) > time.Second {
				t.Errorf("%d: outcome %q after %s: %v", status, OutcomeOf(err), time.Since(started), err)
			}
		}
	})
}

// A blockingBody blocks until it is released.
type blockingBody struct{ release chan struct{} }

func (b blockingBody) Read([]byte) (int, error) { <-b.release; return 0, io.EOF }
func (b blockingBody) Close() error             { <-b.release; return nil }
