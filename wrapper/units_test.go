package dwolla

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/call"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestBackoffIsFullJitterWithAFloor(t *testing.T) {
	r := defaults().retries
	for attempt, limit := range map[int]time.Duration{1: 500 * time.Millisecond, 2: time.Second, 3: 2 * time.Second, 5: 8 * time.Second, 9: 8 * time.Second, 40: 8 * time.Second, 1000: 8 * time.Second} {
		low, high := time.Duration(math.MaxInt64), time.Duration(0)
		for range 2000 {
			d := backoff(r, attempt)
			low, high = min(low, d), max(high, d)
		}
		if low < 100*time.Millisecond || high > limit || high < limit*9/10 || low > limit/2 {
			t.Errorf("attempt %d: %s to %s, want 100ms to %s", attempt, low, high, limit)
		}
	}
	for _, most := range []time.Duration{time.Millisecond, 100 * time.Millisecond} {
		if d := backoff(Retries{BaseDelay: most, MaxDelay: most, MinDelay: r.MinDelay}, 3); d != most {
			t.Errorf("not above the floor: %s instead of %s", d, most)
		}
	}
}

func TestTheOutcomeOfAnAnswerFollowsFromItsStatus(t *testing.T) {
	read := &pendingCall{op: &call.Op{Method: http.MethodGet}}
	write := &pendingCall{op: &call.Op{Method: http.MethodPost}, key: "k"}
	removal := &pendingCall{op: &call.Op{Method: http.MethodDelete}}
	for status, want := range map[int][3]Outcome{ // read, write, removal
		302: {OutcomeBadResponse, OutcomeRejected, OutcomeRejected},
		400: {OutcomeRejected, OutcomeRejected, OutcomeRejected},
		401: {OutcomeAuthFailed, OutcomeAuthFailed, OutcomeAuthFailed},
		404: {OutcomeRejected, OutcomeRejected, OutcomeRejected},
		407: {OutcomeNotSent, OutcomeNotSent, OutcomeNotSent},
		408: {OutcomeBadResponse, OutcomeUnknown, OutcomeUnknown},
		409: {OutcomeRejected, OutcomeUnknown, OutcomeRejected},
		425: {OutcomeRejected, OutcomeRejected, OutcomeRejected},
		429: {OutcomeRateLimited, OutcomeRateLimited, OutcomeRateLimited},
		500: {OutcomeBadResponse, OutcomeUnknown, OutcomeUnknown},
		501: {OutcomeRejected, OutcomeRejected, OutcomeRejected},
		503: {OutcomeBadResponse, OutcomeUnknown, OutcomeUnknown},
		505: {OutcomeRejected, OutcomeRejected, OutcomeRejected},
		599: {OutcomeBadResponse, OutcomeUnknown, OutcomeUnknown},
		100: {OutcomeBadResponse, OutcomeBadResponse, OutcomeBadResponse},
	} {
		got := [3]Outcome{read.answerOutcome(status), write.answerOutcome(status), removal.answerOutcome(status)}
		if got != want {
			t.Errorf("%d: %q, want %q", status, got, want)
		}
	}
}

func TestWhatIsRetriable(t *testing.T) {
	for name, c := range map[string]struct {
		err  Error
		want bool
	}{
		"no answer":                {Error{Outcome: OutcomeUnknown, Err: errors.New("reset")}, true},
		"no connection":            {Error{Outcome: OutcomeNotSent, Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}, true},
		"no such host":             {Error{Outcome: OutcomeNotSent, Err: &net.DNSError{IsNotFound: true}}, false},
		"name server fails":        {Error{Outcome: OutcomeNotSent, Err: &net.DNSError{IsTemporary: true}}, true},
		"canceled":                 {Error{Outcome: OutcomeCanceled, Err: context.Canceled}, false},
		"no token":                 {Error{Outcome: OutcomeNotSent, StatusCode: 503, noToken: true}, false},
		"no token in the answer":   {Error{Outcome: OutcomeAuthFailed, StatusCode: 200, Err: errNoToken}, false},
		"408":                      {Error{StatusCode: 408}, true},
		"425":                      {Error{StatusCode: 425}, true},
		"429":                      {Error{StatusCode: 429}, true},
		"500":                      {Error{StatusCode: 500}, true},
		"501":                      {Error{StatusCode: 501}, false},
		"502":                      {Error{StatusCode: 502}, true},
		"503":                      {Error{StatusCode: 503}, true},
		"504":                      {Error{StatusCode: 504}, true},
		"505":                      {Error{StatusCode: 505}, false},
		"520":                      {Error{StatusCode: 520}, false},
		"409 with a key":           {Error{StatusCode: 409, IdempotencyKey: "k"}, true},
		"409 without":              {Error{StatusCode: 409}, false},
		"302":                      {Error{StatusCode: 302, Err: errors.New("redirect")}, false},
		"400":                      {Error{StatusCode: 400}, false},
		"a body that breaks off":   {Error{StatusCode: 200, Err: errors.New("EOF")}, true},
		"a body that is too large": {Error{StatusCode: 200, Err: errTooLarge}, false},
	} {
		if got := retriable(&c.err); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestOnlySuccessSettlesWhatIsAmbiguous(t *testing.T) {
	for name, c := range map[string]struct {
		then Error
		want Outcome
	}{
		"refused":          {Error{Outcome: OutcomeRejected, StatusCode: 400}, OutcomeUnknown},
		"rate limited":     {Error{Outcome: OutcomeRateLimited, StatusCode: 429}, OutcomeUnknown},
		"auth failed":      {Error{Outcome: OutcomeAuthFailed, StatusCode: 401}, OutcomeUnknown},
		"not sent":         {Error{Outcome: OutcomeNotSent}, OutcomeUnknown},
		"canceled":         {Error{Outcome: OutcomeCanceled}, OutcomeUnknown},
		"done, unreadable": {Error{Outcome: OutcomeBadResponse, StatusCode: 201, Committed: true}, OutcomeBadResponse},
	} {
		e := &pendingCall{op: &call.Op{Method: http.MethodPost}}
		e.settle(&Error{Outcome: OutcomeUnknown})
		if e.settle(&c.then); c.then.Outcome != c.want {
			t.Errorf("%s: %q", name, c.then.Outcome)
		}
	}
}

func TestARetryWaitsOnlyWhereThatIsOfUse(t *testing.T) {
	c := &caller{cfg: new(defaults()), budget: newRetryBudget(defaultRetries().Budget)}
	post := func() *pendingCall {
		return &pendingCall{op: &call.Op{Method: http.MethodPost}, key: "k", first: time.Now().Round(0), attempts: 1}
	}
	failed := Error{StatusCode: 503, IdempotencyKey: "k"}
	again := func(ctx context.Context, e *pendingCall, last Error) bool {
		_, ok := c.delay(ctx, e, &last, &conflictPoll{limits: &c.cfg.retries})
		return ok
	}
	if !again(t.Context(), post(), failed) {
		t.Error("the plain case is not retried")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if again(ended, post(), failed) {
		t.Error("retried after the context's end")
	}
	third := post()
	third.attempts = 3
	if again(t.Context(), third, failed) {
		t.Error("a fourth attempt")
	}
	old := post()
	old.first = time.Now().Add(-keyLifetime)
	if again(t.Context(), old, failed) {
		t.Error("retried with a key that is too old")
	}
	long := failed
	long.RetryAfter = c.cfg.retries.MaxRetryAfter
	if !again(t.Context(), post(), long) {
		t.Error("did not wait for as long as allowed")
	}
	long.RetryAfter++
	if again(t.Context(), post(), long) {
		t.Error("waited longer than allowed")
	}
	short, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if again(short, post(), failed) {
		t.Error("waited beyond the deadline")
	}
	c.budget.tokens = budgetCost - 1
	if again(t.Context(), post(), failed) {
		t.Error("retried without a budget")
	}
	c.budget = newRetryBudget(defaultRetries().Budget)
	c.cfg.retries.MaxAttempts = 1
	if again(t.Context(), post(), Error{StatusCode: 409, IdempotencyKey: "k"}) {
		t.Error("polled, though retries are off")
	}
}

// An alwaysTransport has one answer to everything.
type alwaysTransport struct{ answer *http.Response }

func (t alwaysTransport) RoundTrip(*http.Request) (*http.Response, error) { return t.answer, nil }

func TestOnlyTheLocationOfARedirectIsKeptFromNetHTTP(t *testing.T) {
	for status, kept := range map[int]bool{201: false, 299: false, 300: true, 307: true, 399: true, 400: false} {
		answer := &http.Response{StatusCode: status, Header: http.Header{"Location": {"http://%zz"}}, Body: http.NoBody}
		resp, err := redirectless{alwaysTransport{answer}}.RoundTrip(nil)
		if err != nil || (resp.Header.Get("Location") == "") != kept {
			t.Errorf("%d: %v, %v", status, resp.Header, err)
		}
	}
	for _, answer := range []*http.Response{nil, {StatusCode: 200}} {
		_, err := redirectless{alwaysTransport{answer}}.RoundTrip(nil)
		if !errors.Is(err, errNoAnswer) {
			t.Errorf("an answer that is none: %v", err)
		}
	}
}

func TestAKeyHoldsUntilItsEndAndNotAtIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &pendingCall{key: "k", first: time.Now().Round(0)}
		if !e.keyHolds(keyLifetime-1) || e.keyHolds(keyLifetime) {
			t.Error("the end of the key is elsewhere")
		}
		if e.key = ""; !e.keyHolds(keyLifetime) {
			t.Error("a call without a key has none to lose")
		}
	})
}

func TestAWaitThatEndsAtTheDeadlineDoesNotFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if fits(ctx, time.Second) || !fits(ctx, time.Second-1) || !fits(t.Context(), time.Hour) {
			t.Error("the deadline is elsewhere")
		}
	})
}

func TestAForeignTextIsCutAtItsBound(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat("a", 512):       strings.Repeat("a", 512),
		strings.Repeat("a", 513):       strings.Repeat("a", 512) + "…",
		strings.Repeat("a", 511) + "ü": strings.Repeat("a", 511) + "…",
	} {
		if got := bounded(text); got != want {
			t.Errorf("%d bytes: got %q", len(text), got)
		}
	}
}

func TestPollingEndsByCountAndByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := conflictPoll{limits: new(defaultRetries())}
		for i := range conflictPolls {
			if !p.next(time.Second) {
				t.Errorf("poll %d is refused", i+1)
			}
		}
		if p.next(time.Second) {
			t.Error("one poll too many")
		}
		p = conflictPoll{limits: p.limits}
		p.next(0)
		time.Sleep(9 * time.Second)
		if !p.next(time.Second) || p.next(time.Second+1) {
			t.Error("the limit of time is not 10 s")
		}
	})
}

func TestTheBudgetRefillsByOneToItsSize(t *testing.T) {
	b := newRetryBudget(defaultRetries().Budget)
	for range budgetSize / budgetTimeout {
		if !b.take(&Error{}) {
			t.Fatal("empty too soon")
		}
	}
	if b.take(&Error{StatusCode: 503}) {
		t.Error("took from an empty budget")
	}
	for range budgetCost {
		b.refund()
	}
	if !b.take(&Error{StatusCode: 503}) || b.take(&Error{StatusCode: 503}) {
		t.Error("five successes are not one retry")
	}
	for range 2 * budgetSize {
		b.refund()
	}
	if b.tokens != budgetSize {
		t.Errorf("%d", b.tokens)
	}
}

func TestTheKeyringForgetsTheOldestFirst(t *testing.T) {
	var k idempotencyCache
	e := func(key string) *pendingCall {
		return &pendingCall{op: &call.Op{}, url: &url.URL{Path: "/transfers"}, key: key, first: time.Now().Round(0)}
	}
	for i := range idempotencyCacheSize + 2 {
		if err := k.claim(e(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if len(k.used) != idempotencyCacheSize || len(k.order) != idempotencyCacheSize {
		t.Errorf("%d keys, %d in order", len(k.used), len(k.order))
	}
	remembers := func(keys map[string]bool) {
		t.Helper()
		for key, there := range keys {
			if _, ok := k.used[key]; ok != there {
				t.Errorf("key %s: %v", key, ok)
			}
		}
	}
	remembers(map[string]bool{"0": false, "1": false, "2": true, fmt.Sprint(idempotencyCacheSize + 1): true})
	const turns = 3*idempotencyCacheSize + 5 // over the places where the map is renewed
	for i := idempotencyCacheSize + 2; i < turns; i++ {
		if err := k.claim(e(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if len(k.used) != idempotencyCacheSize || len(k.order) != idempotencyCacheSize {
		t.Errorf("%d keys, %d in order", len(k.used), len(k.order))
	}
	remembers(map[string]bool{fmt.Sprint(turns - idempotencyCacheSize - 1): false, fmt.Sprint(turns - idempotencyCacheSize): true, fmt.Sprint(turns - 1): true})
}

func TestASendingKnowsWhatLeft(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: errors.New("refused")}
	for name, c := range map[string]struct {
		cause error
		want  bool
	}{
		"a failure to connect": {dial, false}, "no name": {&net.DNSError{}, false}, "anything else": {errors.New("reset"), true},
	} {
		if got := new(sendTrace).mayHaveArrived(c.cause); got != c.want {
			t.Errorf("without a trace, %s: %v", name, got)
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

func TestErrorsPrintWithoutACause(t *testing.T) {
	unknown := &OutcomeUnknownError{IdempotencyKey: "k"}
	if unknown.Error() == "" || unknown.Unwrap() != nil || !errors.Is(unknown, ErrOutcomeUnknown) || OutcomeOf(unknown) != OutcomeUnknown {
		t.Error(unknown)
	}
	if got := unknown.LogValue().Group(); len(got) != 2 {
		t.Errorf("logged %v", got)
	}
	unknown.Err = &Error{Op: "Transfers.Create", StatusCode: 500, Code: "ServerError", RequestID: "r", Outcome: OutcomeUnknown}
	for _, line := range []string{unknown.LogValue().String(), unknown.Error()} {
		if !strings.Contains(line, "ServerError") {
			t.Error(line)
		}
	}
	if line := unknown.Error(); !strings.Contains(line, "request id r") {
		t.Error(line)
	}
	for _, e := range []error{
		&ConfigurationError{Option: "o", Reason: "r", Err: errors.New("why")}, &ArgumentError{Op: "op", Argument: "a", Reason: "r", Err: errors.New("why")},
	} {
		if !strings.Contains(e.Error(), "why") || errors.Unwrap(e) == nil {
			t.Error(e)
		}
	}
	if v := unknown.Err.LogValue(); v.Kind() != slog.KindGroup || len(v.Group()) != 5 {
		t.Error(v)
	}
	if errors.Is(unknown.Err, errors.New("x")) || errors.Is(unknown.Err, Kind("none")) {
		t.Error("is anything")
	}
}

func TestEveryErrorHasAnOutcome(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Outcome
	}{
		{nil, OutcomeOK},
		{argument("a", "b"), OutcomeNotSent},
		{ErrNoClient, OutcomeNotSent},
		{ErrNoLocation, OutcomeNotSent},
		{&LinkError{Kind: ErrForeignLink}, OutcomeNotSent},
		{ErrPagingLoop, OutcomeBadResponse},
		{errors.New("foreign"), OutcomeUnknown},
		{&Error{Outcome: OutcomeRejected}, OutcomeRejected},
		{&ReconcileError{Kind: ErrAbsent}, OutcomeUnknown},
	} {
		if got := OutcomeOf(c.err); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}

func TestAMiddlewareWithoutAnAnswerIsAnError(t *testing.T) {
	for name, answer := range map[string]*http.Response{"nothing": nil, "no body": {StatusCode: 200}} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t, WithMiddleware(func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
				_, _ = next(req)
				return answer, nil
			}))
			r.check(t, r.pay(t.Context()), want{OutcomeUnknown, 1, 1})
			if err := r.read(t.Context()); OutcomeOf(err) != OutcomeBadResponse {
				t.Error(err)
			}
		})
	}
	virtual(t, "its own error is passed on", func(t *testing.T) {
		own := errors.New("the budget of the month is spent")
		r := inMemoryRig(t, WithMiddleware(func(req *http.Request, _ func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			if op := OperationOf(req); op.Name != "Transfers.Create" || op.Path != "/transfers" || op.Method != http.MethodPost {
				t.Errorf("%+v", op)
			}
			return nil, own
		}))
		if err := r.pay(t.Context()); !errors.Is(err, own) {
			t.Error(err)
		}
		if OperationOf(new(http.Request)) != (Operation{}) {
			t.Error("a request without a call has an operation")
		}
	})
}

func TestATokenThatCannotBeRenewedEndsTheCall(t *testing.T) {
	virtual(t, "after a refusal", func(t *testing.T) {
		r := inMemoryRig(t)
		r.answerToken(func(w http.ResponseWriter) {
			text(200, "application/json", `{"access_token":"unknown","token_type":"Bearer","expires_in":3600}`)(w)
		}, text(401, "application/json", `{"error":"invalid_client"}`))
		r.check(t, r.pay(t.Context()), want{OutcomeAuthFailed, 1, 0})
		r.tokens(t, 2)
	})
	virtual(t, "after an unknown outcome", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Fault = func(n int, _ *http.Request) *faultserver.Fault {
			if n == 1 {
				r.bank.Token = func(w http.ResponseWriter, _ *http.Request) bool {
					text(401, "application/json", `{"error":"invalid_client"}`)(w)
					return true
				}
				return faultserver.Status(500, "").Committed()
			}
			return faultserver.Status(401, "InvalidAccessToken")
		}
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeUnknown, 2, 1})
		if !errors.Is(err, Code("invalid_client")) {
			t.Error(err)
		}
	})
	virtual(t, "a token whose answer breaks off", func(t *testing.T) {
		r := inMemoryRig(t)
		r.bank.Token = func(w http.ResponseWriter, _ *http.Request) bool {
			text(200, "application/json", strings.Repeat(" ", maxTokenBody+1))(w)
			return true
		}
		err := r.pay(t.Context())
		r.check(t, err, want{OutcomeNotSent, 0, 0})
		if !errors.Is(err, ErrTooLarge) {
			t.Error(err)
		}
	})
	virtual(t, "a token endpoint that asks for patience", func(t *testing.T) {
		r := inMemoryRig(t)
		limited := func(seconds string) func(http.ResponseWriter) {
			return func(w http.ResponseWriter) {
				w.Header().Set("Retry-After", seconds)
				text(429, "application/json", `{"error":"slow_down"}`)(w)
			}
		}
		r.answerToken(limited("5"), limited("300"))
		started := time.Now()
		r.check(t, r.pay(t.Context()), want{OutcomeRateLimited, 0, 0})
		if d := time.Since(started); d < 5*time.Second || d > 7*time.Second {
			t.Errorf("after %s", d)
		}
	})
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
