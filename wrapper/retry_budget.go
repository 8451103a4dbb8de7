package dwolla

import "sync"

// A retryBudget keeps retries from multiplying an outage: they draw from a bucket that only successes refill.
type retryBudget struct {
	Budget

	mu     sync.Mutex
	tokens int
}

func newRetryBudget(b Budget) *retryBudget { return &retryBudget{Budget: b, tokens: b.Size} }

// take pays for a retry after the given error, or reports that the budget does not allow it.
func (b *retryBudget) take(last *Error) bool {
	if b.Off {
		return true
	}
	cost := b.Cost
	if last.StatusCode == 0 {
		cost = b.TimeoutCost
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < cost {
		return false
	}
	b.tokens -= cost
	return true
}

// refund puts back what a success is worth.
func (b *retryBudget) refund() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(b.tokens+b.Refund, b.Size)
}
