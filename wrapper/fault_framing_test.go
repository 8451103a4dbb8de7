package dwolla

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/testkit"
)

// Section A of the catalogue: answers that break the rules of the protocol.

// plain are the protocols in which a server can break the rules of HTTP/1.1.
var plain = []faultserver.Protocol{faultserver.HTTP1, faultserver.HTTP1TLS}

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

func TestFault009_ABodyShorterThanPromisedIsNeverHalfDecoded(t *testing.T) {
	for _, p := range plain {
		t.Run(string(p), func(t *testing.T) {
			r, _ := overSocket(t, p)
			r.bank.Always(faultserver.RawAnswer("short", faultserver.Sized(200, 100, hal, `{"id":"x"}`)))
			got, err := r.Transfers.Get(t.Context(), "x")
			r.check(t, err, want{OutcomeBadResponse, 3, 0})
			if got != nil || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%v, %v", got, err)
			}
			r, server := overSocket(t, p)
			f := faultserver.RawAnswer("short", faultserver.Sized(201, 100, location(server), `{"id":"x"}`))
			r.bank.Always(f.Committed())
			r.check(t, r.pay(t.Context()), want{OutcomeOK, 1, 1})
		})
	}
	inFrames(t, "a length that does not come", func(s *faultserver.Stream) {
		header200(s, "content-length", "100")
		s.Data(`{"id":"x"}`)
	}, unusable, unknown)
	inFrames(t, "a length that does not come, after a Location", func(s *faultserver.Stream) {
		s.Header("201", "location", "/transfers/made", "content-length", "100")
		s.Data(`{"id":"x"}`)
	}, want{outcome: OutcomeBadResponse, sends: 1}, want{outcome: OutcomeOK, sends: 1}) // a read has no use for a Location
}

func TestFault010_BrokenFramingIsABadResponse(t *testing.T) {
	for name, raw := range map[string]string{
		"no last chunk":        faultserver.Chunked(200, hal, "5\r\n{\"id\"\r\n"),
		"bad chunk size":       faultserver.Chunked(200, hal, "zz\r\n{}\r\n0\r\n\r\n"),
		"two lengths":          "HTTP/1.1 200 OK\r\n" + hal + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
		"a length with a sign": "HTTP/1.1 200 OK\r\n" + hal + "Content-Length: -2\r\n\r\n{}",
	} {
		for _, p := range plain {
			t.Run(name+" over "+string(p), func(t *testing.T) {
				r, _ := overSocket(t, p)
				r.bank.Always(faultserver.RawAnswer(name, raw))
				r.check(t, r.read(t.Context()), want{OutcomeBadResponse, 3, 0})
				r, _ = overSocket(t, p)
				r.bank.Always(faultserver.RawAnswer(name, raw).Committed())
				r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 3, 1})
			})
		}
	}
	// Frames, not lengths, are what a body ends by in HTTP/2, so that chunks and lengths that contradict each other are
	// none of its faults.
	half := func(s *faultserver.Stream) { header200(s); s.Part(`{"id"`) }
	for name, end := range map[string]func(*faultserver.Stream){
		"no last frame":        func(s *faultserver.Stream) { s.Close() },
		"a reset in the body":  func(s *faultserver.Stream) { s.Reset(faultserver.InternalError) },
		"a GOAWAY in the body": func(s *faultserver.Stream) { s.GoAway(0, faultserver.InternalError); s.Close() },
		"a frame too large":    func(s *faultserver.Stream) { s.Raw("\xff\xff\xff\x00\x00\x00\x00\x00\x01") },
	} {
		inFrames(t, name, func(s *faultserver.Stream) { half(s); end(s) }, unusable, unknown)
	}
}

func TestFault026_InterimAnswersAreIgnoredAndBounded(t *testing.T) {
	final := faultserver.Sized(200, 10, hal, `{"id":"x"}`)
	for name, c := range map[string]struct {
		raw     string
		outcome Outcome
		sends   int
	}{
		"100":      {"HTTP/1.1 100 Continue\r\n\r\n" + final, OutcomeOK, 1},
		"103":      {"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + final, OutcomeOK, 1},
		"a flood":  {strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </"+strings.Repeat("x", 1000)+">\r\n\r\n", 500) + final, OutcomeBadResponse, 3},
		"only 100": {"HTTP/1.1 100 Continue\r\n\r\n", OutcomeBadResponse, 3},
	} {
		for _, p := range plain {
			t.Run(name+" over "+string(p), func(t *testing.T) {
				r, _ := overSocket(t, p)
				r.bank.Always(faultserver.RawAnswer(name, c.raw))
				r.check(t, r.read(t.Context()), want{c.outcome, c.sends, 0})
			})
		}
	}
	created := func(s *faultserver.Stream) {
		s.Header("201", "location", "/transfers/made", "content-type", "application/json")
		s.Data(`{"id":"x"}`)
	}
	done := want{outcome: OutcomeOK, sends: 1}
	inFrames(t, "100", func(s *faultserver.Stream) { s.Header("100"); created(s) }, done, done)
	inFrames(t, "103", func(s *faultserver.Stream) { s.Header("103", "link", "</x>"); created(s) }, done, done)
	inFrames(t, "a flood", func(s *faultserver.Stream) {
		for range 500 {
			s.Header("103", "link", strings.Repeat("x", 1000))
		}
		created(s)
	}, unusable, unknown)
	inFrames(t, "only 100", func(s *faultserver.Stream) { s.Header("100"); s.Close() }, unusable, unknown)
}

func TestFault027_ImpossibleHeadersAreABadResponse(t *testing.T) {
	for name, raw := range map[string]string{
		"giant":          "HTTP/1.1 200 OK\r\nX-Giant: " + strings.Repeat("x", 1<<20) + "\r\n\r\n{}",
		"4,096 headers":  "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-Many: "+strings.Repeat("x", 20)+"\r\n", 4096) + "\r\n{}",
		"a broken line":  "HTTP/1.1 200 OK\r\nX-One: a\r\nno colon\r\n\r\n{}",
		"no status text": "HTTP/1.1\r\n\r\n{}",
		"no HTTP":        "SSH-2.0-OpenSSH_9.0\r\n",
	} {
		for _, p := range plain {
			t.Run(name+" over "+string(p), func(t *testing.T) {
				r, _ := overSocket(t, p)
				r.bank.Always(faultserver.RawAnswer(name, raw))
				r.check(t, r.read(t.Context()), want{OutcomeBadResponse, 3, 0})
				r, _ = overSocket(t, p)
				r.bank.Always(faultserver.RawAnswer(name, raw).Committed())
				r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 3, 1})
			})
		}
	}
	// Where net/http gives up the connection before a header is whole, it does not say that any of an answer came: to a
	// read that is no answer.
	many := make([]string, 0, 2*4096)
	for range 4096 {
		many = append(many, "x-many", strings.Repeat("x", 20))
	}
	for name, c := range map[string]struct {
		answer func(*faultserver.Stream)
		read   want
	}{
		"giant":            {func(s *faultserver.Stream) { header200(s, "x-giant", strings.Repeat("x", 1<<20)); s.Data("{}") }, nothing},
		"4,096 headers":    {func(s *faultserver.Stream) { header200(s, many...); s.Data("{}") }, nothing},
		"CR/LF in a value": {func(s *faultserver.Stream) { header200(s, "x-one", "a\r\nx-two: b"); s.Data("{}") }, nothing},
		"a bad name":       {func(s *faultserver.Stream) { header200(s, "X One", "a"); s.Data("{}") }, nothing},
		"no status":        {func(s *faultserver.Stream) { s.Fields("content-type", "application/json"); s.Data("{}") }, unusable},
		"no HTTP":          {func(s *faultserver.Stream) { s.Raw("SSH-2.0-OpenSSH_9.0\r\n"); s.Close() }, nothing},
	} {
		inFrames(t, name, c.answer, c.read, unknown)
	}
}

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

func TestFault024_StreamsAreReplayedOnlyWhereThatIsSafe(t *testing.T) {
	created := func(s *faultserver.Stream) {
		s.Header("201", "location", "/transfers/made")
		s.Data("")
	}
	for name, c := range map[string]struct {
		script  func(n int, s *faultserver.Stream)
		outcome Outcome
		sends   int
	}{
		"a refused stream, then done": {func(n int, s *faultserver.Stream) {
			if n == 1 {
				s.Reset(faultserver.RefusedStream)
				return
			}
			created(s)
		}, OutcomeOK, 2},
		"streams refused for good":       {func(_ int, s *faultserver.Stream) { s.Reset(faultserver.RefusedStream) }, OutcomeUnknown, 3},
		"a stream that ends in an error": {func(_ int, s *faultserver.Stream) { s.Reset(faultserver.InternalError) }, OutcomeUnknown, 3},
		"a reset after the header": {func(_ int, s *faultserver.Stream) {
			s.Header("201", "content-type", "application/json")
			s.Reset(faultserver.InternalError)
		}, OutcomeUnknown, 3},
		"a reset after a Location": {func(_ int, s *faultserver.Stream) {
			s.Header("201", "location", "/transfers/made")
			s.Reset(faultserver.InternalError)
		}, OutcomeOK, 1},
		"a connection that goes away, then done": {func(n int, s *faultserver.Stream) {
			if n == 1 {
				s.GoAway(s.ID-2, faultserver.NoError)
				s.Close()
				return
			}
			created(s)
		}, OutcomeOK, 2},
		"a connection that goes away after the answer": {func(_ int, s *faultserver.Stream) {
			created(s)
			s.GoAway(s.ID, faultserver.NoError)
		}, OutcomeOK, 1},
		"a connection that is closed": {func(_ int, s *faultserver.Stream) { s.Close() }, OutcomeUnknown, 3},
	} {
		t.Run(name, func(t *testing.T) {
			client, server := framed(t, c.script)
			_, err := client.Transfers.Create(t.Context(), payment("rent-1"))
			if OutcomeOf(err) != c.outcome || server.Requests()-1 != c.sends {
				t.Errorf("%d requests, want %d; %q, want %q: %v", server.Requests()-1, c.sends, OutcomeOf(err), c.outcome, err)
			}
		})
	}
	t.Run("a dead connection is found by a ping", func(t *testing.T) {
		h2 := newHTTPClient(defaultTimeouts()).Transport.(*http.Transport).HTTP2
		if h2.SendPingTimeout != 15*time.Second || h2.PingTimeout != 15*time.Second {
			t.Errorf("%+v", h2)
		}
	})
}
