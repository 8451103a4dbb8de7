package webhook

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"
)

// The defaults of a MemoryStore.
const (
	// DefaultRetention is longer than the 30 days for which Dwolla lists events.
	DefaultRetention = 31 * 24 * time.Hour
	// DefaultLimit is how many events a MemoryStore remembers; they take about 20 MB.
	DefaultLimit = 100_000
)

// redelivery is how long Dwolla repeats a delivery that was not acknowledged.
const redelivery = 72 * time.Hour

// ErrStoreFull is the error when as many events are in progress as a [MemoryStore] may hold.
var ErrStoreFull = errors.New("webhook: too many events in progress")

// A MemoryStore is a [Store] for a single process. Its records are lost when the process ends, so events that Dwolla
// sends again after that are processed again. The zero value is ready to use. Do not change the fields after first use.
type MemoryStore struct {
	// Retention is how long a completed event is remembered. Default [DefaultRetention].
	Retention time.Duration
	// Limit is how many events are remembered. When it is reached, the oldest completed events are forgotten before
	// their retention is over, so it should be at least the number of events of 72 hours. Default [DefaultLimit].
	Limit int
	// Logger gets a warning, at most one an hour, when the limit makes the store forget an event that Dwolla may still
	// send again. The store of a Handler without [WithStore] has the Handler's. May be nil.
	Logger *slog.Logger

	mu      sync.Mutex
	records map[string]record
	done    []string // ids of completed events, oldest first
	warned  time.Time
	tokens  uint64
}

// A record is a claim, or a completed event if it has no token.
type record struct {
	token string
	until time.Time // when the lease expires, or the event is forgotten
}

// Claim implements [Store].
func (s *MemoryStore) Claim(_ context.Context, eventID string, lease time.Duration) (Claim, Status, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.forget(now)
	r, known := s.records[eventID]
	switch {
	case known && r.token == "":
		return Claim{}, Completed, nil
	case known && now.Before(r.until):
		return Claim{}, InProgress, nil
	case !known && !s.makeRoom(now):
		return Claim{}, InProgress, ErrStoreFull
	}
	if s.records == nil {
		s.records = make(map[string]record)
	}
	s.tokens++
	token := strconv.FormatUint(s.tokens, 10)
	s.records[eventID] = record{token: token, until: now.Add(lease)}
	return Claim{EventID: eventID, Token: token}, Claimed, nil
}

// Renew implements [Store].
func (s *MemoryStore) Renew(_ context.Context, claim Claim, lease time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.holds(claim) {
		return ErrClaimLost
	}
	s.records[claim.EventID] = record{token: claim.Token, until: time.Now().Add(lease)}
	return nil
}

// Complete implements [Store].
func (s *MemoryStore) Complete(_ context.Context, claim Claim) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, known := s.records[claim.EventID]; known && r.token == "" {
		return nil
	}
	if !s.holds(claim) {
		return ErrClaimLost
	}
	s.records[claim.EventID] = record{until: time.Now().Add(s.retention())}
	s.done = append(s.done, claim.EventID)
	return nil
}

// Release implements [Store].
func (s *MemoryStore) Release(_ context.Context, claim Claim) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holds(claim) {
		delete(s.records, claim.EventID)
	}
	return nil
}

func (s *MemoryStore) retention() time.Duration {
	if s.Retention <= 0 {
		return DefaultRetention
	}
	return s.Retention
}

// holds reports whether the claim is the latest on its event. It may have expired, as long as nobody else claimed the
// event since.
func (s *MemoryStore) holds(claim Claim) bool {
	return claim.Token != "" && s.records[claim.EventID].token == claim.Token
}

// forget drops the completed events whose retention is over.
func (s *MemoryStore) forget(now time.Time) {
	for len(s.done) > 0 && !now.Before(s.records[s.done[0]].until) {
		s.dropOldest()
	}
}

// makeRoom drops a completed event if the store is full, and reports whether there is room for one more. Claims are
// never dropped: the event would be processed twice.
func (s *MemoryStore) makeRoom(now time.Time) bool {
	limit := s.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	if len(s.records) >= limit && len(s.done) > 0 {
		s.warn(now, limit)
		s.dropOldest()
	}
	return len(s.records) < limit
}

// warn logs that an event is forgotten while Dwolla may still send it again.
func (s *MemoryStore) warn(now time.Time, limit int) {
	completed := s.records[s.done[0]].until.Add(-s.retention())
	if s.Logger == nil || now.Sub(completed) >= redelivery || now.Sub(s.warned) < time.Hour {
		return
	}
	s.warned = now
	s.Logger.Warn("webhook: the store is too small: events are forgotten that may be delivered again, and are then processed twice",
		slog.Int("limit", limit), slog.Duration("age", now.Sub(completed)))
}

func (s *MemoryStore) dropOldest() {
	delete(s.records, s.done[0])
	s.done = s.done[1:]
}
