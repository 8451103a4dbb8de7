package dwolla_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A bank is a transport that pays whatever POST comes, and notes every request as it was on arrival.
type bank struct {
	mu     sync.Mutex
	seen   []sentRequest
	answer func(req *http.Request) (*http.Response, error) // nil for 201 with a Location, or a transfer
}

func (b *bank) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Path, "/token") {
		return reply(200, `{"access_token":"t","token_type":"bearer","expires_in":3600}`), nil
	}
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
	}
	b.mu.Lock()
	b.seen = append(b.seen, sentRequest{
		Method: req.Method, URL: req.URL.String(), Header: req.Header.Clone(), Body: body, Authorization: req.Header.Get("Authorization"),
	})
	b.mu.Unlock()
	if b.answer != nil {
		return b.answer(req)
	}
	if req.Method == http.MethodGet {
		return reply(200, `{"id":"x","status":"pending"}`), nil
	}
	return reply(201, "", "Location", sandbox+"/transfers/x"), nil
}

func (b *bank) requests() []sentRequest {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]sentRequest(nil), b.seen...)
}

// clientOf makes a client over a transport of the user's, which no guard watches.
func clientOf(t *testing.T, transport http.RoundTripper, opts ...dwolla.Option) *dwolla.Client {
	t.Helper()
	client, err := dwolla.NewClient(dwolla.Sandbox, "key", "secret", append([]dwolla.Option{
		dwolla.WithHTTPClient(&http.Client{Transport: transport}),
		dwolla.WithRetries(dwolla.Retries{BaseDelay: time.Millisecond, MinDelay: time.Millisecond}),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func pay(ctx context.Context, c *dwolla.Client) error {
	_, err := c.Transfers.Create(ctx, aTransfer())
	return err
}

// A trap is a place where code of the user runs, and what it does there.
type trap func(harm func()) (http.RoundTripper, []dwolla.Option)

// trapBody is a body whose Read or Close does harm.
type trapBody struct {
	io.Reader
	read, close func()
}

func (b trapBody) Read(p []byte) (int, error) {
	if b.read != nil {
		b.read()
	}
	return b.Reader.Read(p)
}

func (b trapBody) Close() error {
	if b.close != nil {
		b.close()
	}
	return nil
}

type trapLogger struct{ harm func() }

func (l trapLogger) Enabled(context.Context, slog.Level) bool  { return true }
func (l trapLogger) Handle(context.Context, slog.Record) error { l.harm(); return nil }
func (l trapLogger) WithAttrs([]slog.Attr) slog.Handler        { return l }
func (l trapLogger) WithGroup(string) slog.Handler             { return l }

type trapJar struct{ harm func() }

func (j trapJar) SetCookies(*url.URL, []*http.Cookie) { j.harm() }
func (j trapJar) Cookies(*url.URL) []*http.Cookie     { j.harm(); return nil }

// traps are the places where code of the user runs, apart from the readers of uploads. Where arrives is set, the payment
// has arrived, or nobody can know.
func traps() map[string]struct {
	arrives bool
	trap    trap
} {
	type row = struct {
		arrives bool
		trap    trap
	}
	middleware := func(m dwolla.Middleware) (http.RoundTripper, []dwolla.Option) {
		return new(bank), []dwolla.Option{dwolla.WithMiddleware(m)}
	}
	return map[string]row{
		"a transport, before": {true, func(harm func()) (http.RoundTripper, []dwolla.Option) {
			b := new(bank)
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				if req.Header.Get("Idempotency-Key") != "" {
					harm()
				}
				return b.RoundTrip(req)
			}), nil
		}},
		"a transport, after": {true, func(harm func()) (http.RoundTripper, []dwolla.Option) {
			b := new(bank)
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				resp, err := b.RoundTrip(req)
				if req.Header.Get("Idempotency-Key") != "" {
					harm()
				}
				return resp, err
			}), nil
		}},
		"the Read of an answer": {true, func(harm func()) (http.RoundTripper, []dwolla.Option) {
			b := new(bank)
			b.answer = func(*http.Request) (*http.Response, error) {
				resp := reply(201, "")
				resp.Body = trapBody{Reader: resp.Body, read: harm}
				return resp, nil
			}
			return b, nil
		}},
		"the Close of an answer": {true, func(harm func()) (http.RoundTripper, []dwolla.Option) {
			b := new(bank)
			b.answer = func(*http.Request) (*http.Response, error) {
				resp := reply(500, "{}")
				resp.Body = trapBody{Reader: resp.Body, close: harm}
				return resp, nil
			}
			return b, nil
		}},
		"the Close of a token": {false, func(harm func()) (http.RoundTripper, []dwolla.Option) {
			b := new(bank)
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				resp, err := b.RoundTrip(req)
				if req.URL.Path == "/token" {
					resp.StatusCode = 503
					resp.Body = trapBody{Reader: resp.Body, close: harm}
				}
				return resp, err
			}), nil
		}},
		"the transport of a token": {false, func(harm func()) (http.RoundTripper, []dwolla.Option) {
			b := new(bank)
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				if req.URL.Path == "/token" {
					harm()
					return nil, errors.New("no token")
				}
				return b.RoundTrip(req)
			}), nil
		}},
		"a rule, of a call": {true, func(harm func()) (http.RoundTripper, []dwolla.Option) {
			b := &bank{answer: func(*http.Request) (*http.Response, error) { return reply(503, "{}"), nil }}
			return b, []dwolla.Option{dwolla.WithRetries(dwolla.Retries{If: func(*dwolla.Error) bool { harm(); return false }})}
		}},
		"a rule, of a token": {false, func(harm func()) (http.RoundTripper, []dwolla.Option) {
			return roundTripper(func(*http.Request) (*http.Response, error) { return reply(503, "{}"), nil }),
				[]dwolla.Option{dwolla.WithRetries(dwolla.Retries{If: func(*dwolla.Error) bool { harm(); return false }})}
		}},
		"a cookie jar": {false, func(harm func()) (http.RoundTripper, []dwolla.Option) {
			return new(bank), []dwolla.Option{dwolla.WithHTTPClient(&http.Client{Transport: new(bank), Jar: trapJar{harm}})}
		}},
		"middleware, before": {false, func(harm func()) (http.RoundTripper, []dwolla.Option) {
			return middleware(func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
				harm()
				return nil, errors.New("refused by middleware")
			})
		}},
		"middleware, after": {true, func(harm func()) (http.RoundTripper, []dwolla.Option) {
			return middleware(func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
				_, _ = next(req)
				harm()
				return nil, errors.New("the audit log is full")
			})
		}},
		"the body of a request that middleware made": {false, func(harm func()) (http.RoundTripper, []dwolla.Option) {
			return middleware(func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
				req.Body = trapBody{Reader: strings.NewReader("{}"), read: func() { harm(); panic("no more") }}
				return next(req)
			})
		}},
		"the body of an answer that middleware made": {true, func(harm func()) (http.RoundTripper, []dwolla.Option) {
			return middleware(func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
				resp, err := next(req)
				if err == nil {
					resp.Body = trapBody{Reader: resp.Body, read: func() { harm(); panic("no more") }}
				}
				return resp, err
			})
		}},
	}
}

// settled checks an error against whether the payment arrived.
func settled(t *testing.T, err error, arrived bool) {
	t.Helper()
	if err == nil {
		t.Fatal("the call succeeded")
	}
	outcome := dwolla.OutcomeOf(err)
	if arrived != (outcome == dwolla.OutcomeUnknown) || arrived != errors.Is(err, dwolla.ErrOutcomeUnknown) {
		t.Errorf("outcome %q while arrived is %v: %v", outcome, arrived, err)
	}
	if unknown, ok := errors.AsType[*dwolla.OutcomeUnknownError](err); arrived && (!ok || unknown.IdempotencyKey == "" || unknown.CorrelationID != "rent-1" || unknown.BodySHA256 == "" || unknown.First.IsZero()) {
		t.Errorf("nothing to look the payment up by: %+v", unknown)
	}
}

func TestFault163_CodeOfTheUserThatPanicsEndsItsCallWithAnError(t *testing.T) {
	for name, c := range traps() {
		t.Run(name, func(t *testing.T) {
			transport, opts := c.trap(func() { panic("secret-canary") })
			client := clientOf(t, transport, opts...)
			for range 2 { // the client stays usable
				err := pay(t.Context(), client)
				settled(t, err, c.arrives)
				if strings.Contains(err.Error(), "canary") {
					t.Errorf("the error shows the value of the panic: %v", err)
				}
			}
		})
	}
}

func TestFault164_CodeOfTheUserThatExitsItsGoroutineEndsItsCallWithAnError(t *testing.T) {
	for name, c := range traps() {
		t.Run(name, func(t *testing.T) {
			transport, opts := c.trap(runtime.Goexit)
			client := clientOf(t, transport, opts...)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			for range 2 {
				done := make(chan error, 1)
				go func() {
					err := errors.New("the goroutine of the caller was ended")
					defer func() { done <- err }()
					err = pay(ctx, client)
				}()
				err := <-done
				settled(t, err, c.arrives)
				if errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("only the deadline ended the call: %v", err)
				}
			}
		})
	}
}

func TestFault165_CodeOfTheUserThatBlocksDoesNotOutlastTheContext(t *testing.T) {
	for name, c := range traps() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			release := make(chan struct{})
			defer close(release)
			transport, opts := c.trap(func() { <-release })
			client := clientOf(t, transport, opts...)
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			start := time.Now()
			err := pay(ctx, client)
			if d := time.Since(start); d > 400*time.Millisecond {
				t.Errorf("returned after %s", d)
			}
			settled(t, err, c.arrives)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("does not say that the context ended: %v", err)
			}
		})
	}
}

func TestFault166_ALoggerThatFailsDoesNotChangeTheOutcome(t *testing.T) {
	b := new(bank)
	client := clientOf(t, b, dwolla.WithLogger(slog.New(trapLogger{func() { panic("logger") }})))
	if err := pay(t.Context(), client); err != nil || len(b.requests()) != 1 {
		t.Errorf("%d requests: %v", len(b.requests()), err)
	}
	client = clientOf(t, b, dwolla.WithLogger(slog.New(trapLogger{runtime.Goexit})))
	settled(t, pay(t.Context(), client), true)
	release := make(chan struct{})
	defer close(release)
	client = clientOf(t, b, dwolla.WithLogger(slog.New(trapLogger{func() { <-release }})))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	settled(t, pay(ctx, client), true)
}

// A token endpoint that hangs or dies once must not leave the client without tokens for ever.
func TestFault167_AFetchOfATokenThatDiesLeavesTheClientUsable(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	for name, harm := range map[string]func(){
		"exits": runtime.Goexit, "panics": func() { panic("x") }, "hangs": func() { <-release },
	} {
		t.Run(name, func(t *testing.T) {
			b, first := new(bank), true
			var mu sync.Mutex
			client := clientOf(t, roundTripper(func(req *http.Request) (*http.Response, error) {
				mu.Lock()
				now := first && req.URL.Path == "/token"
				first = false
				mu.Unlock()
				if now {
					harm()
				}
				return b.RoundTrip(req)
			}), dwolla.WithTimeouts(dwolla.Timeouts{Token: 100 * time.Millisecond}), dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}))
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			start := time.Now()
			settled(t, pay(ctx, client), false)
			if d := time.Since(start); d > time.Second {
				t.Errorf("the first call took %s", d)
			}
			if err := pay(ctx, client); err != nil {
				t.Errorf("the client is dead: %v", err)
			}
		})
	}
}

func TestFault168_APanicKeepsItsStackForTheDebugLog(t *testing.T) {
	for _, name := range []string{"a transport, after", "a rule, of a call", "middleware, after"} {
		var log bytes.Buffer
		transport, opts := traps()[name].trap(func() { harmInThisFile() })
		logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		_ = pay(t.Context(), clientOf(t, transport, append(opts, dwolla.WithLogger(logger))...))
		if !strings.Contains(log.String(), "harmInThisFile") || strings.Contains(log.String(), "secret-canary") {
			t.Errorf("%s: the log does not say where: %s", name, &log)
		}
	}
}

func harmInThisFile() { panic("secret-canary") }

// A trapValue panics when it is encoded or decoded.
type trapValue struct{}

func (trapValue) MarshalJSON() ([]byte, error) { panic("secret-canary") }
func (*trapValue) UnmarshalJSON([]byte) error  { panic("secret-canary") }

func TestFault185_AValueThatPanicsWhenItIsEncodedOrDecodedIsAnError(t *testing.T) {
	b := new(bank)
	client := clientOf(t, b)
	if _, err := client.Post(t.Context(), "/transfers", trapValue{}, nil); !errors.Is(err, dwolla.ErrNotSent) || len(b.requests()) != 0 {
		t.Errorf("%d requests: %v", len(b.requests()), err)
	}
	if err := client.Get(t.Context(), "/transfers/x", nil, new(trapValue)); dwolla.OutcomeOf(err) != dwolla.OutcomeBadResponse {
		t.Error(err)
	}
}

func TestALogHandlerThatBlocksAfterAPanicDoesNotOutlastTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		client := clientOf(t, new(bank), dwolla.WithLogger(slog.New(trapLogger{func() { <-release }})),
			dwolla.WithMiddleware(func(*http.Request, next) (*http.Response, error) { panic("middleware panics") }))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		released := time.AfterFunc(time.Hour, func() { release <- struct{}{} })
		defer func() { released.Stop(); close(release) }()
		start := time.Now()
		err := pay(ctx, client)
		if took := time.Since(start); took > time.Minute+50*time.Millisecond || dwolla.OutcomeOf(err) != dwolla.OutcomeCanceled {
			t.Errorf("it took %v: %v", took, err)
		}
	})
}
