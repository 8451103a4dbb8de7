package dwolla

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Limits of waiting for a request with the same idempotency key that still runs.
const (
	conflictPolls = 3
	conflictWait  = 10 * time.Second
)

// retry repeats a request while that is safe and of use: always the same key and the same bytes. What ends it is an
// answer that settles the call, the number of attempts, the budget, or the caller's context.
func (c *caller) retry(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		e := exchangeOf(req)
		conflicts, started := 0, time.Now()
		e.first = started
		for {
			e.attempts++
			resp, err := next(attemptOf(req))
			if err == nil {
				c.budget.refund()
				return resp, nil
			}
			last, ok := errors.AsType[*Error](err)
			if !ok {
				return resp, err
			}
			err = e.settle(last)
			delay, again := c.delay(req.Context(), e, last, &conflicts, time.Since(started))
			if !again {
				return resp, err
			}
			if ctxErr := sleep(req.Context(), delay); ctxErr != nil {
				return resp, e.interrupted(last, ctxErr)
			}
		}
	}
}

// attemptOf is a copy of the request for one attempt.
func attemptOf(req *http.Request) *http.Request {
	out := req.WithContext(req.Context())
	out.Header = req.Header.Clone()
	return out
}

// settle remembers whether an attempt may have been carried out, and lets a later answer settle the call only if it is
// an answer to this request: after an attempt with an unknown outcome, a 429 or a refused token says nothing of it.
func (e *exchange) settle(last *Error) *Error {
	if e.safe() {
		return last
	}
	switch last.Outcome {
	case OutcomeUnknown:
		e.ambiguous = true
	case OutcomeRejected, OutcomeBadResponse:
		if last.StatusCode != 0 {
			e.ambiguous = false
		}
	}
	if e.ambiguous {
		last.Outcome = OutcomeUnknown
	}
	return last
}

// interrupted is a wait that the caller's context ended.
func (e *exchange) interrupted(last *Error, cause error) *Error {
	last.Err = cause
	if last.Outcome != OutcomeUnknown {
		last.Outcome = OutcomeCanceled
	}
	return last
}

// delay decides whether there is another attempt, and after how long.
func (c *caller) delay(ctx context.Context, e *exchange, last *Error, conflicts *int, elapsed time.Duration) (time.Duration, bool) {
	if ctx.Err() != nil || !retriable(last) {
		return 0, false
	}
	wait := backoff(c.cfg.retries, e.attempts)
	if last.StatusCode == http.StatusConflict {
		// The first request of this key may still run; when it died, the key stays locked for 24 hours.
		*conflicts++
		if *conflicts > conflictPolls || elapsed+wait > conflictWait {
			return 0, false
		}
		return wait, fits(ctx, wait)
	}
	if e.attempts-*conflicts >= c.cfg.retries.MaxAttempts {
		return 0, false
	}
	if last.RetryAfter > c.cfg.retries.MaxRetryAfter {
		return 0, false
	}
	if last.StatusCode == http.StatusTooManyRequests || last.StatusCode == http.StatusServiceUnavailable {
		wait = max(wait, last.RetryAfter)
	}
	return wait, fits(ctx, wait) && c.budget.take(last)
}

// retriable reports whether another attempt may end better.
func retriable(last *Error) bool {
	switch last.StatusCode {
	case 0:
		return last.Outcome != OutcomeCanceled && !isCertificateError(last.Err) && !permanent(last.Err)
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case http.StatusConflict:
		return last.IdempotencyKey != ""
	default:
		// An answer of 2xx whose body broke off.
		return last.StatusCode < 300 && last.Err != nil && !errors.Is(last.Err, ErrTooLarge)
	}
}

// fits reports whether a wait ends before the caller's deadline; if not, the last error is worth more than the wait.
func fits(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > wait
}

// backoff is full jitter over a doubling delay, with a floor so that no two attempts are back to back.
func backoff(r Retries, attempt int) time.Duration {
	const floor = 100 * time.Millisecond
	limit := r.MaxDelay
	if shift := attempt - 1; shift < 16 {
		limit = min(limit, r.BaseDelay<<shift)
	}
	if limit <= floor {
		return limit
	}
	return floor + rand.N(limit-floor)
}

// sleep waits, or returns at once when the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// A retryBudget keeps an outage from being multiplied by retries: they draw from a bucket that only successes refill.
type retryBudget struct {
	mu     sync.Mutex
	tokens int
}

const (
	budgetSize    = 500
	budgetCost    = 5
	budgetTimeout = 10 // an attempt without an answer has cost more
)

func newRetryBudget() *retryBudget { return &retryBudget{tokens: budgetSize} }

func (b *retryBudget) take(last *Error) bool {
	cost := budgetCost
	if last.StatusCode == 0 {
		cost = budgetTimeout
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < cost {
		return false
	}
	b.tokens -= cost
	return true
}

func (b *retryBudget) refund() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(b.tokens+1, budgetSize)
}
