package dwolla

import (
	"maps"
	"sync"
	"time"
)

// keyringSize bounds what is remembered; the oldest keys are forgotten first.
const keyringSize = 10_000

// A keyring remembers the keys that a caller chose or that ended in an unknown outcome, and what was sent under them.
// Dwolla does not say what it does with a key that comes with another body, or after a day; the client sends neither.
type keyring struct {
	mu    sync.Mutex
	used  map[string]use
	order []string // oldest first, from next on, as a ring
	next  int
}

type use struct {
	request string // what was asked for, and the hash of the body
	first   time.Time
}

// claim takes a caller's key for an exchange, or says why it cannot be sent.
func (k *keyring) claim(e *pendingCall) error {
	hash := e.bodyHash()
	if e.opts.BodySHA256 != "" && e.opts.BodySHA256 != hash {
		return &ArgumentError{Op: e.op.Name, Argument: "body", Reason: "is not the one that was sent under this idempotency key", Err: ErrKeyReused}
	}
	if !e.opts.First.IsZero() {
		e.first = e.opts.First.Round(0)
	}
	before := k.remember(e)
	if before.request != e.url.Path+" "+hash {
		return &ArgumentError{Op: e.op.Name, Argument: "idempotency key", Reason: "was used for another request", Err: ErrKeyReused}
	}
	if before.first.Before(e.first) {
		e.first = before.first
	}
	if time.Now().Round(0).Sub(e.first) >= keyUse {
		return &ArgumentError{Op: e.op.Name, Argument: "idempotency key", Reason: "is too old to repeat the request; look it up first", Err: ErrKeyExpired}
	}
	return nil
}

// remember gives what was first sent under the exchange's key, which is the exchange itself if nothing was.
func (k *keyring) remember(e *pendingCall) use {
	k.mu.Lock()
	defer k.mu.Unlock()
	if before, ok := k.used[e.key]; ok {
		return before
	}
	if k.used == nil {
		k.used = map[string]use{}
	}
	if len(k.order) < keyringSize {
		k.order = append(k.order, e.key)
	} else {
		delete(k.used, k.order[k.next])
		k.order[k.next] = e.key
		if k.next = (k.next + 1) % keyringSize; k.next == 0 {
			k.renew()
		}
	}
	now := use{request: e.url.Path + " " + e.bodyHash(), first: e.first}
	k.used[e.key] = now
	return now
}

// renew moves the keys into a new map once a turn of the ring. One that is always added to and deleted from splits its
// tables now and then and never joins them: in a long run it grows, though it holds no more.
func (k *keyring) renew() {
	used := make(map[string]use, keyringSize)
	maps.Copy(used, k.used)
	k.used = used
}
