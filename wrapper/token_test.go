package dwolla

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

func TestATokenIsOfVisibleASCII(t *testing.T) {
	for token, want := range map[string]bool{"!": true, "~": true, "": false, " ": false, "a b": false, "\x7f": false, "é": false} {
		if got := unusableToken(&oauth2.Token{AccessToken: token}) == ""; got != want {
			t.Errorf("%q: %v", token, got)
		}
	}
}

func TestTheTokenEndpointIsGivenAsMuchPatienceAsAnyCall(t *testing.T) {
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
