package dwolla

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// retry repeats a request while that is safe and may help, always with the same key and the same bytes. It ends with
// success, with an error that another attempt cannot change, or by the number of attempts, the budget or the context.
func (c *caller) retry(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		p := pendingCallOf(req)
		polls := conflictPoll{limits: &c.cfg.retries}
		p.attempts++
		for {
			resp, err := next(req)
			if err == nil {
				c.budget.refund()
				p.ambiguous = !p.safe() // should middleware call next again, and Dwolla refuse that
				return resp, nil
			}
			last, ok := errors.AsType[*Error](err)
			if !ok {
				return resp, err
			}
			last.Attempts = p.attempts
			p.settle(last)
			wait, again := c.delay(req.Context(), p, last, &polls)
			if !again {
				return resp, last
			}
			if err := sleep(req.Context(), wait); err != nil {
				return resp, interrupted(last, err)
			}
			p.nextAttempt(last)
		}
	}
}

// conflictPoll limits how often a 409 is retried while the first request with the key may still be running.
type conflictPoll struct {
	limits *Retries

	count int
	since time.Time
}

// next reports whether there may be one more poll. Polling has an end because the key of a request that died at Dwolla
// stays locked for 24 hours.
func (p *conflictPoll) next(wait time.Duration) bool {
	if p.count == 0 {
		p.since = time.Now()
	}
	p.count++
	return p.count <= p.limits.ConflictPolls && time.Since(p.since)+wait <= p.limits.ConflictWait
}

// delay decides whether there is another attempt, and after how long.
func (c *caller) delay(ctx context.Context, p *pendingCall, last *Error, polls *conflictPoll) (time.Duration, bool) {
	limits := c.cfg.retries
	if ctx.Err() != nil || limits.MaxAttempts == 1 || !c.cfg.again(ctx, last) || last.RetryAfter > limits.MaxRetryAfter {
		return 0, false
	}
	wait := backoff(limits, p.attempts)
	switch last.StatusCode {
	case http.StatusConflict:
		wait = backoff(limits, polls.count+1) // whatever went before, so that all polls fit into ConflictWait
		if !polls.next(wait) {
			return 0, false
		}
	default:
		wait += last.RetryAfter // added to the jitter, so that workers with the same Retry-After do not return together
		if p.attempts-polls.count >= limits.MaxAttempts {
			return 0, false
		}
	}
	return wait, fits(ctx, wait) && p.keyHolds(wait) && c.budget.take(last)
}

// again reports whether another attempt is wanted, by the rule of the user or the default one. A rule that panics, exits or
// blocks wants none: the error says so, besides what was answered.
func (c *config) again(ctx context.Context, last *Error) bool {
	r := &c.retries
	if r.If == nil || last.noToken || last.Outcome == OutcomeAuthFailed || last.Outcome == OutcomeCanceled {
		return retriable(last)
	}
	asked := last.clone()
	again, err := isolate(ctx, func() (bool, error) { return r.If(asked), nil })
	if err == nil {
		return again
	}
	c.logPanic(ctx, err)
	if err == errAbandoned { //nolint:errorlint // that of isolate is not wrapped
		err = ended(ctx)
	}
	if last.Err != nil {
		err = fmt.Errorf("%w; %w", last.Err, err)
	}
	last.Err = err
	return false
}

// retriable reports whether another attempt may succeed.
func retriable(last *Error) bool {
	if last.noToken || last.Outcome == OutcomeAuthFailed || errors.Is(last.Err, ErrRedirect) {
		return false
	}
	switch last.StatusCode {
	case 0:
		return last.Outcome != OutcomeCanceled && !isCertificateError(last.Err) && !permanent(last.Err)
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	case http.StatusConflict:
		return last.IdempotencyKey != ""
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	default:
		// Any other 5xx, also those of the edge (520 and the like), or a 2xx whose body broke off.
		return last.StatusCode >= 500 && last.StatusCode < 600 || last.StatusCode < 300 && last.Err != nil && !errors.Is(last.Err, ErrTooLarge)
	}
}

// permanent reports whether connecting will fail in the same way next time.
func permanent(err error) bool {
	dns, ok := errors.AsType[*net.DNSError](err)
	return ok && dns.IsNotFound || errors.Is(err, ErrInvalidArgument)
}
