package dwolla

import (
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
