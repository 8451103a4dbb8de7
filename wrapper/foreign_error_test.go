package dwolla_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// Errors whose methods do harm.
type (
	nilError    struct{ text string }
	textError   struct{ harm func() }
	isError     struct{ harm func() }
	asError     struct{ harm func() }
	unwrapError struct{ harm func() }
	selfError   struct{ _ int }
)

func (e *nilError) Error() string   { return e.text }
func (e textError) Error() string   { e.harm(); return "" }
func (isError) Error() string       { return "is" }
func (e isError) Is(error) bool     { e.harm(); return false }
func (asError) Error() string       { return "as" }
func (e asError) As(any) bool       { e.harm(); return false }
func (unwrapError) Error() string   { return "unwrap" }
func (e unwrapError) Unwrap() error { e.harm(); return nil }
func (selfError) Error() string     { return "self" }
func (e selfError) Unwrap() []error { return []error{e, e} }

func harmfulErrors(t *testing.T) map[string]error {
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	all := map[string]error{
		"typed nil":              (*nilError)(nil),
		"typed nil of this":      (*dwolla.Error)(nil),
		"typed nil unknown":      (*dwolla.OutcomeUnknownError)(nil),
		"typed nil argument":     (*dwolla.ArgumentError)(nil),
		"typed nil net":          (*net.OpError)(nil),
		"typed nil URL":          &url.Error{Op: "Post", URL: "/", Err: nil},
		"itself":                 selfError{},
		"an error of this":       &dwolla.Error{Outcome: dwolla.OutcomeNotSent, Err: textError{func() { panic("x") }}},
		"an argument of this":    &dwolla.ArgumentError{Argument: "x", Err: textError{runtime.Goexit}},
		"kind without a failure": dwolla.ErrNotSent,
	}
	for how, harm := range map[string]func(){"panics": func() { panic("secret-canary") }, "exits": runtime.Goexit, "blocks": func() { <-release }} {
		all["Error "+how], all["Is "+how], all["As "+how], all["Unwrap "+how] = textError{harm}, isError{harm}, asError{harm}, unwrapError{harm}
	}
	return all
}

// errorPlaces are the places where an error of the user's comes in after a payment has arrived, but for that of a token.
func errorPlaces(failure error) map[string]func(b *bank) (http.RoundTripper, []dwolla.Option) {
	body := func(b *bank, body io.ReadCloser) (http.RoundTripper, []dwolla.Option) {
		b.answer = func(*http.Request) (*http.Response, error) {
			resp := reply(200, "")
			resp.Body, resp.ContentLength = body, -1
			return resp, nil
		}
		return b, nil
	}
	return map[string]func(b *bank) (http.RoundTripper, []dwolla.Option){
		"a transport": func(b *bank) (http.RoundTripper, []dwolla.Option) {
			b.answer = func(*http.Request) (*http.Response, error) { return nil, failure }
			return b, nil
		},
		"a transport with a jar": func(b *bank) (http.RoundTripper, []dwolla.Option) {
			b.answer = func(*http.Request) (*http.Response, error) { return nil, failure }
			return b, []dwolla.Option{dwolla.WithHTTPClient(&http.Client{Transport: b, Jar: trapJar{func() {}}})}
		},
		"a Read": func(b *bank) (http.RoundTripper, []dwolla.Option) { return body(b, failingBody{read: failure}) },
		"a Close": func(b *bank) (http.RoundTripper, []dwolla.Option) {
			return body(b, failingBody{read: errors.New("broken"), close: failure})
		},
		"middleware": func(b *bank) (http.RoundTripper, []dwolla.Option) {
			return b, []dwolla.Option{dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
				_, _ = next(req)
				return nil, failure
			})}
		},
		"a body that middleware made": func(b *bank) (http.RoundTripper, []dwolla.Option) {
			return b, []dwolla.Option{dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
				resp, err := next(req)
				if err == nil {
					resp.Body = failingBody{read: failure}
				}
				return resp, err
			})}
		},
		"a token": func(b *bank) (http.RoundTripper, []dwolla.Option) {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				if req.URL.Path == "/token" {
					return nil, failure
				}
				return b.RoundTrip(req)
			}), nil
		},
		"the Read of a token": func(b *bank) (http.RoundTripper, []dwolla.Option) {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				resp, err := b.RoundTrip(req)
				if req.URL.Path == "/token" {
					resp.Body = failingBody{read: failure}
				}
				return resp, err
			}), nil
		},
		"middleware, before": func(b *bank) (http.RoundTripper, []dwolla.Option) {
			return b, []dwolla.Option{dwolla.WithMiddleware(func(*http.Request, next) (*http.Response, error) { return nil, failure })}
		},
		"a request body that middleware made": func(b *bank) (http.RoundTripper, []dwolla.Option) {
			return b, []dwolla.Option{dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
				req.Body = failingBody{read: failure}
				return next(req)
			})}
		},
	}
}

type failingBody struct{ read, close error }

func (b failingBody) Read([]byte) (int, error) { return 0, b.read }
func (b failingBody) Close() error             { return b.close }

func TestFault250_MethodsOfAnErrorOfTheUserDoNoHarm(t *testing.T) {
	for name, failure := range harmfulErrors(t) {
		for where, place := range errorPlaces(failure) {
			t.Run(where+"/"+name, func(t *testing.T) {
				t.Parallel()
				b := new(bank)
				transport, opts := place(b)
				client := clientOf(t, transport, append(opts, dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}))...)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				result, start := make(chan string, 1), time.Now()
				go func() {
					last := "the goroutine of the caller was ended"
					defer func() {
						if v := recover(); v != nil {
							last = "panic in the caller"
						}
						result <- last
					}()
					err := pay(ctx, client)
					text := err.Error()
					switch arrived := len(b.requests()) > 0; {
					case strings.Contains(text, "canary"):
						last = "shows the panic: " + text
					case arrived != (dwolla.OutcomeOf(err) == dwolla.OutcomeUnknown), arrived != errors.Is(err, dwolla.ErrOutcomeUnknown), arrived == errors.Is(err, dwolla.ErrNotSent):
						last = string("arrived " + dwolla.OutcomeOf(err) + ": ")
					default:
						_, isUnknown := errors.AsType[*dwolla.OutcomeUnknownError](err)
						last = map[bool]string{false: "no record"}[isUnknown == arrived]
					}
				}()
				select {
				case got := <-result:
					if got != "" {
						t.Error(got)
					}
				case <-time.After(4 * time.Second):
					t.Fatal("the call does not return")
				}
				if d := time.Since(start); d > 2*time.Second {
					t.Errorf("took %s", d)
				}
			})
		}
	}
}

// What a program looks for in an error of its own code is still found.
func TestFault250_AnErrorOfTheUserIsStillFound(t *testing.T) {
	own := &nilError{"mine"}
	for where, place := range errorPlaces(errors.Join(errors.New("other"), own)) {
		if where == "a Close" || where == "a body that middleware made" || strings.HasSuffix(where, "token") {
			continue
		}
		transport, opts := place(new(bank))
		err := pay(t.Context(), clientOf(t, transport, append(opts, dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}))...))
		found, ok := errors.AsType[*nilError](err)
		if !errors.Is(err, own) || !ok || found != own || !strings.Contains(err.Error(), "mine") {
			t.Errorf("%s: not found in %v", where, err)
		}
	}
}

// An idleBody is read for ever, and never blocks.
type idleBody struct {
	reads *atomic.Int64
	gives string
}

func (b idleBody) Read(p []byte) (int, error) {
	b.reads.Add(1)
	time.Sleep(time.Millisecond)
	return copy(p, b.gives), nil
}
func (idleBody) Close() error { return nil }
