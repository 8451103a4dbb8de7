package dwolla

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// Code of the user's runs inside of a call: transports and the bodies that they return, middleware, rules, loggers and
// cookie jars. It may panic, end its goroutine, or ignore the context. isolate turns each of these into an error. Only
// Wait.Progress runs in the caller's goroutine, where noPanic is all that can be done.

var (
	errExited    = errors.New("the code of a transport, middleware or rule ended its goroutine")
	errAbandoned = errors.New("the code of a transport, middleware or rule did not return when the context ended")
)

// grace is how long foreign code may take to return once its context has ended. A chain, in which other foreign code runs,
// has longer.
const (
	grace      = 12 * time.Millisecond
	chainGrace = 3 * grace
)

// A panicError stands for a recovered panic. The value of the panic is dropped, since it may hold anything; the stack has
// no values, and is for the log.
type panicError struct{ stack []byte }

func (*panicError) Error() string {
	return "the code of a transport, middleware, rule or Progress panicked"
}

// isolate runs foreign code in a goroutine of its own, and leaves it there if it does not return soon after the context
// has ended.
func isolate[T any](ctx context.Context, run func() (T, error)) (T, error) {
	return isolateFor(ctx, grace, run)
}

func isolateFor[T any](ctx context.Context, grace time.Duration, run func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		r := result{err: errExited}
		defer func() { done <- r }()
		defer noPanic(&r.err)
		value, err := run()
		r = result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.value, r.err
	case <-timer.C:
		return *new(T), errAbandoned
	}
}

// noPanic is deferred around foreign code, and turns its panic into an error.
func noPanic(err *error) {
	if recover() != nil {
		*err = &panicError{debug.Stack()}
	}
}

// An unfinishedError is for middleware that returned before the next that it called. It holds what the middleware returned.
type unfinishedError struct{ err error }

func (e *unfinishedError) Error() string { return "middleware returned before next did" }

// Unwrap returns the error of the middleware.
func (e *unfinishedError) Unwrap() error { return e.err }

// lost reports whether an error of isolate says that foreign code did not return, or is still at work. An error of a call
// may wrap one of these.
func lost(err error) bool {
	switch err.(type) { //nolint:errorlint // one that is wrapped is that of an attempt
	case *panicError, *unfinishedError:
		return true
	default:
		return err == errExited || err == errAbandoned //nolint:errorlint // as above
	}
}

// isForeign reports whether an HTTP client has code of the user's. net/http's own transport heeds the context, and never
// ends a goroutine.
func isForeign(client *http.Client) bool {
	if client == nil {
		return false
	}
	return client.Jar != nil || !isTraced(client)
}

// isTraced reports whether the transport of an HTTP client is net/http's own.
func isTraced(client *http.Client) bool {
	if client == nil || client.Transport == nil {
		return true
	}
	_, own := client.Transport.(*http.Transport)
	return own
}

// logPanic writes the stack of a panic to the debug log. Some of its callers run no other foreign code, so that the handler
// must not hold them up.
func (c *config) logPanic(ctx context.Context, err error) {
	if p, ok := errors.AsType[*panicError](err); ok {
		_, _ = isolate(ctx, func() (any, error) {
			c.log(ctx, slog.LevelDebug, "dwolla recovered from a panic", slog.String("stack", string(p.stack)))
			return nil, nil
		})
	}
}

// logLimit is how long a handler may take for a line.
const logLimit = time.Second

// log writes a line, whatever the handler does: an answer that has come counts.
func (c *config) log(ctx context.Context, level slog.Level, message string, attrs ...slog.Attr) {
	if c.logger.Handler() == slog.DiscardHandler {
		return
	}
	limited, cancel := context.WithTimeout(ctx, logLimit)
	defer cancel()
	_, _ = isolate(limited, func() (struct{}, error) {
		if c.logger.Enabled(ctx, level) {
			c.logger.LogAttrs(context.WithoutCancel(ctx), level, message, attrs...)
		}
		return struct{}{}, nil
	})
}

// A contextReader stops reading when its context ends, or when its reader gives nothing again and again.
type contextReader struct {
	ctx   context.Context
	r     io.Reader
	empty int // reads in a row
}

func (c *contextReader) Read(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, ended(c.ctx)
	}
	n, err := c.r.Read(p)
	if c.empty++; n != 0 {
		c.empty = 0
	}
	if c.empty >= 100 && err == nil {
		return 0, io.ErrNoProgress
	}
	return n, err
}
