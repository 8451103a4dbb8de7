// Package storetest tests implementations of [webhook.Store] against what a Handler relies on.
package storetest

import (
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

// Test checks a store. open returns the store, over the same records each time. One of the checks waits for a lease to
// expire: a second is enough for most stores. In a bubble of testing/synctest, where the checks run as well, it can be
// any time.
func Test(t *testing.T, open func(t testing.TB) webhook.Store, lease time.Duration) {
	t.Helper()
	tests := []struct {
		name string
		run  func(s check)
	}{
		{"a claim excludes others", exclusive},
		{"a released event can be claimed again", released},
		{"a completed event stays completed", completed},
		{"what was never claimed cannot be completed", unclaimed},
		{"the event of a dead process can be claimed", expired},
		{"one of many who claim at once gets the event", oneWinner},
	}
	for _, test := range tests { // not as subtests, which a bubble of synctest cannot have
		test.run(check{t: t, name: test.name, store: open(t), lease: lease})
	}
}

func exclusive(s check) {
	id := rand.Text()
	claim := s.claim(id, webhook.Claimed)
	s.claim(id, webhook.InProgress)
	s.claim(rand.Text(), webhook.Claimed) // another event
	s.want("Renew", s.store.Renew(s.t.Context(), claim, s.lease), nil)
	s.claim(id, webhook.InProgress)
}

func released(s check) {
	id := rand.Text()
	first := s.claim(id, webhook.Claimed)
	s.want("Release", s.store.Release(s.t.Context(), first), nil)

	s.claim(id, webhook.Claimed)
	s.want("Renew after Release", s.store.Renew(s.t.Context(), first, s.lease), webhook.ErrClaimLost)
	s.want("Complete after Release", s.store.Complete(s.t.Context(), first), webhook.ErrClaimLost)
	s.want("Release of another's claim", s.store.Release(s.t.Context(), first), nil)
	s.claim(id, webhook.InProgress)
}

func completed(s check) {
	id := rand.Text()
	claim := s.claim(id, webhook.Claimed)
	s.want("Complete", s.store.Complete(s.t.Context(), claim), nil)
	s.want("Complete again", s.store.Complete(s.t.Context(), claim), nil)
	s.want("Release after Complete", s.store.Release(s.t.Context(), claim), nil)
	s.want("Renew after Complete", s.store.Renew(s.t.Context(), claim, s.lease), webhook.ErrClaimLost)
	s.claim(id, webhook.Completed)
}

func unclaimed(s check) {
	claim := s.claim(rand.Text(), webhook.Claimed)
	claim.EventID = rand.Text()
	s.want("Complete", s.store.Complete(s.t.Context(), claim), webhook.ErrClaimLost)
}

func expired(s check) {
	id := rand.Text()
	dead := s.claim(id, webhook.Claimed)
	select {
	case <-time.After(s.lease + s.lease/10):
	case <-s.t.Context().Done():
	}
	alive := s.claim(id, webhook.Claimed)
	s.want("Complete of an expired claim", s.store.Complete(s.t.Context(), dead), webhook.ErrClaimLost)
	s.want("Release of an expired claim", s.store.Release(s.t.Context(), dead), nil)
	s.claim(id, webhook.InProgress)
	s.want("Complete", s.store.Complete(s.t.Context(), alive), nil)
}

func oneWinner(s check) {
	id := rand.Text()
	var winners atomic.Int64
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			switch _, status, err := s.store.Claim(s.t.Context(), id, s.lease); {
			case err != nil:
				s.t.Errorf("%s: Claim: %v", s.name, err)
			case status == webhook.Claimed:
				winners.Add(1)
			}
		})
	}
	all.Wait()
	if n := winners.Load(); n != 1 {
		s.t.Errorf("%s: %d of ten have the claim", s.name, n)
	}
}

// A check is one of the tests of a store.
type check struct {
	t     *testing.T
	name  string
	store webhook.Store
	lease time.Duration
}

func (s check) claim(id string, want webhook.Status) webhook.Claim {
	s.t.Helper()
	claim, status, err := s.store.Claim(s.t.Context(), id, s.lease)
	if err != nil || status != want {
		s.t.Fatalf("%s: Claim: status %d, %v; want status %d", s.name, status, err, want)
	}
	if status == webhook.Claimed && (claim.EventID != id || claim.Token == "") {
		s.t.Fatalf("%s: Claim: got %+v", s.name, claim)
	}
	return claim
}

func (s check) want(what string, got, want error) {
	s.t.Helper()
	if !errors.Is(got, want) {
		s.t.Errorf("%s: %s: error is %v, want %v", s.name, what, got, want)
	}
}
