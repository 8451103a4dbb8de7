// Package ledger is the truth that tests compare the client's word with: what was really paid.
package ledger

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// A Payment is something that was really done. It need not be money: any write that took effect is one.
type Payment struct {
	ID            string
	Path          string // where it was asked for
	Key           string // of idempotency
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

// Pay writes a payment down and gives it an id.
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

// Len is how many there are.
func (l *Ledger) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.paid)
}

// Twice are the names that were paid more than once. A name tells one intended payment from another: the idempotency
// key, or the correlation id.
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
