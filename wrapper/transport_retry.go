package dwolla

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// retry repeats a request while that is safe and of use: always the same key and the same bytes. What ends it is an
// answer that settles the call, the number of attempts, the budget, or the caller's context.
func (c *caller) retry(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		e := pendingCallOf(req)
		polls := polling{limits: &c.cfg.retries}
		e.attempts++
		for {
			resp, err := next(req)
			if err == nil {
				c.budget.refund()
				return resp, nil
			}
			last, ok := errors.AsType[*Error](err)
			if !ok {
				return resp, err
			}
			last.Attempts = e.attempts
			e.settle(last)
			wait, again := c.delay(req.Context(), e, last, &polls)
			if !again {
				return resp, last
			}
			if err := sleep(req.Context(), wait); err != nil {
				return resp, interrupted(last, err)
			}
			e.again(last)
		}
	}
}

// polling counts the questions whether the first request of a key still runs.
type polling struct {
	limits *Retries

	count int
	since time.Time
}

// next reports whether there is one more question. When the first request died, the key stays locked for 24 hours, and
// asking on is of no use.
func (p *polling) next(wait time.Duration) bool {
	if p.count == 0 {
		p.since = time.Now()
	}
	p.count++
	return p.count <= p.limits.ConflictPolls && time.Since(p.since)+wait <= p.limits.ConflictWait
}

// delay decides whether there is another attempt, and after how long.
func (c *caller) delay(ctx context.Context, e *pendingCall, last *Error, polls *polling) (time.Duration, bool) {
	most := c.cfg.retries
	if ctx.Err() != nil || most.MaxAttempts == 1 || !most.again(last) || last.RetryAfter > most.MaxRetryAfter {
		return 0, false
	}
	wait := backoff(most, e.attempts)
	switch last.StatusCode {
	case http.StatusConflict:
		wait = backoff(most, polls.count+1) // of its own: whatever went before, all the questions fit into their time
		if !polls.next(wait) {
			return 0, false
		}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		wait += last.RetryAfter // on top of it, so that workers who were told the same do not come back as one
		fallthrough
	default:
		if e.attempts-polls.count >= most.MaxAttempts {
			return 0, false
		}
	}
	return wait, fits(ctx, wait) && e.keyHolds(wait) && c.budget.take(last)
}

// again reports whether another attempt is wanted.
func (r *Retries) again(last *Error) bool {
	if r.If == nil || last.noToken || last.Outcome == OutcomeAuthFailed || last.Outcome == OutcomeCanceled {
		return retriable(last)
	}
	return r.If(last)
}

// retriable reports whether another attempt may end better.
func retriable(last *Error) bool {
	if last.noToken || last.Outcome == OutcomeAuthFailed {
		return false
	}
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
