package dwolla

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// TestAnHTTPClientOfTheCallersOwnNeedsNoTransport goes over net/http's default transport, under a client with a limit.
func TestAnHTTPClientOfTheCallersOwnNeedsNoTransport(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/token" {
			_, _ = io.WriteString(w, `{"access_token":"t","expires_in":3600}`)
			return
		}
		_, _ = fmt.Fprintf(w, `{"id":"x","status":%q}`, req.URL.RawQuery)
	}))
	defer server.Close()
	defer http.DefaultClient.CloseIdleConnections()
	client, err := NewClient(Sandbox, "k", "s", WithBaseURL(server.URL), WithHTTPClient(&http.Client{Timeout: time.Minute}))
	if err != nil {
		t.Fatal(err)
	}
	var out struct{ ID, Status string }
	if err := client.Get(t.Context(), "/transfers/x", url.Values{"a": {"b c"}}, &out); err != nil || out.ID != "x" || out.Status != "a=b+c" {
		t.Errorf("%+v, %v", out, err)
	}
}
