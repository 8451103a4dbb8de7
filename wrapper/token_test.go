package dwolla

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestATokenIsOfVisibleASCII(t *testing.T) {
	for token, want := range map[string]bool{"!": true, "~": true, "": false, " ": false, "a b": false, "\x7f": false, "é": false} {
		if got := unusableToken(&oauth2.Token{AccessToken: token}) == ""; got != want {
			t.Errorf("%q: %v", token, got)
		}
	}
}

func TestARetryAfterOfTheTokenEndpointIsHonoredToTheSameLimit(t *testing.T) {
	most := defaultRetries().MaxRetryAfter
	for wait, want := range map[time.Duration]want{
		most:               {OutcomeOK, 1, 1},
		most + time.Second: {OutcomeRateLimited, 0, 0},
	} {
		virtual(t, wait.String(), func(t *testing.T) {
			r := inMemoryRig(t, WithTimeouts(Timeouts{Token: time.Hour}))
			r.answerToken(func(w http.ResponseWriter) {
				w.Header().Set("Retry-After", fmt.Sprint(wait.Seconds()))
				text(429, "application/json", `{"error":"slow_down"}`)(w)
			})
			r.check(t, r.pay(t.Context()), want)
		})
	}
}

func TestATokenThatCannotBeFetchedSaysWhyAndIsNotSent(t *testing.T) {
	broken := errors.New("the line is down")
	for name, c := range map[string]struct {
		resp *http.Response
		err  error
		want error
	}{
		"the transport fails":         {nil, broken, broken},
		"the transport gives nothing": {nil, nil, errNoAnswer},
		"an answer without a body":    {&http.Response{StatusCode: http.StatusOK}, nil, errNoAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			transport := roundTripFunc(func(*http.Request) (*http.Response, error) { return c.resp, c.err })
			client, err := NewClient(Sandbox, "key", "secret", WithHTTPClient(&http.Client{Transport: transport}), WithRetries(Retries{MaxAttempts: 1}))
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Root.Get(t.Context())
			if OutcomeOf(err) != OutcomeNotSent || !errors.Is(err, c.want) {
				t.Errorf("%v, %v", OutcomeOf(err), err)
			}
		})
	}
}

func TestTheTokensServiceSendsTheSecretOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		var got http.Header
		r.bank.Token = func(_ http.ResponseWriter, req *http.Request) bool { got = req.Header; return false }
		token, err := r.Tokens.Create(t.Context())
		if err != nil || token.AccessToken == "" {
			t.Fatal(err)
		}
		if got.Get("Authorization") != "Basic a2V5OnNlY3JldA==" || got.Get("Idempotency-Key") != "" {
			t.Errorf("%q", got)
		}
		r.bank.Token = func(w http.ResponseWriter, _ *http.Request) bool { text(503, "", "")(w); return true }
		if _, err = r.Tokens.Create(t.Context()); OutcomeOf(err) != OutcomeBadResponse {
			t.Errorf("a token is nothing that could have been done twice: %v", err)
		}
	})
}

func TestLifetimesOfATokenAreReadLeniently(t *testing.T) {
	for raw, want := range map[string]time.Duration{"1.5": defaultTTL, "x.0": defaultTTL, "12.0": 12 * time.Second, "9999999999999999999999": defaultTTL} {
		if got := lifetime([]byte(raw)); got != want {
			t.Errorf("%s: %s", raw, got)
		}
	}
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

func TestFault030_AnExpiredTokenIsRenewedBeforeTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		if err := r.read(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(59*time.Minute + time.Second)
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
		r.tokens(t, 2)
	})
}

func TestFault033_AThousandCallersShareOneToken(t *testing.T) {
	const callers = 1000
	slow := func(r *rig) {
		r.bank.Token = func(http.ResponseWriter, *http.Request) bool { time.Sleep(time.Second); return false }
	}
	virtual(t, "at a cold start", func(t *testing.T) {
		r := inMemoryRig(t)
		slow(r)
		if n := crowd(callers, func(int) error { return r.read(t.Context()) }); n != 0 {
			t.Errorf("%d callers failed", n)
		}
		r.tokens(t, 1)
	})
	virtual(t, "at the token's end", func(t *testing.T) {
		r := inMemoryRig(t)
		slow(r)
		_ = r.read(t.Context())
		time.Sleep(time.Hour)
		if n := crowd(callers, func(int) error { return r.read(t.Context()) }); n != 0 {
			t.Errorf("%d callers failed", n)
		}
		r.tokens(t, 2)
	})
	virtual(t, "when all are refused together", func(t *testing.T) {
		r := inMemoryRig(t)
		slow(r)
		_ = r.read(t.Context())
		r.bank.Revoke()
		// Their refusals come back over half a second, most of them long after the first has begun to renew.
		r.bank.Fault = func(n int, req *http.Request) *faultserver.Fault {
			if req.Header.Get("Authorization") != "Bearer token-1" {
				return nil
			}
			return faultserver.Status(401, "InvalidAccessToken").After(time.Duration(n%200) * 10 * time.Millisecond)
		}
		if n := crowd(callers, func(int) error { return r.read(t.Context()) }); n != 0 {
			t.Errorf("%d callers failed", n)
		}
		r.tokens(t, 2)
	})
}

func TestFault034_ACanceledCallerFailsNoOther(t *testing.T) {
	for name, who := range map[string]int{"the first": 0, "a later one": 50} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Token = func(http.ResponseWriter, *http.Request) bool { time.Sleep(10 * time.Second); return false }
			started := time.Now()
			failed := crowd(100, func(i int) error {
				time.Sleep(time.Duration(i) * time.Millisecond)
				ctx := t.Context()
				if i == who {
					short, cancel := context.WithTimeout(ctx, time.Second)
					defer cancel()
					err := r.read(short)
					if !errors.Is(err, context.DeadlineExceeded) || OutcomeOf(err) != OutcomeCanceled || time.Since(started) > 2*time.Second {
						t.Errorf("after %s: %v", time.Since(started), err)
					}
					return err
				}
				return r.read(ctx)
			})
			if failed != 1 {
				t.Errorf("%d callers failed", failed)
			}
			r.tokens(t, 1)
		})
	}
}

func TestFault035_TheContextOfAnEarlierCallIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		first, cancel := context.WithCancel(t.Context())
		if err := r.read(first); err != nil {
			t.Fatal(err)
		}
		cancel()
		time.Sleep(2 * time.Hour)
		r.check(t, r.pay(t.Context()), want{OutcomeOK, 2, 1})
	})
}

func TestFault036_AFailingTokenEndpointIsRetried(t *testing.T) {
	page := "<html><title>500</title>cloudflare secret-of-the-page</html>"
	for _, code := range []int{500, 502, 503} {
		virtual(t, http.StatusText(code)+" once", func(t *testing.T) {
			r := inMemoryRig(t)
			r.answerToken(text(code, "text/html", page))
			r.check(t, r.pay(t.Context()), want{OutcomeOK, 1, 1})
			r.tokens(t, 2)
		})
		virtual(t, http.StatusText(code)+" for good", func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Token = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Cf-Ray", "ray-7")
				text(code, "text/html", page)(w)
				return true
			}
			err := r.pay(t.Context())
			r.check(t, err, want{OutcomeNotSent, 0, 0})
			r.tokens(t, 3)
			e, _ := errors.AsType[*Error](err)
			if e.StatusCode != code || e.RequestID != "ray-7" || strings.Contains(err.Error(), "secret-of-the-page") || strings.Contains(err.Error(), "invalid character") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestFault037_ARefusedSecretIsTriedOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Token = func(w http.ResponseWriter, _ *http.Request) bool {
			text(401, "application/json", `{"error":"invalid_client"}`)(w)
			return true
		}
		for range 100 {
			err := r.pay(t.Context())
			if OutcomeOf(err) != OutcomeAuthFailed || !errors.Is(err, Code("invalid_client")) {
				t.Fatal(err)
			}
			time.Sleep(9 * time.Millisecond)
		}
		r.tokens(t, 1)
		time.Sleep(time.Second)
		r.check(t, r.pay(t.Context()), want{OutcomeAuthFailed, 0, 0})
		r.tokens(t, 2)
	})
}

func TestFault038_AnAnswerWithoutATokenIsNotKept(t *testing.T) {
	for name, body := range map[string]string{
		"an error":               `{"error":"invalid_request"}`,
		"nothing":                "",
		"null":                   "null",
		"no token":               `{"token_type":"Bearer"}`,
		"a line break":           `{"access_token":"a\r\nX-Evil: 1","token_type":"Bearer","expires_in":3600}`,
		"a space":                `{"access_token":"a b","token_type":"Bearer","expires_in":3600}`,
		"a list":                 `[]`,
		"two values":             `{"access_token":"a"}{"access_token":"b"}`,
		"a token and an error":   `{"access_token":"a","error":"invalid_client"}`,
		"a type that is no text": `{"access_token":"a","token_type":5,"expires_in":3600}`,
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			r.answerToken(text(200, "application/json", body))
			r.check(t, r.pay(t.Context()), want{OutcomeAuthFailed, 0, 0})
			time.Sleep(2 * time.Second)
			r.check(t, r.pay(t.Context()), want{OutcomeOK, 1, 1})
			r.tokens(t, 2)
		})
	}
}

func TestFault039_ATokenIsReadByItsContent(t *testing.T) {
	for _, media := range []string{"text/plain", "", "application/octet-stream", "application/json; charset=utf-8"} {
		virtual(t, "as "+media, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Token = func(w http.ResponseWriter, _ *http.Request) bool {
				text(200, media, `{"access_token":"`+r.bank.Issue(time.Hour)+`","token_type":"bearer","expires_in":3600}`)(w)
				return true
			}
			r.check(t, r.pay(t.Context()), want{OutcomeOK, 1, 1})
		})
	}
	for name, body := range map[string]string{"a token": `{"access_token":"a","token_type":"bearer"}`, "a page": "<html></html>"} {
		virtual(t, name+" as text/html is refused", func(t *testing.T) {
			r := inMemoryRig(t)
			r.answerToken(text(200, "text/html", body))
			r.check(t, r.pay(t.Context()), want{OutcomeAuthFailed, 0, 0})
		})
	}
}

func TestFault040_AnOddLifetimeIsADayAtMost(t *testing.T) {
	for life, lasts := range map[string]time.Duration{
		"": time.Hour, "0": time.Hour, "-5": time.Hour, `"3600"`: time.Hour, "3600.0": time.Hour, "1e12": time.Hour,
		"999999999999": 24 * time.Hour, "null": time.Hour, `"soon"`: time.Hour, "7200": 2 * time.Hour, "90": 90 * time.Second,
	} {
		virtual(t, "expires_in "+life, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Token = func(w http.ResponseWriter, _ *http.Request) bool {
				member := ""
				if life != "" {
					member = `,"expires_in":` + life
				}
				text(200, "application/json", `{"access_token":"`+r.bank.Issue(1000*time.Hour)+`","token_type":"Bearer"`+member+`}`)(w)
				return true
			}
			for range 20 {
				_ = r.read(t.Context())
			}
			r.tokens(t, 1)
			time.Sleep(lasts/2 - time.Second)
			_ = r.read(t.Context())
			r.tokens(t, 1)
			time.Sleep(lasts/2 + time.Second)
			_ = r.read(t.Context())
			r.tokens(t, 2)
			r.check(t, r.pay(t.Context()), want{OutcomeOK, 23, 1})
		})
	}
}

func TestFault041_OnlyABearerTokenIsTaken(t *testing.T) {
	for kind, outcome := range map[string]Outcome{"Bearer": OutcomeOK, "bearer": OutcomeOK, "": OutcomeOK, "mac": OutcomeAuthFailed} {
		virtual(t, "token_type "+kind, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Token = func(w http.ResponseWriter, _ *http.Request) bool {
				text(200, "application/json", `{"access_token":"`+r.bank.Issue(time.Hour)+`","token_type":"`+kind+`","expires_in":3600}`)(w)
				return true
			}
			sends := 0
			if outcome == OutcomeOK {
				sends = 1
			}
			r.check(t, r.pay(t.Context()), want{outcome, sends, sends})
		})
	}
}

func TestFault042_ATokenIsUsedUntilItsEndWhileItsRenewalFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		_ = r.read(t.Context())
		r.bank.Token = func(w http.ResponseWriter, _ *http.Request) bool { text(500, "", "")(w); return true }
		time.Sleep(58*time.Minute + 5*time.Second) // 115 s before its end: renewed in the background
		for range 50 {
			if err := r.read(t.Context()); err != nil {
				t.Fatalf("the token still holds: %v", err)
			}
			time.Sleep(time.Second)
		}
		if n := r.bank.Tokens(); n < 4 || n > 1+3*10 {
			t.Errorf("%d tokens were asked for in 50 s, three for each renewal and 5 s between", n-1)
		}
		time.Sleep(10 * time.Second) // past the limit
		sends := len(r.bank.Requests())
		r.check(t, r.pay(t.Context()), want{OutcomeNotSent, sends, 0})
		time.Sleep(time.Minute)
	})
	virtual(t, "a renewal in the background keeps nobody waiting", func(t *testing.T) {
		r := inMemoryRig(t)
		_ = r.read(t.Context())
		r.bank.Token = func(http.ResponseWriter, *http.Request) bool { time.Sleep(10 * time.Second); return false }
		time.Sleep(58*time.Minute + 5*time.Second)
		started := time.Now()
		_ = r.read(t.Context())
		if d := time.Since(started); d != 0 {
			t.Errorf("waited %s", d)
		}
		time.Sleep(11 * time.Second)
		r.tokens(t, 2)
	})
}

func TestFault043_ATokenIsBoundToItsBaseURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sandbox, production := inMemoryRig(t), new(faultserver.Bank)
		other := rigOf(t, production, "https://other.test", production.Memory())
		_ = sandbox.read(t.Context())
		sandbox.bank.Token = nil
		other.check(t, other.pay(t.Context()), want{OutcomeOK, 1, 1})
		other.tokens(t, 1)
		sandbox.tokens(t, 1)
	})
}

func TestFault044_ARedirectOfTheTokenEndpointIsRefused(t *testing.T) {
	everywhere(t, func(t *testing.T, p faultserver.Protocol) {
		for _, code := range []int{301, 302, 303, 307, 308} {
			for name, to := range map[string]string{"same host": "/other", "other host": "http://127.0.0.1:1/steal"} {
				t.Run(http.StatusText(code)+" to the "+name, func(t *testing.T) {
					r, _ := overSocket(t, p)
					r.bank.Token = func(w http.ResponseWriter, _ *http.Request) bool {
						w.Header().Set("Location", to)
						w.WriteHeader(code)
						return true
					}
					err := r.pay(t.Context())
					r.check(t, err, want{OutcomeNotSent, 0, 0})
					r.tokens(t, 1)
					if !errors.Is(err, ErrRedirect) {
						t.Error(err)
					}
				})
			}
		}
	})
}

func TestFault045_OddCredentialsAreEncodedExactly(t *testing.T) {
	for _, c := range []struct{ key, secret, pair string }{
		{"key", "secret", "key:secret"},
		{"a:b", "c+d", "a%3Ab:c%2Bd"},
		{"50%", "ü", "50%25:%C3%BC"},
	} {
		virtual(t, c.key, func(t *testing.T) {
			bank := new(faultserver.Bank)
			var got string
			bank.Token = func(_ http.ResponseWriter, req *http.Request) bool {
				got = req.Header.Get("Authorization")
				return false
			}
			client, err := NewClient(Sandbox, c.key, c.secret, WithBaseURL(faultserver.Base), WithHTTPClient(&http.Client{Transport: bank.Memory()}))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Transfers.Create(t.Context(), payment("x")); err != nil || bank.Ledger.Len() != 1 {
				t.Fatal(err)
			}
			pair, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(got, "Basic "))
			if err != nil || string(pair) != c.pair {
				t.Errorf("sent %q, %v", pair, err)
			}
			if own := client.caller.token.basic(); own != got {
				t.Errorf("two encodings: %q and %q", own, got)
			}
		})
	}
	for _, bad := range []string{"hunter2\n", "\thunter2", "hun\x00ter2", "", " hunter2", "hunter2\r\n"} {
		for _, pair := range [][2]string{{"key", bad}, {bad, "secret"}} {
			_, err := NewClient(Sandbox, pair[0], pair[1])
			if !errors.Is(err, ErrConfiguration) || bad != "" && strings.Contains(err.Error(), bad) {
				t.Errorf("%q: %v", bad, err)
			}
		}
	}
}

func TestFault046_AHangingTokenEndpointIsLeftAfterItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Token = func(_ http.ResponseWriter, req *http.Request) bool { <-req.Context().Done(); return true }
		started := time.Now()
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeNotSent, 0, 0})
		if d := time.Since(started); d != 30*time.Second {
			t.Errorf("after %s: %v", d, err)
		}
	})
}

func TestGoal05_OneTokenForAThousandCallers(t *testing.T) {
	callers := size(250, 1000)
	count := func(arrange func(*testing.T, *rig) func(i int) error) (tokens, failed int) {
		synctest.Test(t, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Token = func(http.ResponseWriter, *http.Request) bool { time.Sleep(time.Second); return false }
			call := arrange(t, r)
			before := r.bank.Tokens()
			failed = crowd(callers, call)
			tokens = r.bank.Tokens() - before
		})
		return tokens, failed
	}
	for name, c := range map[string]struct {
		arrange func(*testing.T, *rig) func(int) error
		failed  int
	}{
		"cold": {func(t *testing.T, r *rig) func(int) error {
			return func(int) error { return r.read(t.Context()) }
		}, 0},
		"at expiry": {func(t *testing.T, r *rig) func(int) error {
			_ = r.read(t.Context())
			time.Sleep(2 * time.Hour)
			return func(int) error { return r.read(t.Context()) }
		}, 0},
		"mass 401": {func(t *testing.T, r *rig) func(int) error {
			_ = r.read(t.Context())
			r.bank.Revoke()
			return func(int) error { return r.read(t.Context()) }
		}, 0},
		"leader cancelled": {func(t *testing.T, r *rig) func(int) error {
			return func(i int) error {
				time.Sleep(time.Duration(i) * 100 * time.Microsecond)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				if i == 0 {
					cancel()
				}
				return r.read(ctx)
			}
		}, 1},
	} {
		tokens, failed := count(c.arrange)
		if tokens != 1 || failed != c.failed {
			t.Errorf("%s: %d requests for a token, %d callers failed", name, tokens, failed)
		}
		t.Logf("G5: %s: %d callers, %d request for a token, %d failed by another's end", name, callers, tokens, failed-c.failed)
	}
}

// FuzzToken: what is taken for a token is one, whatever the endpoint writes.
func FuzzToken(f *testing.F) {
	f.Add([]byte(`{"access_token":"a","token_type":"bearer","expires_in":3600}`), "application/json")
	f.Add([]byte(`{"access_token":"a","expires_in":"3600"}`), "text/plain")
	f.Add([]byte(`{"access_token":"a\r\n","expires_in":-5}`), "")
	f.Add([]byte(`{"error":"invalid_client"}`), "text/html")
	f.Add([]byte(`null`), "bogus//")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		normal, ok := normalToken(body, contentType)
		if !ok {
			return
		}
		if !bytes.Contains(normal, []byte(`"access_token"`)) || bytes.Contains(normal, []byte(`"expires_in":0`)) || bytes.Contains(normal, []byte(`"expires_in":-`)) {
			t.Fatalf("%q became %s", body, normal)
		}
	})
}
