package dwolla

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestFault001_RefusedConnectionIsRetriedThenNotSent(t *testing.T) {
	virtual(t, "in memory", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(&faultserver.Fault{End: faultserver.Refused})
		r.check(t, r.pay(t.Context()), want{OutcomeNotSent, 3, 0})
	})
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		r, server := overSocket(t, p)
		r.warm(t)
		server.Close()
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeNotSent, 0, 0})
		if e, _ := errors.AsType[*Error](err); e.Attempts != 3 || !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%d attempts, %v", e.Attempts, err)
		}
	})
}

func TestFault002_UnknownHostIsNotRetriedAndABusyNameServerIs(t *testing.T) {
	for name, c := range map[string]struct {
		end   faultserver.End
		sends int
	}{"no such host": {faultserver.Nameless, 1}, "the name server fails": {faultserver.Busy, 3}} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Always(&faultserver.Fault{End: c.end})
			r.check(t, r.pay(t.Context()), want{OutcomeNotSent, c.sends, 0})
		})
	}
}

func TestFault003_AnUntrustedCertificateIsNotRetried(t *testing.T) {
	for name, spoil := range map[string]func(*tls.Config){
		"unknown authority": func(c *tls.Config) { c.RootCAs = nil },
		"expired":           func(c *tls.Config) { c.Time = func() time.Time { return time.Now().AddDate(200, 0, 0) } },
		"wrong host":        func(c *tls.Config) { c.ServerName = "another.test" },
	} {
		for _, p := range []faultserver.Protocol{faultserver.HTTP1TLS, faultserver.HTTP2} {
			t.Run(name+" over "+string(p), func(t *testing.T) {
				r, _ := overSocket(t, p)
				r.warm(t)
				before := r.guard.Sends()
				spoil(transportOf(r).TLSClientConfig)
				err := r.pay(t.Context())
				r.check(t, err, want{OutcomeNotSent, 0, 0})
				if n := r.guard.Sends() - before; n != 1 || !strings.Contains(err.Error(), "certificate") {
					t.Errorf("%d attempts: %v", n, err)
				}
			})
		}
	}
}

func TestFault004_AStalledHandshakeIsBoundedAndNotSent(t *testing.T) {
	if d := newHTTPClient(defaultTimeouts()).Transport.(*http.Transport).TLSHandshakeTimeout; d != 10*time.Second {
		t.Errorf("the handshake is given %s", d)
	}
	for _, p := range []faultserver.Protocol{faultserver.HTTP1TLS, faultserver.HTTP2} {
		t.Run(string(p), func(t *testing.T) {
			r, server := overSocket(t, p)
			r.warm(t)
			before := r.guard.Sends()
			server.OnAccept(func(int, net.Conn) bool { return false })
			transportOf(r).TLSHandshakeTimeout = 20 * time.Millisecond
			r.check(t, r.pay(t.Context()), want{OutcomeNotSent, 0, 0})
			if n := r.guard.Sends() - before; n != 3 {
				t.Errorf("%d attempts", n)
			}
		})
	}
}

func TestFault006_AResetAfterTheRequestIsUnknown(t *testing.T) {
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		for name, paid := range map[string]int{"done": 1, "not done": 0} {
			t.Run(name, func(t *testing.T) {
				r, _ := overSocket(t, p)
				f := faultserver.Drop()
				f.Commit = paid == 1
				r.bank.Always(f)
				r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 3, paid})
			})
		}
	})
}

func TestFault007_NothingIsReplayedOnAReusedConnection(t *testing.T) {
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		for name, write := range map[string]func(*rig) error{
			"with a body": func(r *rig) error { return r.pay(t.Context()) },
			"without a body": func(r *rig) error {
				_, err := r.FundingSources.InitiateMicroDeposits(t.Context(), "bank")
				return err
			},
		} {
			t.Run(name, func(t *testing.T) {
				r, server := overSocket(t, p, WithRetries(Retries{MaxAttempts: 1}))
				if err := r.read(t.Context()); err != nil { // leaves a connection to be used again
					t.Fatal(err)
				}
				before := server.Accepted()
				r.bank.Always(faultserver.Drop().Committed())
				r.check(t, write(r), want{OutcomeUnknown, 2, 1})
				if server.Accepted() != before {
					t.Error("the connection was not used again, and the test shows nothing")
				}
			})
		}
		r, _ := overSocket(t, p)
		r.bank.Script(nil, faultserver.Drop().Committed())
		if err := r.read(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 3, 1}) // the read, and two attempts
	})
}

func TestFault008_ATruncatedAnswerIsJudgedByItsHeader(t *testing.T) {
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		short := &faultserver.Fault{Commit: true, End: faultserver.CutShort}
		t.Run("a read is repeated", func(t *testing.T) {
			r, _ := overSocket(t, p)
			r.bank.Script(short)
			r.check(t, r.read(t.Context()), want{OutcomeOK, 2, 0})
		})
		t.Run("a creation with its Location is done", func(t *testing.T) {
			r, _ := overSocket(t, p)
			r.bank.Always(short)
			r.check(t, r.pay(t.Context()), want{OutcomeOK, 1, 1})
		})
		t.Run("a creation without one is unknown", func(t *testing.T) {
			r, _ := overSocket(t, p)
			f := faultserver.Text(201, "application/json", `{"id":`).Committed()
			f.End = faultserver.CutShort
			r.bank.Always(f)
			r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 3, 1})
		})
	})
}

func TestFault013_ASlowAnswerMeetsTheLimitInEveryPhase(t *testing.T) {
	limit := WithTimeouts(Timeouts{Attempt: 300 * time.Millisecond})
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		t.Parallel()
		t.Run("body", func(t *testing.T) {
			r, _ := overSocket(t, p, limit)
			r.bank.Always(&faultserver.Fault{End: faultserver.Trickle})
			err := r.read(t.Context())
			r.check(t, err, want{OutcomeBadResponse, 3, 0})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	})
	t.Run("header", func(t *testing.T) {
		t.Parallel()
		r, server := overSocket(t, faultserver.HTTP1, limit)
		r.warm(t)
		before := r.guard.Sends()
		var writers sync.WaitGroup
		defer writers.Wait()
		server.OnAccept(func(_ int, c net.Conn) bool {
			writers.Go(func() {
				_, _ = c.Read(make([]byte, 1)) // an answer before the question makes net/http drop the connection unused
				for _, b := range []byte("HTTP/1.1 200 OK\r\nContent-Type: " + strings.Repeat("x", 1000)) {
					if _, err := c.Write([]byte{b}); err != nil {
						break
					}
					time.Sleep(10 * time.Millisecond)
				}
				_ = c.Close()
			})
			return false
		})
		r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 0, 0})
		r.check(t, r.read(t.Context()), want{OutcomeNotSent, 0, 0})
		if n := r.guard.Sends() - before; n != 6 {
			t.Errorf("%d attempts", n)
		}
	})
}

func TestFault014_NoAnswerIsUnknownAfterRetries(t *testing.T) {
	virtual(t, "a write", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Stall().Committed())
		started := time.Now()
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeUnknown, 3, 1})
		if d := time.Since(started); d < 180*time.Second || d > 190*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %s: %v", d, err)
		}
	})
	virtual(t, "a mass payment has longer", func(t *testing.T) {
		r := inMemoryRig(t, WithRetries(Retries{MaxAttempts: 1}))
		r.bank.Always(faultserver.Stall())
		started := time.Now()
		_, err := r.MassPayments.Create(t.Context(), massPayment("batch-1"))
		r.check(t, err, want{OutcomeUnknown, 1, 0})
		if d := time.Since(started); d != 120*time.Second {
			t.Errorf("after %s", d)
		}
	})
	virtual(t, "a read", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Stall())
		r.check(t, r.read(t.Context()), want{OutcomeNotSent, 3, 0})
	})
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		t.Parallel()
		r, _ := overSocket(t, p, WithTimeouts(Timeouts{Attempt: 400 * time.Millisecond}))
		r.bank.Always(faultserver.Stall().Committed())
		r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 3, 1})
	})
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

func TestFault026_InterimAnswersAreIgnoredAndBounded(t *testing.T) {
	final := faultserver.Sized(200, 22, hal, `{"id":"some-transfer"}`)
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
	// Where net/http gives up before a header is complete, it does not report that anything came: to a read that is no
	// answer.
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

func TestFault346_ASwitchOfProtocolsInAnswerToAPaymentIsUnknown(t *testing.T) {
	r, _ := overSocket(t, faultserver.HTTP1)
	r.bank.Always(faultserver.RawAnswer("101", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := r.pay(ctx); OutcomeOf(err) != OutcomeUnknown || ctx.Err() != nil {
		t.Error(err, ctx.Err())
	}
}

func TestFault028_AProxyInTheWayIsNamedAndItsPasswordIsNot(t *testing.T) {
	virtual(t, "407", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Text(407, "text/plain", "log in"))
		r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 1, 0})
		r.check(t, r.read(t.Context()), want{OutcomeNotSent, 2, 0})
	})
	virtual(t, "407 after the payment", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Text(407, "text/plain", "log in").Committed())
		r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 1, 1})
	})
	virtual(t, "a captive portal", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Text(200, "text/html", "<html>log in</html>"))
		r.check(t, r.read(t.Context()), want{OutcomeBadResponse, 1, 0})
		r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 2, 0})
	})
	t.Run("CONNECT is refused", func(t *testing.T) {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusProxyAuthRequired)
		}))
		defer proxy.Close()
		r, _ := overSocket(t, faultserver.HTTP1TLS)
		r.warm(t)
		at, _ := url.Parse(proxy.URL)
		at.User = url.UserPassword("user", "hunter2-password")
		transportOf(r).Proxy = http.ProxyURL(at)
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeNotSent, 0, 0})
		if strings.Contains(err.Error(), "hunter2") {
			t.Error("the error shows the proxy's password")
		}
	})
}
