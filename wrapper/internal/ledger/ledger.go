// Package ledger records what was really paid, for tests to compare with what the client reported.
package ledger

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// A Payment is a write that took effect, whether or not it moved money.
type Payment struct {
	ID            string
	Path          string // of the request
	Key           string // the idempotency key
	CorrelationID string
	Amount        string
	Source        string
	Destination   string
	At            time.Time
}

// A Ledger is safe for concurrent use.
type Ledger struct {
	mu   sync.Mutex
	paid []Payment
}

// Pay records a payment and gives it an id.
func (l *Ledger) Pay(p Payment) Payment {
	l.mu.Lock()
	defer l.mu.Unlock()
	p.ID = fmt.Sprintf("00000000-0000-4000-8000-%012d", len(l.paid)+1)
	l.paid = append(l.paid, p)
	return p
}

// Payments are all of them, oldest first.
func (l *Ledger) Payments() []Payment {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.paid)
}

// Len is the number of payments.
func (l *Ledger) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.paid)
}

// Twice are the names that were paid more than once. A name identifies an intended payment, by its idempotency key or
// correlation id.
func (l *Ledger) Twice(name func(Payment) string) []string {
	seen := map[string]int{}
	var twice []string
	for _, p := range l.Payments() {
		n := name(p)
		if seen[n]++; seen[n] == 2 {
			twice = append(twice, n)
		}
	}
	return twice
}

// Forget drops every payment.
func (l *Ledger) Forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.paid = nil
}
