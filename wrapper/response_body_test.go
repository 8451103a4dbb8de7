package dwolla

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/internal/leak"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

// location is the header of an answer that says where the new transfer is.
func location(s *faultserver.Server) string { return "Location: " + s.URL + "/transfers/made\r\n" }

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
	// In HTTP/2 a body ends with its last frame, so that it has no faults of chunks and lengths.
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
		r.bank.Always(faultserver.Text(201, "application/json", string(make([]byte, maxBody+1))).Committed())
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeBadResponse, 1, 1})
		if e, _ := errors.AsType[*Error](err); !e.Committed {
			t.Errorf("a write whose answer of 2xx is too large was done: %v", err)
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

func TestGoal11_ConnectionsAreUsedAgain(t *testing.T) {
	answers := []*faultserver.Fault{
		nil, nil, nil, faultserver.Status(404, "NotFound"), faultserver.Status(400, "ValidationError"), faultserver.Status(520, "ServerError"),
		faultserver.Text(404, "text/html", strings.Repeat("x", 64<<10)), faultserver.Text(403, "", ""),
	}
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		r, server := overSocket(t, p)
		r.bank.Fault = func(n int, _ *http.Request) *faultserver.Fault {
			if n%500 == 0 {
				return faultserver.Text(404, "text/html", strings.Repeat("x", maxErrorBody)) // up to the cap
			}
			return answers[n%len(answers)]
		}
		calls := size(300, 10_000)
		for range calls {
			_ = r.read(t.Context())
		}
		reused := 100 * (1 - float64(server.Accepted())/float64(calls))
		if reused < 99 {
			t.Errorf("%.2f %% of %d calls used a connection again", reused, calls)
		}
		t.Logf("G11: %s: %d calls, %d connections, %.2f %% reused", p, calls, server.Accepted(), reused)
	})
}
