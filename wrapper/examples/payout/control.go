package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// A run has the record open while it is at work, and no other program can open it: the run listens on a socket beside the
// record, and carries out what the operator's other commands ask for.

// controlTimeout is how long a command at the other end of the socket may take.
const controlTimeout = time.Minute

type controlAnswer struct {
	Code     int
	Out, Err string
}

func socketOf(record string) string { return record + ".sock" }

// serve listens until stop is called. Payments go on if it cannot.
func (c *console) serve(ctx context.Context, path string, store *record) (stop func()) {
	socket := socketOf(path)
	if info, err := os.Lstat(socket); err == nil && info.Mode()&os.ModeSocket != 0 {
		_ = os.Remove(socket) // of a program that was killed: the record is this one's
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "unix", socket)
	if err != nil {
		c.warn("other commands have to wait until this one ends: %v", err)
		return func() {}
	}
	_ = os.Chmod(socket, 0o600) // the record, which it gives access to, is the owner's alone too
	var commands sync.WaitGroup
	commands.Go(func() {
		for {
			conn, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				commands.Go(func() { carryOut(ctx, conn, store.FileStore) })
			}
		}
	})
	return func() {
		_ = l.Close() // removes the socket
		commands.Wait()
	}
}

// carryOut runs one command on the open record.
func carryOut(ctx context.Context, conn net.Conn, store *payout.FileStore) {
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	_ = conn.SetDeadline(time.Now().Add(controlTimeout))
	var args []string
	if json.NewDecoder(conn).Decode(&args) != nil || len(args) == 0 {
		return
	}
	for _, cmd := range commands() {
		if cmd.name == args[0] && cmd.remote {
			var out, errs bytes.Buffer
			code := run(ctx, args, &console{in: strings.NewReader(""), out: &out, err: &errs, open: store})
			_ = json.NewEncoder(conn).Encode(controlAnswer{code, out.String(), errs.String()}) // whoever asked is gone
		}
	}
}

// forward has the program that has the record open carry out a command.
func (c *console) forward(ctx context.Context, path string, args []string) (code int, done bool) {
	ctx, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", socketOf(path))
	if err != nil {
		return 0, false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(controlTimeout))
	var answer controlAnswer
	if json.NewEncoder(conn).Encode(args) != nil || json.NewDecoder(conn).Decode(&answer) != nil {
		return 0, false
	}
	_, _ = c.err.Write([]byte(answer.Err))
	if _, err := c.out.Write([]byte(answer.Out)); err != nil {
		return c.end(err), true
	}
	return answer.Code, true
}
