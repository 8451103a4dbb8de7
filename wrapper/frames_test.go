package dwolla

import (
	"net/http"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/testkit"
)

// plain are the protocols in which a server can break the rules of HTTP/1.1.
var plain = []faultserver.Protocol{faultserver.HTTP1, faultserver.HTTP1TLS}

// framed is a client of a server that speaks in frames; the first request is for the token.
func framed(t *testing.T, script func(n int, s *faultserver.Stream)) (*Client, *faultserver.Frames) {
	t.Helper()
	server := faultserver.ServeFrames(t, func(n int, s *faultserver.Stream) {
		if n == 1 {
			s.Header("200", "content-type", "application/json")
			s.Data(`{"access_token":"a","token_type":"Bearer","expires_in":3600}`)
			return
		}
		script(n-1, s)
	})
	transport := newHTTPClient(defaultTimeouts()).Transport.(*http.Transport)
	transport.Proxy = nil
	server.Server().Trust(transport)
	t.Cleanup(transport.CloseIdleConnections)
	guard := testkit.New(t, server.URL, transport)
	client, err := NewClient(Sandbox, "key", "secret", WithBaseURL(server.URL), WithHTTPClient(guard.Client()), WithMiddleware(guard.Tag),
		WithRetries(Retries{BaseDelay: time.Millisecond, MaxDelay: time.Millisecond}), WithTimeouts(Timeouts{Attempt: 2 * time.Second}))
	if err != nil {
		t.Fatal(err)
	}
	return client, server
}

// inFrames runs a read and a payment over HTTP/2, both with the same answer.
func inFrames(t *testing.T, name string, answer func(*faultserver.Stream), read, pay want) {
	t.Helper()
	t.Run(name+" over "+string(faultserver.HTTP2), func(t *testing.T) {
		for _, c := range []struct {
			call func(*Client) error
			want want
		}{
			{func(c *Client) error { _, err := c.Transfers.Get(t.Context(), "x"); return err }, read},
			{func(c *Client) error { _, err := c.Transfers.Create(t.Context(), payment("rent-1")); return err }, pay},
		} {
			client, server := framed(t, func(_ int, s *faultserver.Stream) { answer(s) })
			err := c.call(client)
			if OutcomeOf(err) != c.want.outcome || server.Requests()-1 != c.want.sends {
				t.Errorf("%d requests, want %d; %q, want %q: %v", server.Requests()-1, c.want.sends, OutcomeOf(err), c.want.outcome, err)
			}
		}
	})
}

// header200 is the header of an answer over HTTP/2.
func header200(s *faultserver.Stream, more ...string) {
	s.Header("200", append([]string{"content-type", "application/json"}, more...)...)
}

// How a call ends whose every attempt was answered alike.
var (
	unusable = want{outcome: OutcomeBadResponse, sends: 3}
	nothing  = want{outcome: OutcomeNotSent, sends: 3}
	unknown  = want{outcome: OutcomeUnknown, sends: 3}
)
