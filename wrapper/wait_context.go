package dwolla

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// fits reports whether a wait ends before the caller's deadline; if not, the last error is worth more than the wait.
func fits(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > wait
}

// backoff is full jitter over a doubling delay, with a floor so that no two attempts are back to back.
func backoff(r Retries, attempt int) time.Duration {
	floor, limit := r.MinDelay, r.BaseDelay
	for i := 1; i < attempt && limit < r.MaxDelay; i++ {
		limit *= 2
	}
	limit = min(limit, r.MaxDelay)
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
		return ended(ctx)
	case <-timer.C:
		return nil
	}
}

// ended says why a context ended. The caller finds context.Canceled or context.DeadlineExceeded in it, and its own
// cause if it gave one.
func ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", cause, err)
}

// canceled reports whether the caller's context ended, as opposed to the time of the attempt.
func canceled(ctx context.Context) bool {
	return ctx.Err() != nil && !errors.Is(context.Cause(ctx), errTimeout)
}
