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
	"sync/atomic"
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

func TestFault307_ARuleForRetriesThatFailsHidesNoAnswer(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	for name, harm := range map[string]func(){"panics": func() { panic("secret-canary") }, "exits": runtime.Goexit, "blocks": func() { <-release }} {
		for answer, c := range map[string]struct {
			status  int
			body    string
			outcome dwolla.Outcome
			code    dwolla.Code
		}{
			"refused":      {400, `{"code":"ValidationError"}`, dwolla.OutcomeRejected, dwolla.CodeValidationError},
			"rate limited": {429, `{"code":"TooManyRequests"}`, dwolla.OutcomeRateLimited, dwolla.CodeTooManyRequests},
			"failed":       {500, `{"code":"ServerError"}`, dwolla.OutcomeUnknown, dwolla.CodeServerError},
		} {
			t.Run(answer+", "+name, func(t *testing.T) {
				b := &bank{answer: func(*http.Request) (*http.Response, error) { return reply(c.status, c.body), nil }}
				client := clientOf(t, b, dwolla.WithRetries(dwolla.Retries{If: func(*dwolla.Error) bool { harm(); return true }}))
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				err := pay(ctx, client)
				if dwolla.OutcomeOf(err) != c.outcome || !errors.Is(err, c.code) || len(b.requests()) != 1 {
					t.Errorf("%d requests: %q: %v", len(b.requests()), dwolla.OutcomeOf(err), err)
				}
				said := "ended its goroutine"
				switch name {
				case "panics":
					said = "panicked"
				case "blocks":
					said = context.DeadlineExceeded.Error()
				}
				if !strings.Contains(err.Error(), said) || strings.Contains(err.Error(), "canary") {
					t.Errorf("does not say that the rule failed: %v", err)
				}
			})
		}
	}
}

func TestFault166_ALoggerThatFailsDoesNotChangeTheOutcome(t *testing.T) {
	b := new(bank)
	client := clientOf(t, b, dwolla.WithLogger(slog.New(trapLogger{func() { panic("logger") }})))
	if err := pay(t.Context(), client); err != nil || len(b.requests()) != 1 {
		t.Errorf("%d requests: %v", len(b.requests()), err)
	}
	release := make(chan struct{})
	defer close(release)
	for name, harm := range map[string]func(){"exits": runtime.Goexit, "blocks": func() { <-release }} {
		for with, opts := range map[string][]dwolla.Option{"": nil, " with middleware": {dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) { return next(req) })}} {
			b := new(bank)
			client := clientOf(t, b, append(opts, dwolla.WithLogger(slog.New(trapLogger{harm})))...)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			if err := pay(ctx, client); err != nil || len(b.requests()) != 1 {
				t.Errorf("%s%s: %d requests: %v", name, with, len(b.requests()), err)
			}
			cancel()
			b.answer = func(*http.Request) (*http.Response, error) { return reply(400, `{"code":"ValidationError"}`), nil }
			ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
			if err := pay(ctx, client); dwolla.OutcomeOf(err) != dwolla.OutcomeRejected {
				t.Errorf("%s%s: %v", name, with, err)
			}
			cancel()
		}
	}
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

func TestFault251_NothingIsReadOnceTheCallHasEnded(t *testing.T) {
	for _, gives := range []string{"", " "} {
		for where, place := range map[string]func(body io.ReadCloser) (http.RoundTripper, []dwolla.Option){
			"an answer": func(body io.ReadCloser) (http.RoundTripper, []dwolla.Option) {
				return &bank{answer: func(*http.Request) (*http.Response, error) {
					resp := reply(201, "")
					resp.Body, resp.ContentLength = body, -1
					return resp, nil
				}}, nil
			},
			"an error": func(body io.ReadCloser) (http.RoundTripper, []dwolla.Option) {
				return &bank{answer: func(*http.Request) (*http.Response, error) {
					resp := reply(500, "")
					resp.Body, resp.ContentLength = body, -1
					return resp, nil
				}}, nil
			},
			"a gzip answer": func(body io.ReadCloser) (http.RoundTripper, []dwolla.Option) {
				return &bank{answer: func(*http.Request) (*http.Response, error) {
					resp := reply(201, "", "Content-Encoding", "gzip")
					resp.Body, resp.ContentLength = body, -1
					return resp, nil
				}}, nil
			},
			"a token": func(body io.ReadCloser) (http.RoundTripper, []dwolla.Option) {
				b := new(bank)
				return roundTripper(func(req *http.Request) (*http.Response, error) {
					resp, err := b.RoundTrip(req)
					if req.URL.Path == "/token" {
						resp.Body, resp.ContentLength = body, -1
					}
					return resp, err
				}), []dwolla.Option{dwolla.WithTimeouts(dwolla.Timeouts{Token: 200 * time.Millisecond})}
			},
			"a request": func(body io.ReadCloser) (http.RoundTripper, []dwolla.Option) {
				return new(bank), []dwolla.Option{dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
					req.Body = body
					return next(req)
				})}
			},
			"a replaced answer": func(body io.ReadCloser) (http.RoundTripper, []dwolla.Option) {
				return new(bank), []dwolla.Option{dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
					resp, err := next(req)
					if err == nil {
						resp.Body = body
					}
					return resp, err
				})}
			},
			"a request in the background": func(body io.ReadCloser) (http.RoundTripper, []dwolla.Option) {
				return new(bank), []dwolla.Option{dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
					own := req.Clone(req.Context())
					own.Body = body
					go func() { _, _ = next(own) }()
					time.Sleep(20 * time.Millisecond)
					return nil, errors.New("no patience")
				})}
			},
		} {
			t.Run(where+"/"+gives, func(t *testing.T) {
				t.Parallel()
				reads := new(atomic.Int64)
				transport, opts := place(idleBody{reads, gives})
				client := clientOf(t, transport, append(opts, dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}))...)
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
				start := time.Now()
				if pay(ctx, client) == nil && !strings.HasPrefix(where, "a request") {
					t.Error("succeeded")
				}
				if d := time.Since(start); d > time.Second {
					t.Errorf("returned after %s", d)
				}
				time.Sleep(100 * time.Millisecond)
				before := reads.Load()
				if time.Sleep(200 * time.Millisecond); reads.Load() != before {
					t.Errorf("still reads: %d, %d", before, reads.Load())
				}
				if gives == "" && before > 150 {
					t.Errorf("%d reads that gave nothing", before)
				}
			})
		}
	}
}

func TestFault252_ARuleForRetriesCannotChangeWhatIsReported(t *testing.T) {
	b := &bank{answer: func(*http.Request) (*http.Response, error) {
		return reply(500, `{"code":"ServerError","message":"no","_embedded":{"errors":[{"code":"X","path":"/amount","message":"m"}]}}`), nil
	}}
	var kept []*dwolla.Error
	spoil := func(e *dwolla.Error) {
		e.Outcome, e.StatusCode, e.Code, e.Err, e.IdempotencyKey, e.RequestID = dwolla.OutcomeRejected, 400, "Y", nil, "", ""
		for i := range e.Fields {
			e.Fields[i].Code = "Z"
		}
		for _, earlier := range e.Earlier {
			earlier.Outcome = dwolla.OutcomeNotSent
		}
	}
	client := clientOf(t, b, dwolla.WithRetries(dwolla.Retries{MaxAttempts: 2, If: func(e *dwolla.Error) bool {
		spoil(e)
		for _, earlier := range kept {
			spoil(earlier)
		}
		kept = append(kept, e)
		return true
	}}))
	err := pay(t.Context(), client)
	settled(t, err, true)
	last, _ := errors.AsType[*dwolla.Error](err)
	if last.StatusCode != 500 || last.Code != "ServerError" || len(last.Fields) != 1 || last.Fields[0].Code != "X" || len(last.Earlier) != 1 || last.Earlier[0].Outcome != dwolla.OutcomeUnknown {
		t.Errorf("%+v %+v", last, last.Earlier)
	}
}

// Middleware may change the error that next returned; the outcome is that of the call.
func TestFault253_MiddlewareThatChangesAnErrorDoesNotChangeTheOutcome(t *testing.T) {
	b := &bank{answer: func(*http.Request) (*http.Response, error) { return reply(500, `{"code":"ServerError"}`), nil }}
	client := clientOf(t, b, dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
		resp, err := next(req)
		if unknown, ok := errors.AsType[*dwolla.OutcomeUnknownError](err); ok {
			last := unknown.Err
			last.Outcome = dwolla.OutcomeRejected
			return resp, last
		}
		return resp, err
	}))
	settled(t, pay(t.Context(), client), true)
}

// Two owners of a header do not see each other's changes.
func TestFault253_EachResponseOfACallHasAHeaderOfItsOwn(t *testing.T) {
	var one, two dwolla.Response
	client := clientOf(t, new(bank))
	if _, err := client.Transfers.Create(t.Context(), aTransfer(), dwolla.WithResponse(&one), dwolla.WithResponse(&two)); err != nil {
		t.Fatal(err)
	}
	one.Header["Location"][0] = "changed"
	if got := two.Header.Get("Location"); got == "changed" {
		t.Error("shared")
	}
}

// A blockingValue does harm when it is encoded or decoded.
type blockingValue struct {
	harm func()
	Seen string
}

func (v blockingValue) MarshalJSON() ([]byte, error) { v.harm(); return []byte(`{}`), nil }
func (v *blockingValue) UnmarshalJSON([]byte) error {
	v.harm()
	v.Seen = "written"
	return nil
}

func TestFault254_AValueThatBlocksOrExitsWhenItIsEncodedOrDecodedDoesNotTakeTheCallerAlong(t *testing.T) {
	for how, block := range map[string]bool{"blocks": true, "exits": false} {
		t.Run(how, func(t *testing.T) {
			release := make(chan struct{})
			harm := runtime.Goexit
			if block {
				harm = func() { <-release }
			}
			b := new(bank)
			client := clientOf(t, b)
			call := func(call func(ctx context.Context) error) error {
				ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
				defer cancel()
				done := make(chan error, 1)
				go func() {
					err := errors.New("the goroutine of the caller was ended")
					defer func() { done <- err }()
					err = call(ctx)
				}()
				select {
				case err := <-done:
					return err
				case <-time.After(time.Second):
					t.Error("does not return")
					return nil
				}
			}
			err := call(func(ctx context.Context) error {
				_, err := client.Post(ctx, "/customers", blockingValue{harm: harm}, nil)
				return err
			})
			if o := dwolla.OutcomeOf(err); o != dwolla.OutcomeNotSent && o != dwolla.OutcomeCanceled || len(b.requests()) != 0 {
				t.Errorf("%d requests, %q: %v", len(b.requests()), o, err)
			}
			out := blockingValue{harm: harm}
			err = call(func(ctx context.Context) error { return client.Get(ctx, "/transfers/x", nil, &out) })
			if o := dwolla.OutcomeOf(err); o != dwolla.OutcomeBadResponse {
				t.Errorf("%q: %v", o, err)
			}
			b.answer = func(*http.Request) (*http.Response, error) {
				return reply(201, `{"id":"x"}`, "Location", sandbox+"/transfers/x"), nil
			}
			err = call(func(ctx context.Context) error {
				_, err := client.Post(ctx, "/customers", map[string]any{}, &out)
				return err
			})
			if e, _ := errors.AsType[*dwolla.Error](err); e == nil || e.Outcome != dwolla.OutcomeBadResponse || !e.Committed {
				t.Errorf("what was answered is lost: %v", err)
			}
			close(release)
			time.Sleep(20 * time.Millisecond)
			if out.Seen != "" {
				t.Error("written after the call")
			}
		})
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
		if took := time.Since(start); took > time.Minute+50*time.Millisecond || dwolla.OutcomeOf(err) != dwolla.OutcomeNotSent {
			t.Errorf("it took %v: %v", took, err)
		}
	})
}
