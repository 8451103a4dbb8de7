// Package idempotency has Dwolla's rules of idempotency keys, for the fakes that tests run against.
//
// A key stands for one request, which is its operation, path and body:
//
//   - The same request is answered with the first answer, for 24 hours from the first use. After that the key is free.
//   - While the first request runs, the same request is a conflict (409).
//   - A key that was locked, as a 500 can leave it, is a conflict for the rest of the 24 hours.
//   - Only a request that was carried out uses its key up. One that was refused, or was lost on its way, leaves it free.
//   - Another request under the same key is not documented: each fake decides what is worst for its tests.
package idempotency

import (
	"sync"
	"time"

	"github.com/dwolla-go/dwolla-go/gen"
)

// A Verdict is what a server does with a request that has a key.
type Verdict int

// The verdicts on a request.
const (
	Run      Verdict = iota // carry it out, and call End of its Key afterwards
	Replay                  // give Answer of its Key again
	Conflict                // refuse it with 409: the first request runs, or the key is locked
	Mismatch                // the key stands for another request
)

// Keys are the keys that a server remembers; A is the type of its answers. The zero value is ready for use, and it is
// safe for concurrent use.
type Keys[A any] struct {
	// ReplayAfterLock gives the answer of a locked request, if it was carried out, once the 24 hours are over. Without
	// it such a key is free then, like any other. The documents do not say what Dwolla does.
	ReplayAfterLock bool

	mu   sync.Mutex
	keys map[string]*Key[A]
	used []*Key[A] // those that are used up, about in the order in which they expire
}

// A Key is a key in use. Its methods do nothing on a nil Key, which is that of a request without one.
type Key[A any] struct {
	of      *Keys[A]
	name    string
	request string
	expires time.Time
	running bool
	locked  bool
	kept    bool
	answer  A
}

// Begin decides about a request. The Key is that of the first request, and nil for Conflict and Mismatch.
func (k *Keys[A]) Begin(now time.Time, name, request string) (Verdict, *Key[A]) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.forget(now)
	old := k.keys[name]
	expired := old != nil && !old.running && !now.Before(old.expires)
	replayed := k.ReplayAfterLock && old != nil && old.locked && old.kept
	switch {
	case old == nil, expired && !replayed:
		if k.keys == nil {
			k.keys = map[string]*Key[A]{}
		}
		first := &Key[A]{of: k, name: name, request: request, expires: now.Add(gen.IdempotencyKeyLifetime), running: true}
		k.keys[name] = first
		return Run, first
	case old.request != request:
		return Mismatch, nil
	case old.running, old.locked && !expired:
		return Conflict, nil
	}
	return Replay, old
}

// forget drops the keys that have expired, but for those whose answer is still to be given.
func (k *Keys[A]) forget(now time.Time) {
	for len(k.used) > 0 && !now.Before(k.used[0].expires) {
		old := k.used[0]
		k.used[0], k.used = nil, k.used[1:]
		if k.keys[old.name] == old && (!k.ReplayAfterLock || !old.locked || !old.kept) {
			delete(k.keys, old.name)
		}
	}
}

// Clear forgets every key.
func (k *Keys[A]) Clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.keys)
	k.used = nil
}

// Keep records that the request was carried out, with the answer to be given again. It may be called before End, by a
// server that carries a request out and loses the answer.
func (k *Key[A]) Keep(answer A) {
	k.change(func() { k.kept, k.answer = true, answer })
}

// Lock makes the key a conflict until it expires.
func (k *Key[A]) Lock() {
	k.change(func() { k.locked = true })
}

// End records that the request does not run any more. Without Keep or Lock the key is free.
func (k *Key[A]) End() {
	k.change(func() {
		k.running = false
		switch {
		case k.kept, k.locked:
			k.of.used = append(k.of.used, k)
		case k.of.keys[k.name] == k:
			delete(k.of.keys, k.name)
		}
	})
}

// Answer is the answer that was kept.
func (k *Key[A]) Answer() (answer A) {
	k.change(func() { answer = k.answer })
	return answer
}

func (k *Key[A]) change(do func()) {
	if k == nil {
		return
	}
	k.of.mu.Lock()
	defer k.of.mu.Unlock()
	do()
}
