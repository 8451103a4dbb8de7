package dwolla_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

type next = func(*http.Request) (*http.Response, error)

// onlyHome checks that all that was sent went to Dwolla's origin, by its own Host, with one token.
func onlyHome(t *testing.T, b *bank) {
	t.Helper()
	for _, r := range b.requests() {
		u, err := url.Parse(r.URL)
		if err != nil || u.Scheme != "https" || u.Host != "api-sandbox.dwolla.com" || u.User != nil || u.Opaque != "" {
			t.Errorf("%s %s was sent with %q", r.Method, r.URL, r.Authorization)
		}
		for name, values := range r.Header {
			if strings.EqualFold(name, "Authorization") && (len(values) != 1 || values[0] != "Bearer t") || strings.EqualFold(name, "Host") {
				t.Errorf("%s: %q", name, values)
			}
		}
	}
}

func TestFault169_NothingThatMiddlewareDoesSendsTheTokenElsewhere(t *testing.T) {
	for name, change := range map[string]func(*http.Request) *http.Request{
		"the host":              func(r *http.Request) *http.Request { r.URL.Host = "evil.test"; return r },
		"the other environment": func(r *http.Request) *http.Request { r.URL.Host = "api.dwolla.com"; return r },
		"the scheme":            func(r *http.Request) *http.Request { r.URL.Scheme = "http"; return r },
		"the port":              func(r *http.Request) *http.Request { r.URL.Host += ":8443"; return r },
		"an opaque URL":         func(r *http.Request) *http.Request { r.URL.Opaque = "//evil.test/transfers"; return r },
		"a user":                func(r *http.Request) *http.Request { r.URL.User = url.UserPassword("a", "b"); return r },
		"no URL":                func(r *http.Request) *http.Request { r.URL = nil; return r },
		"a method":              func(r *http.Request) *http.Request { r.Method = http.MethodDelete; return r },
		"another request": func(r *http.Request) *http.Request {
			other, _ := http.NewRequestWithContext(context.Background(), r.Method, r.URL.String(), nil)
			return other
		},
		"nothing": func(*http.Request) *http.Request { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			b := new(bank)
			client := clientOf(t, b, dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
				return next(change(req))
			}))
			err := pay(t.Context(), client)
			if n := len(b.requests()); !errors.Is(err, dwolla.ErrNotSent) || n != 0 {
				t.Errorf("%d requests: %v", n, err)
			}
			onlyHome(t, b)
		})
	}
	for name, change := range map[string]func(*http.Request){
		"the Host":             func(r *http.Request) { r.Host = "evil.test" },
		"a Host in the header": func(r *http.Request) { r.Header["host"] = []string{"evil.test"} },
		"a second token":       func(r *http.Request) { r.Header["authorization"] = []string{"Bearer x"} },
		"a token":              func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") },
		"no header":            func(r *http.Request) { r.Header = nil },
	} {
		t.Run(name, func(t *testing.T) {
			b := new(bank)
			client := clientOf(t, b, dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
				change(req)
				return next(req)
			}))
			if err := pay(t.Context(), client); err != nil || len(b.requests()) != 1 {
				t.Errorf("%d requests: %v", len(b.requests()), err)
			}
			onlyHome(t, b)
		})
	}
	t.Run("what it changes later", func(t *testing.T) {
		var kept *http.Request
		b := new(bank)
		b.answer = func(*http.Request) (*http.Response, error) {
			kept.URL.Host, kept.URL.Scheme, kept.Host, kept.Method = "evil.test", "http", "evil.test", http.MethodDelete
			kept.Header.Set("Idempotency-Key", "mine")
			kept.Body = http.NoBody
			return reply(503, "{}"), nil
		}
		client := clientOf(t, b, dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
			kept = req
			return next(req)
		}))
		_ = pay(t.Context(), client)
		seen := b.requests()
		if len(seen) != 3 || !bytes.Equal(seen[0].Body, seen[2].Body) || seen[0].Header.Get("Idempotency-Key") != seen[2].Header.Get("Idempotency-Key") || seen[2].Method != http.MethodPost {
			t.Errorf("%v", seen)
		}
		onlyHome(t, b)
	})
	t.Run("a request of another call", func(t *testing.T) {
		b := new(bank)
		var first *http.Request
		client := clientOf(t, b, dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
			if first == nil {
				first = req
				return next(req)
			}
			return next(first)
		}))
		if err := pay(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		if err := pay(t.Context(), client); !errors.Is(err, dwolla.ErrNotSent) || len(b.requests()) != 1 {
			t.Errorf("%d requests: %v", len(b.requests()), err)
		}
	})
	t.Run("the cookie jar", func(t *testing.T) {
		b := new(bank)
		client := clientOf(t, b, dwolla.WithHTTPClient(&http.Client{Transport: b, Jar: hostileJar{}}))
		_ = pay(t.Context(), client)
		onlyHome(t, b)
	})
}

// A hostileJar changes the URL that it is asked about.
type hostileJar struct{}

func (hostileJar) SetCookies(*url.URL, []*http.Cookie) {}
func (hostileJar) Cookies(u *url.URL) []*http.Cookie   { u.Host = "evil.test"; return nil }

func TestFault170_MiddlewareReadsSignsAndReplacesTheBody(t *testing.T) {
	sign := func(body []byte) string {
		sum := sha256.Sum256(body)
		return hex.EncodeToString(sum[:])
	}
	plain := new(bank)
	if err := pay(t.Context(), clientOf(t, plain)); err != nil {
		t.Fatal(err)
	}
	want := plain.requests()[0].Body
	for name, m := range map[string]dwolla.Middleware{
		"reads": func(req *http.Request, next next) (*http.Response, error) {
			body, err := io.ReadAll(req.Body)
			if err != nil || req.ContentLength != int64(len(body)) || !bytes.Equal(body, want) {
				t.Errorf("it reads %d of %d bytes: %v", len(body), req.ContentLength, err)
			}
			req.Header.Set("X-Signature", sign(body))
			return next(req)
		},
		"wraps": func(req *http.Request, next next) (*http.Response, error) {
			inner := req.Body
			req.Body = trapBody{Reader: inner}
			req.Header.Set("X-Signature", sign(want))
			return next(req)
		},
		"replaces": func(req *http.Request, next next) (*http.Response, error) {
			body, _ := io.ReadAll(req.Body)
			body = bytes.Replace(body, []byte("{"), []byte(`{"x":1,`), 1)
			req = req.Clone(req.Context())
			req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), 0
			req.Header.Set("X-Signature", sign(body))
			return next(req)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := &bank{answer: func(*http.Request) (*http.Response, error) { return reply(503, "{}"), nil }}
			client := clientOf(t, b, dwolla.WithMiddleware(m))
			err := pay(t.Context(), client)
			unknown, ok := errors.AsType[*dwolla.OutcomeUnknownError](err)
			seen := b.requests()
			if len(seen) != 3 || !ok {
				t.Fatalf("%d requests: %v", len(seen), err)
			}
			for _, r := range seen { // each attempt sends the same bytes, which are those that were signed
				if r.Header.Get("X-Signature") != sign(r.Body) || !bytes.Equal(r.Body, seen[0].Body) || !bytes.HasSuffix(r.Body, want[1:]) {
					t.Errorf("%s", r.Body)
				}
			}
			if unknown.BodySHA256 != sign(seen[0].Body) {
				t.Error("the hash of the record is not that of what was sent")
			}
		})
	}
	t.Run("the replaced body is closed once, and sent under one key", func(t *testing.T) {
		closed := 0
		b := new(bank)
		client := clientOf(t, b, dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
			req.Body = trapBody{Reader: strings.NewReader(`{"a":1}`), close: func() { closed++ }}
			if _, err := next(req); err != nil {
				return nil, err
			}
			req.Body = io.NopCloser(strings.NewReader(`{"a":2}`))
			return next(req)
		}))
		err := pay(t.Context(), client)
		settled(t, err, true)
		if seen := b.requests(); closed != 1 || len(seen) != 1 || string(seen[0].Body) != `{"a":1}` {
			t.Errorf("closed %d times, sent %v", closed, seen)
		}
	})
}

func TestFault171_WhatMiddlewareWrapsIsClosedOnce(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		fail   bool
	}{"a success": {200, false}, "an error of middleware": {200, true}} {
		t.Run(name, func(t *testing.T) {
			outer, inner := 0, 0
			b := &bank{answer: func(*http.Request) (*http.Response, error) {
				resp := reply(c.status, `{"id":"x"}`)
				resp.Body = trapBody{Reader: resp.Body, close: func() { inner++ }}
				return resp, nil
			}}
			client := clientOf(t, b, dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
				resp, err := next(req)
				if err == nil {
					resp.Body = trapBody{Reader: resp.Body, close: func() { outer++ }}
				}
				if c.fail {
					return resp, errors.New("too late")
				}
				return resp, err
			}))
			_, err := client.Transfers.Get(t.Context(), "x")
			if (err != nil) != c.fail || outer != 1 || inner != 1 {
				t.Errorf("closed %d and %d times: %v", outer, inner, err)
			}
		})
	}
}

func TestFault172_AFailureOfMiddlewareHidesNoPayment(t *testing.T) {
	own := errors.New("the audit log is full")
	for name, c := range map[string]struct {
		answer  *http.Response
		outcome dwolla.Outcome
	}{
		"paid":         {reply(201, "", "Location", sandbox+"/transfers/x"), dwolla.OutcomeUnknown},
		"unknown":      {reply(500, `{"code":"ServerError"}`), dwolla.OutcomeUnknown},
		"refused":      {reply(400, `{"code":"ValidationError"}`), dwolla.OutcomeRejected},
		"rate limited": {reply(429, `{"code":"TooManyRequests"}`), dwolla.OutcomeRateLimited},
	} {
		t.Run(name, func(t *testing.T) {
			b := &bank{answer: func(*http.Request) (*http.Response, error) {
				c.answer.Body = io.NopCloser(strings.NewReader(`{"code":"Restricted"}`))
				return c.answer, nil
			}}
			other := clientOf(t, roundTripper(func(*http.Request) (*http.Response, error) { return reply(401, `{"error":"invalid_client"}`), nil }))
			for _, fail := range []func(ctx context.Context) error{
				func(context.Context) error { return own },
				func(ctx context.Context) error { // an error of another client says nothing about this call
					_, err := other.Transfers.Get(ctx, "x")
					return errors.Join(own, err)
				},
			} {
				client := clientOf(t, b, dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}), dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
					_, _ = next(req)
					return nil, fail(context.Background())
				}))
				err := pay(t.Context(), client)
				if !errors.Is(err, own) || dwolla.OutcomeOf(err) != c.outcome {
					t.Errorf("%q: %v", dwolla.OutcomeOf(err), err)
				}
				if c.outcome == dwolla.OutcomeUnknown {
					settled(t, err, true)
				}
			}
		})
	}
	t.Run("nothing was sent", func(t *testing.T) {
		b := new(bank)
		client := clientOf(t, b, dwolla.WithMiddleware(func(*http.Request, next) (*http.Response, error) { return nil, own }))
		if err := pay(t.Context(), client); !errors.Is(err, own) || !errors.Is(err, dwolla.ErrNotSent) || dwolla.OutcomeOf(err) != dwolla.OutcomeNotSent {
			t.Errorf("%q: %v", dwolla.OutcomeOf(err), err)
		}
	})
}

// A middleware that keeps next, or returns before it, cannot pay after the caller was told how the call ended.
func TestFault173_NothingIsSentOnceTheCallHasEnded(t *testing.T) {
	t.Run("kept", func(t *testing.T) {
		b := new(bank)
		var later func() error
		client := clientOf(t, b, dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
			later = func() error { _, err := next(req); return err }
			return nil, errors.New("not today")
		}))
		settled(t, pay(t.Context(), client), false)
		if err := later(); err == nil || len(b.requests()) != 0 {
			t.Errorf("%d requests: %v", len(b.requests()), err)
		}
	})
	t.Run("detached", func(t *testing.T) {
		b, release, ended := new(bank), make(chan struct{}), make(chan error, 1)
		client := clientOf(t, b, dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
			<-release
			resp, err := next(req.WithContext(context.WithoutCancel(req.Context())))
			ended <- err
			return resp, err
		}))
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		settled(t, pay(ctx, client), false)
		close(release)
		if err := <-ended; err == nil || len(b.requests()) != 0 {
			t.Errorf("%d requests: %v", len(b.requests()), err)
		}
	})
	t.Run("under way", func(t *testing.T) {
		release := make(chan struct{})
		arrived := make(chan struct{})
		var once sync.Once
		b := &bank{answer: func(*http.Request) (*http.Response, error) {
			once.Do(func() { close(arrived) })
			<-release
			return reply(503, "{}"), nil
		}}
		var wait sync.WaitGroup
		client := clientOf(t, b, dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
			wait.Go(func() { _, _ = next(req) })
			<-arrived
			return nil, errors.New("I have waited long enough")
		}))
		settled(t, pay(t.Context(), client), true)
		close(release)
		wait.Wait()
		if n := len(b.requests()); n != 1 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestFault255_ARequestThatMiddlewareMadeUnsendableIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(req *http.Request){
		"a name with a line break": func(req *http.Request) { req.Header["X-Bad\r\nY"] = []string{"a"} },
		"a line break":             func(req *http.Request) { req.Header["X"] = []string{"a\r\nInjected: 1"} },
		"no name":                  func(req *http.Request) { req.Header[""] = []string{"a"} },
		"a space in the name":      func(req *http.Request) { req.Header["X "] = []string{"a"} },
		"a line break in the URL":  func(req *http.Request) { req.URL.RawQuery = "a=b\r\nc" },
		"a space in the URL":       func(req *http.Request) { req.URL.RawQuery = "a b" },
	} {
		t.Run(name, func(t *testing.T) {
			var arrived atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/token" {
					_, _ = io.WriteString(w, `{"access_token":"t","token_type":"bearer","expires_in":3600}`)
					return
				}
				arrived.Add(1)
				w.Header().Set("Location", "/transfers/x")
				w.WriteHeader(201)
			}))
			defer server.Close()
			client, err := dwolla.NewClient(dwolla.Sandbox, "key", "secret", dwolla.WithBaseURL(server.URL), dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
				spoil(req)
				return next(req)
			}))
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Post(t.Context(), "/customers", map[string]any{}, nil)
			argument, _ := errors.AsType[*dwolla.ArgumentError](err)
			if argument == nil || argument.Argument != "middleware" || !errors.Is(err, dwolla.ErrNotSent) || arrived.Load() != 0 {
				t.Errorf("%d arrived: %v", arrived.Load(), err)
			}
		})
	}
}

func TestABodyThatOneMiddlewareHasReadIsWholeForTheNext(t *testing.T) {
	reads := func(bodies *[]string) dwolla.Middleware {
		return func(req *http.Request, next next) (*http.Response, error) {
			body, _ := io.ReadAll(req.Body)
			*bodies = append(*bodies, string(body))
			return next(req)
		}
	}
	replaces := func(req *http.Request, next next) (*http.Response, error) {
		req.Body = io.NopCloser(strings.NewReader(`{"a":1}`))
		return next(req)
	}
	var seen []string
	b := new(bank)
	if err := pay(t.Context(), clientOf(t, b, dwolla.WithMiddleware(reads(&seen), reads(&seen), replaces, reads(&seen), reads(&seen)))); err != nil {
		t.Fatal(err)
	}
	sent := string(b.requests()[0].Body)
	if sent != `{"a":1}` || len(seen) != 4 || seen[0] == "" || seen[1] != seen[0] || seen[2] != sent || seen[3] != sent {
		t.Errorf("%q was sent, and seen were %q", sent, seen)
	}
}

func TestARefusalOfWhatMiddlewareRepeatsAfterSuccessIsUnknown(t *testing.T) {
	n := 0
	b := &bank{answer: func(*http.Request) (*http.Response, error) {
		if n++; n == 1 {
			return reply(201, "", "Location", sandbox+"/transfers/x"), nil
		}
		return reply(400, `{"code":"InsufficientFunds","message":"m"}`), nil
	}}
	err := pay(t.Context(), clientOf(t, b, dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
		_, _ = next(req)
		return next(req)
	})))
	if n != 2 || dwolla.OutcomeOf(err) != dwolla.OutcomeUnknown {
		t.Errorf("%d requests: %v", n, err)
	}
}

func TestACallOfNextThatWaitsForAnotherHeedsItsContext(t *testing.T) {
	under, release := make(chan struct{}), make(chan struct{})
	b := &bank{answer: func(*http.Request) (*http.Response, error) {
		close(under)
		<-release
		return reply(201, "", "Location", sandbox+"/transfers/x"), nil
	}}
	client := clientOf(t, b, dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
		first := make(chan error, 1)
		go func() {
			_, err := next(req.Clone(req.Context()))
			first <- err
		}()
		<-under
		ctx, cancel := context.WithCancel(req.Context())
		cancel()
		if _, err := next(req.WithContext(ctx)); !errors.Is(err, context.Canceled) {
			t.Errorf("the second: %v", err)
		}
		close(release)
		return nil, <-first
	}))
	if err := pay(t.Context(), client); dwolla.OutcomeOf(err) != dwolla.OutcomeUnknown { // it returned no response
		t.Error(err)
	}
}

func TestFault260_AnAnswerThatMiddlewareMakesIsTakenByItsStatus(t *testing.T) {
	const hal = "application/vnd.dwolla.v1.hal+json"
	var sent int
	b := &bank{answer: func(*http.Request) (*http.Response, error) {
		sent++
		return reply(201, "", "Location", sandbox+"/transfers/x"), nil
	}}
	making := func(status int, body string, first bool) *dwolla.Client {
		return clientOf(t, b, dwolla.WithRetries(dwolla.Retries{MaxAttempts: 1}), dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
			if first {
				_, _ = next(req)
			}
			return reply(status, body, "Content-Type", hal), nil
		}))
	}
	for _, status := range []int{0, 100, 199, 300, 302, 304, 400, 401, 403, 404, 408, 409, 429, 500, 501, 503, 999} {
		for _, body := range []string{`{"code":"Forbidden","message":"m"}`, "", "<html>"} {
			client, api := making(status, body, false), answered(t, status, body, "Content-Type", hal)
			_, made := client.Transfers.Get(t.Context(), "x")
			_, real := api.Transfers.Get(t.Context(), "x")
			var out map[string]any
			for call, err := range map[string]error{"Transfers.Get": made, "Get": client.Get(t.Context(), "/x", nil, &out), "a list": last(client.Customers.All(t.Context(), dwolla.ListCustomersParams{}))} {
				e, ok := errors.AsType[*dwolla.Error](err)
				if !ok || e.StatusCode != status || e.Outcome != dwolla.OutcomeOf(real) || string(e.Body()) != body || out != nil {
					t.Errorf("%s, %d %q: %v, want %v", call, status, body, err, real)
				}
			}
			made, real = pay(t.Context(), client), pay(t.Context(), api)
			if dwolla.OutcomeOf(made) != dwolla.OutcomeOf(real) {
				t.Errorf("a payment, %d %q: %v, want %v", status, body, made, real)
			}
			if sent > 0 {
				t.Fatal("something was sent")
			}
			isUnknown(t, pay(t.Context(), making(status, body, true)))
			if sent != 1 {
				t.Errorf("paid %d times", sent)
			}
			sent = 0
		}
	}
}

// last returns the last error of a list.
func last[T any](list iter.Seq2[T, error]) (last error) {
	for _, err := range list {
		last = err
	}
	return last
}

func TestANextThatEndsItsGoroutineAfterASendLeavesTheCallUnknown(t *testing.T) {
	n := 0
	b := &bank{answer: func(*http.Request) (*http.Response, error) {
		if n++; n == 1 {
			return reply(403, `{"code":"Forbidden","message":"m"}`), nil
		}
		return nil, errors.New("connection reset")
	}}
	rule := dwolla.WithRetries(dwolla.Retries{If: func(e *dwolla.Error) bool {
		if e.StatusCode == 0 {
			runtime.Goexit()
		}
		return false
	}})
	err := pay(t.Context(), clientOf(t, b, rule, dwolla.WithMiddleware(func(req *http.Request, next next) (*http.Response, error) {
		resp, err := next(req)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, _ = next(req)
		}()
		<-ended
		return resp, err
	})))
	if n != 2 || dwolla.OutcomeOf(err) != dwolla.OutcomeUnknown {
		t.Errorf("%d requests: %v", n, err)
	}
}
