package dwolla_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A transport must not change its request, and many do: those that add a prefix for a gateway, for instance.
func TestFault174_ATransportThatRewritesInPlaceDoesNotCompound(t *testing.T) {
	b := &bank{answer: func(*http.Request) (*http.Response, error) { return reply(503, "{}"), nil }}
	client := clientOf(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		req.URL.Path = "/v2" + req.URL.Path
		req.URL.RawQuery += "x=1"
		for name := range req.Header {
			req.Header[name][0] += "+"
		}
		req.Method = strings.ToLower(req.Method)
		return b.RoundTrip(req)
	}))
	for range 2 {
		_ = pay(t.Context(), client)
	}
	seen := b.requests()
	if len(seen) != 6 {
		t.Fatalf("%d requests", len(seen))
	}
	for _, r := range seen {
		if r.URL != sandbox+"/v2/transfers?x=1" || r.Header.Get("Accept") != seen[0].Header.Get("Accept") ||
			r.Header.Get("User-Agent") != seen[0].Header.Get("User-Agent") || r.Authorization != "Bearer t+" || r.Method != "post" {
			t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
		}
	}
}

// A transport without httptrace may have tried another address first: an error of connecting is that of the last one.
func TestFault175_AnUntracedTransportThatFailsOverIsNeverNotSent(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	paid := 0
	failover := roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == "/token" {
			return reply(200, `{"access_token":"t","expires_in":3600}`), nil
		}
		if req.Body != nil {
			_, _ = io.Copy(io.Discard, req.Body)
		}
		paid++
		return nil, refused
	})
	client := clientOf(t, failover)
	settled(t, pay(t.Context(), client), true)
	_, err := client.FundingSources.InitiateMicroDeposits(t.Context(), "bank") // has no body
	if !errors.Is(err, dwolla.ErrOutcomeUnknown) {
		t.Error(err)
	}
	never := roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == "/token" {
			return reply(200, `{"access_token":"t","expires_in":3600}`), nil
		}
		return nil, refused
	})
	if err := pay(t.Context(), clientOf(t, never)); dwolla.OutcomeOf(err) != dwolla.OutcomeNotSent {
		t.Errorf("nobody has read the body: %v", err)
	}
}

func gzipped(body string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(body))
	_ = w.Close()
	return b.String()
}

func TestFault176_ACompressedAnswerIsReadWithinTheCap(t *testing.T) {
	t.Parallel()
	const most = 4 << 20
	empty := gzipped("")
	answer := func(status int, body string, header ...string) *dwolla.Client {
		return clientOf(t, &bank{answer: func(*http.Request) (*http.Response, error) { return reply(status, body, header...), nil }},
			dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}), dwolla.WithLimits(dwolla.Limits{Body: most}))
	}
	for _, encoding := range []string{"gzip", "GZIP", "x-gzip"} {
		got, err := answer(200, gzipped(`{"id":"x"}`), "Content-Encoding", encoding).Transfers.Get(t.Context(), "x")
		if err != nil || got.ID != "x" {
			t.Errorf("%s: %v, %v", encoding, got, err)
		}
	}
	got, err := answer(200, `{"id":"x"}`, "Content-Encoding", "gzip").Transfers.Get(t.Context(), "x") // decoded on the way
	if err != nil || got.ID != "x" {
		t.Errorf("%v, %v", got, err)
	}
	_, err = answer(404, gzipped(`{"code":"NotFound","message":"m"}`), "Content-Encoding", "gzip").Transfers.Get(t.Context(), "x")
	if !errors.Is(err, dwolla.ErrNotFound) || !errors.Is(err, dwolla.Code("NotFound")) {
		t.Error(err)
	}
	for name, body := range map[string]string{
		"a bomb":                 gzipped(`{"id":"` + strings.Repeat("a", most+most/4) + `"}`),
		"nothing, for ever":      strings.Repeat(empty, (most+most/4)/len(empty)),
		"cut":                    gzipped(`{"id":"x"}`)[:20],
		"noise after the header": "\x1f\x8b" + strings.Repeat("x", 100),
	} {
		if _, err := answer(200, body, "Content-Encoding", "gzip").Transfers.Get(t.Context(), "x"); dwolla.OutcomeOf(err) != dwolla.OutcomeBadResponse {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = answer(200, "?", "Content-Encoding", "br").Transfers.Get(t.Context(), "x")
	if dwolla.OutcomeOf(err) != dwolla.OutcomeBadResponse || !strings.Contains(err.Error(), "encod") {
		t.Error(err)
	}
	settled(t, pay(t.Context(), answer(200, "?", "Content-Encoding", "br")), true)
	settled(t, pay(t.Context(), answer(403, "?", "Content-Encoding", "br")), true)
	if err := pay(t.Context(), answer(201, gzipped(`{}`), "Content-Encoding", "gzip", "Location", sandbox+"/transfers/x")); err != nil {
		t.Error(err)
	}
	t.Run("over a socket", func(t *testing.T) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body := `{"access_token":"t","expires_in":3600}`
			if r.URL.Path != "/token" {
				body = `{"id":"x"}`
			}
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte(gzipped(body)))
		}))
		defer server.Close()
		client := clientOf(t, nil, dwolla.WithBaseURL(server.URL), dwolla.WithHTTPClient(&http.Client{Transport: &http.Transport{DisableCompression: true}}))
		if got, err := client.Transfers.Get(t.Context(), "x"); err != nil || got.ID != "x" {
			t.Errorf("%v, %v", got, err)
		}
	})
}

// retryablehttp and the like put the whole URL, with its query, into the text of their errors.
func TestFault177_TheTextOfATransportShowsNoQuery(t *testing.T) {
	cause := errors.New("own error")
	client := clientOf(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == "/token" {
			return reply(200, `{"access_token":"t","expires_in":3600}`), nil
		}
		return nil, errors.Join(cause, errors.New("GET "+req.URL.String()+" giving up, "+req.URL.Query().Get("email")))
	}), dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}))
	_, err := client.Customers.List(context.Background(), dwolla.ListCustomersParams{Email: "jane.doe@example.com", Search: "Jane Doe"})
	if !errors.Is(err, cause) || strings.Contains(err.Error(), "jane") || strings.Contains(err.Error(), "Jane") {
		t.Error(err)
	}
}
