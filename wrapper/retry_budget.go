package dwolla

import "sync"

// A retryBudget keeps an outage from being multiplied by retries: they draw from a bucket that only successes refill.
type retryBudget struct {
	Budget

	mu     sync.Mutex
	tokens int
}

func newRetryBudget(b Budget) *retryBudget { return &retryBudget{Budget: b, tokens: b.Size} }

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

func (b *retryBudget) refund() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(b.tokens+b.Refund, b.Size)
}
