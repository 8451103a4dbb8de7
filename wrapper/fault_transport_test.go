package dwolla

import (
	"bytes"
	"compress/gzip"
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

	"github.com/dwolla-go/dwolla-go/internal/leak"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

// Section A of the catalogue: the transport.

const hal = "Content-Type: application/vnd.dwolla.v1.hal+json\r\n"

// location is the header of an answer that says where the new transfer is.
func location(s *faultserver.Server) string { return "Location: " + s.URL + "/transfers/made\r\n" }

// warm gets a token, and leaves no connection behind.
func (r *rig) warm(t *testing.T) {
	t.Helper()
	if _, err := r.caller.token.get(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.CloseIdleConnections()
}

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

// transportOf is the transport under the guard.
func transportOf(r *rig) *http.Transport { return r.guard.Next().(*http.Transport) }

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

// A mute connection takes no byte.
type mute struct{ net.Conn }

func (mute) Write([]byte) (int, error) { return 0, syscall.ECONNRESET }

func TestFault005_AResetBeforeTheFirstByteIsNotSent(t *testing.T) {
	for _, p := range []faultserver.Protocol{faultserver.HTTP1TLS, faultserver.HTTP2} {
		t.Run(string(p), func(t *testing.T) {
			r, server := overSocket(t, p)
			r.warm(t)
			before := r.guard.Sends()
			server.OnAccept(func(_ int, c net.Conn) bool { faultserver.ResetConn(c); return false })
			r.check(t, r.pay(t.Context()), want{OutcomeNotSent, 0, 0})
			if n := r.guard.Sends() - before; n != 3 {
				t.Errorf("%d attempts", n)
			}
		})
	}
	t.Run(string(faultserver.HTTP1), func(t *testing.T) {
		r, _ := overSocket(t, faultserver.HTTP1)
		r.warm(t)
		transportOf(r).DialContext = countedDial(func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, address)
			return mute{c}, err
		})
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeNotSent, 0, 0})
		if e, _ := errors.AsType[*Error](err); e.Attempts != 3 {
			t.Errorf("%d attempts", e.Attempts)
		}
	})
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

func TestFault008_AnAnswerThatBreaksOffIsWhatItsHeaderSays(t *testing.T) {
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

func gzipped(text []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(text)
	_ = w.Close()
	return b.Bytes()
}

func TestFault011_BrokenCompressionIsABadResponse(t *testing.T) {
	good := gzipped([]byte(`{"id":"some-transfer"}`))
	crc := bytes.Clone(good)
	crc[len(crc)-8] ^= 1
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		for name, body := range map[string][]byte{"truncated": good[:len(good)-4], "bad checksum": crc, "not compressed": []byte(`{"id":"x"}`)} {
			t.Run(name, func(t *testing.T) {
				r, _ := overSocket(t, p)
				r.bank.Always(faultserver.Text(200, "application/json", string(body)).With("Content-Encoding", "gzip"))
				err := r.read(t.Context())
				r.check(t, err, want{OutcomeBadResponse, 3, 0})
				if e, ok := errors.AsType[*Error](err); !ok || e.StatusCode != 200 || e.Committed {
					t.Errorf("%#v", e)
				}
			})
		}
	})
}

func TestFault012_ABodyWithoutEndStopsAtTheCap(t *testing.T) {
	bomb := gzipped(make([]byte, 3<<20))
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		r, _ := overSocket(t, p, WithLimits(Limits{Body: 2 << 20}))
		r.bank.Always(faultserver.Text(200, "application/json", string(bomb)).With("Content-Encoding", "gzip").Committed())
		err := r.read(t.Context())
		r.check(t, err, want{OutcomeBadResponse, 1, 0})
		if !errors.Is(err, ErrTooLarge) {
			t.Error(err)
		}
	})
	virtual(t, "a write that was done", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Text(200, "application/json", string(make([]byte, maxBody+1))).Committed())
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeBadResponse, 1, 1})
		if e, _ := errors.AsType[*Error](err); !e.Committed {
			t.Errorf("a write whose answer of 2xx is too large was done: %v", err)
		}
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

func TestFault025_ErrorsWithBodiesLeaveTheConnectionUsable(t *testing.T) {
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		r, server := overSocket(t, p)
		long := strings.Repeat("x", 4<<10)
		r.bank.Always(faultserver.Text(404, "text/plain", long))
		before := leak.Descriptors()
		for range 1000 {
			if err := r.read(t.Context()); OutcomeOf(err) != OutcomeRejected {
				t.Fatal(err)
			}
		}
		if n := server.Accepted(); n > 2 {
			t.Errorf("%d connections for 1,000 answers", n)
		}
		if after := leak.Descriptors(); after > before+8 {
			t.Errorf("%d descriptors before, %d after", before, after)
		}
		r.check(t, r.read(t.Context()), want{OutcomeRejected, 1001, 0})
	})
}

func TestFault028_AProxyInTheWayIsNamedAndItsPasswordIsNot(t *testing.T) {
	virtual(t, "407", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Text(407, "text/plain", "log in"))
		r.check(t, r.pay(t.Context()), want{OutcomeNotSent, 1, 0})
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

func TestFault029_AClockThatJumpsCostsOneReplayAtMost(t *testing.T) {
	for name, jump := range map[string]time.Duration{"ahead": time.Hour, "back": -time.Hour} {
		virtual(t, "the bank's clock is "+name, func(t *testing.T) {
			r := inMemoryRig(t)
			if _, err := r.caller.token.get(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.bank.Now = func() time.Time { return time.Now().Add(jump) }
			sends := 1
			if jump > 0 {
				sends = 2
			}
			r.check(t, r.pay(t.Context()), want{OutcomeOK, sends, 1})
		})
	}
	virtual(t, "a machine that slept renews its token first", func(t *testing.T) {
		r := inMemoryRig(t)
		if _, err := r.caller.token.get(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Hour)
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 1, 1})
		if n := r.bank.Tokens(); n != 2 {
			t.Errorf("%d tokens", n)
		}
	})
}
