package webhooktest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

// CheckStore tests whether a Store of one's own keeps the promises of [webhook.Store]. It waits for a lease to lapse:
// a second is enough for most stores, and any time in a bubble of testing/synctest.
func CheckStore(t *testing.T, store webhook.Store, lease time.Duration) {
	t.Helper()
	s := storeCheck{t: t, store: store, lease: lease}

	id := newID()
	first := s.claim(id, webhook.Claimed)
	s.claim(id, webhook.InProgress)
	s.claim(newID(), webhook.Claimed) // another event is not concerned
	s.want("Renew", store.Renew(t.Context(), first, lease), nil)
	s.want("Release", store.Release(t.Context(), first), nil)

	second := s.claim(id, webhook.Claimed)
	s.want("Renew after Release", store.Renew(t.Context(), first, lease), webhook.ErrClaimLost)
	s.want("Complete after Release", store.Complete(t.Context(), first), webhook.ErrClaimLost)
	s.want("Release of another's claim", store.Release(t.Context(), first), nil)
	s.claim(id, webhook.InProgress)
	s.want("Complete", store.Complete(t.Context(), second), nil)
	s.want("Complete again", store.Complete(t.Context(), second), nil)
	s.want("Release after Complete", store.Release(t.Context(), second), nil)
	s.want("Renew after Complete", store.Renew(t.Context(), second, lease), webhook.ErrClaimLost)
	s.claim(id, webhook.Completed)

	s.want("Complete of what was never claimed", store.Complete(t.Context(), webhook.Claim{EventID: newID(), Token: first.Token}), webhook.ErrClaimLost)
	s.lapses()
	s.oneWinner()
}

type storeCheck struct {
	t     *testing.T
	store webhook.Store
	lease time.Duration
}

// lapses checks that the event of a dead process can be claimed, and that the dead one cannot settle it any more.
func (s storeCheck) lapses() {
	s.t.Helper()
	id := newID()
	dead := s.claim(id, webhook.Claimed)
	select {
	case <-time.After(s.lease + s.lease/10):
	case <-s.t.Context().Done():
	}
	alive := s.claim(id, webhook.Claimed)
	s.want("Complete of a lapsed claim", s.store.Complete(s.t.Context(), dead), webhook.ErrClaimLost)
	s.want("Release of a lapsed claim", s.store.Release(s.t.Context(), dead), nil)
	s.claim(id, webhook.InProgress)
	s.want("Complete", s.store.Complete(s.t.Context(), alive), nil)
}

// oneWinner checks that of many who claim at once, one gets the event.
func (s storeCheck) oneWinner() {
	s.t.Helper()
	id := newID()
	var winners atomic.Int64
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			switch _, status, err := s.store.Claim(s.t.Context(), id, s.lease); {
			case err != nil:
				s.t.Errorf("Claim: %v", err)
			case status == webhook.Claimed:
				winners.Add(1)
			}
		})
	}
	all.Wait()
	if n := winners.Load(); n != 1 {
		s.t.Errorf("%d of ten at once have the claim", n)
	}
}

func (s storeCheck) claim(id string, want webhook.Status) webhook.Claim {
	s.t.Helper()
	claim, status, err := s.store.Claim(s.t.Context(), id, s.lease)
	if err != nil || status != want {
		s.t.Fatalf("Claim: status %d, %v; want status %d", status, err, want)
	}
	if status == webhook.Claimed && (claim.EventID != id || claim.Token == "") {
		s.t.Fatalf("Claim: got %+v", claim)
	}
	return claim
}

func (s storeCheck) want(what string, got, want error) {
	s.t.Helper()
	if !errors.Is(got, want) {
		s.t.Errorf("%s: error is %v, want %v", what, got, want)
	}
}
