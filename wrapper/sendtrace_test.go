package dwolla

import (
	"context"
	"errors"
	"net"
	"net/http"
	"syscall"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestTheTraceKnowsWhetherBytesWereSent(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: errors.New("refused")}
	for name, c := range map[string]struct {
		cause error
		want  bool
	}{
		"a failure to connect": {dial, false}, "no name": {&net.DNSError{}, false}, "anything else": {errors.New("reset"), true},
	} {
		s := sendTrace{foreign: true}
		s.body.ReadCloser = http.NoBody
		if got := s.mayHaveArrived(c.cause); got != c.want {
			t.Errorf("without a trace, %s: %v", name, got)
		}
		s.body.state.Store(bodyRead)
		if !s.mayHaveArrived(c.cause) {
			t.Errorf("without a trace, and the body was read, %s", name)
		}
		if !(&sendTrace{foreign: true}).mayHaveArrived(c.cause) {
			t.Errorf("without a trace and without a body, %s", name)
		}
	}
	var s sendTrace
	s.traced.Store(true)
	if s.mayHaveArrived(errors.New("reset")) {
		t.Error("traced, and nothing was written")
	}
	s.wrote.Store(true)
	if !s.mayHaveArrived(dial) {
		t.Error("traced, and something was written")
	}
	conn := &countedConn{}
	conn.written.Store(7)
	s.got(conn)
	if s.mayHaveArrived(dial) {
		t.Error("the connection has taken no byte of it")
	}
	conn.written.Store(8)
	if !s.mayHaveArrived(dial) {
		t.Error("the connection has taken a byte of it")
	}
	s.got(nil)
	if !s.mayHaveArrived(dial) {
		t.Error("a connection that does not count is in doubt")
	}
}

// A mute connection refuses every byte.
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
