package dwolla

import "sync"

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
