package dwolla

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/leak"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/testkit"
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
				r, server := overSocket(t, p)
				r.warm(t)
				before := server.Accepted()
				spoil(transportOf(r).TLSClientConfig)
				err := r.pay(t.Context())
				r.check(t, err, want{OutcomeNotSent, 0, 0})
				if n := server.Accepted() - before; n != 1 || !strings.Contains(err.Error(), "certificate") {
					t.Errorf("%d connections: %v", n, err)
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
			before := server.Accepted()
			server.OnAccept(func(int, net.Conn) bool { return false })
			transportOf(r).TLSHandshakeTimeout = 20 * time.Millisecond
			r.check(t, r.pay(t.Context()), want{OutcomeNotSent, 0, 0})
			if n := server.Accepted() - before; n != 3 {
				t.Errorf("%d connections", n)
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
			before := server.Accepted()
			server.OnAccept(func(_ int, c net.Conn) bool { faultserver.ResetConn(c); return false })
			r.check(t, r.pay(t.Context()), want{OutcomeNotSent, 0, 0})
			if n := server.Accepted() - before; n != 3 {
				t.Errorf("%d connections", n)
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

// plain are the protocols in which a server can break the rules of HTTP/1.1.
var plain = []faultserver.Protocol{faultserver.HTTP1, faultserver.HTTP1TLS}

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
	bomb := gzipped(make([]byte, maxBody+1<<20))
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		r, _ := overSocket(t, p)
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
	limit := WithTimeouts(Timeouts{Attempt: 100 * time.Millisecond})
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
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
		r, server := overSocket(t, faultserver.HTTP1, limit)
		r.warm(t)
		before := server.Accepted()
		var writers sync.WaitGroup
		defer writers.Wait()
		server.OnAccept(func(_ int, c net.Conn) bool {
			writers.Go(func() {
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
		if n := server.Accepted() - before; n != 6 {
			t.Errorf("%d connections", n)
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
		r, _ := overSocket(t, p, WithTimeouts(Timeouts{Attempt: 50 * time.Millisecond}))
		r.bank.Always(faultserver.Stall().Committed())
		r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 3, 1})
	})
}

func TestFault015_FailuresOfTheServerAreRetriedThenUnknown(t *testing.T) {
	codes := []int{500, 502, 503, 504}
	for _, a := range codes {
		for _, b := range codes {
			virtual(t, name("%d, %d, then done", a, b), func(t *testing.T) {
				r := inMemoryRig(t)
				r.bank.Script(status(a, b)...)
				r.check(t, r.pay(t.Context()), want{OutcomeOK, 3, 1})
			})
		}
	}
	virtual(t, "four in a row", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(status(codes...)...)
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeUnknown, 3, 0})
		if e, _ := errors.AsType[*Error](err); e.StatusCode != 503 || len(e.Earlier) != 2 || e.Earlier[0].StatusCode != 500 {
			t.Errorf("%+v", e)
		}
	})
	virtual(t, "a read that fails to the end is a bad response", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(status(codes...)...)
		r.check(t, r.read(t.Context()), want{OutcomeBadResponse, 3, 0})
	})
}

func TestFault016_TheBudgetEndsRetriesInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Status(503, "ServerError"))
		var workers sync.WaitGroup
		for range 200 {
			workers.Go(func() {
				for range 10 {
					if err := r.read(t.Context()); OutcomeOf(err) != OutcomeBadResponse {
						t.Error(err)
					}
				}
			})
		}
		workers.Wait()
		calls, sends := r.guard.Calls(), len(r.bank.Requests())
		if calls != 2000 || sends != calls+budgetSize/budgetCost {
			t.Errorf("%d calls were %d requests", calls, sends)
		}
	})
}

func TestFault017_WhatTheServerDoesNotKnowIsNotRetried(t *testing.T) {
	for _, code := range []int{501, 505} {
		virtual(t, http.StatusText(code), func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Always(faultserver.Status(code, ""))
			r.check(t, r.pay(t.Context()), want{OutcomeRejected, 1, 0})
		})
	}
}

func TestFault018_RetryAfterIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(429, "TooManyRequests").With("Retry-After", "2"))
		started := time.Now()
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
		if d := time.Since(started); d < 2*time.Second || d > 3*time.Second {
			t.Errorf("after %s", d)
		}
	})
}

func TestFault019_RetryAfterCanBeADate(t *testing.T) {
	for name, format := range map[string]func(time.Time) string{
		"RFC 1123":        func(at time.Time) string { return at.Format(http.TimeFormat) },
		"RFC 1123 in UTC": func(at time.Time) string { return at.Format(time.RFC1123) },
		"RFC 850":         func(at time.Time) string { return strings.Replace(at.Format(time.RFC850), "UTC", "GMT", 1) },
		"asctime":         func(at time.Time) string { return at.Format(time.ANSIC) },
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second)))
			r.bank.Script(faultserver.Status(429, "").With("Retry-After", format(time.Now().Add(30*time.Second).UTC())))
			started := time.Now()
			r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
			if d := time.Since(started); d < 30*time.Second || d > 31*time.Second {
				t.Errorf("after %s", d)
			}
		})
	}
	virtual(t, "a date of the past is no wait of its own", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(429, "").With("Retry-After", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)))
		started := time.Now()
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
		if d := time.Since(started); d < 100*time.Millisecond || d > 500*time.Millisecond {
			t.Errorf("after %s", d)
		}
	})
}

func TestFault020_OddRetryAfterNeitherOverflowsNorSpins(t *testing.T) {
	for _, value := range []string{"0", "-1", "1e9", "NaN", "abc", "", "1.5"} {
		virtual(t, "no sense in "+value, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Script(faultserver.Status(429, "").With("Retry-After", value))
			started := time.Now()
			r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
			if d := time.Since(started); d < 100*time.Millisecond || d > 500*time.Millisecond {
				t.Errorf("after %s", d)
			}
		})
	}
	virtual(t, "two headers", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Script(faultserver.Status(429, "").With("Retry-After", "1").With("Retry-After", "50"))
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
	})
	for value, seconds := range map[string]int64{"3600": 3600, "1000000000": 1e9, "99999999999999999999": 1 << 31, "61": 61} {
		virtual(t, "above the cap "+value, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Script(faultserver.Status(429, "").With("Retry-After", value))
			started := time.Now()
			err := r.pay(t.Context())
			r.check(t, err, want{OutcomeRateLimited, 1, 0})
			if e, _ := errors.AsType[*Error](err); time.Since(started) != 0 || int64(e.RetryAfter/time.Second) != seconds {
				t.Errorf("%s after %s", e.RetryAfter, time.Since(started))
			}
		})
	}
}

func TestFault021_ConcurrentTransfersOfOneSourceDoNotStarve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t, WithRetries(Retries{MaxAttempts: 8}))
		r.guard.MaxSends = 8
		var busy sync.Mutex
		r.bank.Fault = func(int, *http.Request) *faultserver.Fault {
			if !busy.TryLock() {
				return faultserver.Status(429, "TooManyRequests")
			}
			time.AfterFunc(200*time.Millisecond, busy.Unlock)
			return nil
		}
		var workers sync.WaitGroup
		for w := range 2 {
			workers.Go(func() {
				for i := range 10 {
					if _, err := r.Transfers.Create(t.Context(), payment(name("worker-%d-%d", w, i))); err != nil {
						t.Errorf("worker %d: %v", w, err)
					}
				}
			})
		}
		workers.Wait()
		if n := r.bank.Ledger.Len(); n != 20 {
			t.Errorf("paid %d times", n)
		}
		time.Sleep(time.Second) // the last unlock
	})
}

func TestFault022_CancellationEndsAnyWaitAtOnce(t *testing.T) {
	cases := map[string]struct {
		arrange func(*rig)
		call    func(context.Context, *rig) error
		want    want
	}{
		"in the backoff": {
			func(r *rig) { r.bank.Always(faultserver.Status(429, "").With("Retry-After", "50")) },
			func(ctx context.Context, r *rig) error { return r.pay(ctx) },
			want{OutcomeCanceled, 1, 0},
		},
		"in the backoff after a failure": {
			func(r *rig) { r.bank.Always(faultserver.Status(503, "").With("Retry-After", "50").Committed()) },
			func(ctx context.Context, r *rig) error { return r.pay(ctx) },
			want{OutcomeUnknown, 1, 1},
		},
		"waiting for the token": {
			func(r *rig) {
				r.bank.Token = func(_ http.ResponseWriter, req *http.Request) bool { <-req.Context().Done(); return true }
			},
			func(ctx context.Context, r *rig) error { return r.pay(ctx) },
			want{OutcomeCanceled, 0, 0},
		},
		"reading the body": {
			func(r *rig) { r.bank.Always(&faultserver.Fault{End: faultserver.Trickle}) },
			func(ctx context.Context, r *rig) error { return r.read(ctx) },
			want{OutcomeCanceled, 1, 0},
		},
		"a payment under way": {
			func(r *rig) { r.bank.Always(faultserver.Stall().Committed()) },
			func(ctx context.Context, r *rig) error { return r.pay(ctx) },
			want{OutcomeUnknown, 1, 1},
		},
		"a read under way": {
			func(r *rig) { r.bank.Always(faultserver.Stall()) },
			func(ctx context.Context, r *rig) error { return r.read(ctx) },
			want{OutcomeCanceled, 1, 0},
		},
		"before the call": {
			func(*rig) {}, func(ctx context.Context, r *rig) error {
				ended, cancel := context.WithCancel(ctx)
				cancel()
				time.Sleep(5 * time.Second)
				return r.pay(ended)
			}, want{OutcomeCanceled, 0, 0},
		},
	}
	for name, c := range cases {
		for cause, why := range map[string]error{"": nil, ", with a cause": errors.New("the payroll was stopped")} {
			virtual(t, name+cause, func(t *testing.T) {
				r := inMemoryRig(t)
				c.arrange(r)
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(5*time.Second, func() { cancel(why) })
				started := time.Now()
				err := c.call(ctx, r)
				r.check(t, err, c.want)
				if d := time.Since(started); d != 5*time.Second {
					t.Errorf("returned after %s", d)
				}
				if !errors.Is(err, context.Canceled) || why != nil && name != "before the call" && !errors.Is(err, why) {
					t.Errorf("%v does not tell the end of the context", err)
				}
				time.Sleep(time.Minute) // the token's own fetch
			})
		}
	}
}

func TestFault023_ADeadlineBeforeTheNextAttemptReturnsTheErrorNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Always(faultserver.Status(429, "TooManyRequests").With("Retry-After", "30"))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		started := time.Now()
		err := r.pay(ctx)
		r.check(t, err, want{OutcomeRateLimited, 1, 0})
		if time.Since(started) != 0 || !errors.Is(err, api.CodeTooManyRequests) {
			t.Errorf("after %s: %v", time.Since(started), err)
		}
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
