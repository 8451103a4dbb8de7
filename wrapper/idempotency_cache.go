package dwolla

import (
	"maps"
	"sync"
	"time"
)

// idempotencyCacheSize bounds how many keys are remembered; the oldest are forgotten first.
const idempotencyCacheSize = 10_000

// An idempotencyCache remembers the keys that the caller chose or whose outcome is unknown, and the request that was sent
// under each. Dwolla does not document what it does with a key that comes with another body, or after a day; the client
// sends neither.
type idempotencyCache struct {
	mu    sync.Mutex
	used  map[string]keyUse
	order []string // a ring; the oldest key is at next
	next  int
}

// A keyUse is what was first sent under a key.
type keyUse struct {
	request string // the path and the hash of the body
	first   time.Time
}

// claim reserves the key that the caller chose for a call, or says why it cannot be sent.
func (c *idempotencyCache) claim(p *pendingCall) error {
	hash := p.bodyHash()
	if p.opts.BodySHA256 != "" && p.opts.BodySHA256 != hash {
		return &ArgumentError{Op: p.op.Name, Argument: "body", Reason: "is not the one that was sent under this idempotency key", Err: ErrKeyReused}
	}
	if !p.opts.First.IsZero() {
		p.first = p.opts.First.Round(0)
	}
	before := c.remember(p)
	if before.request != p.url.Path+" "+hash {
		return &ArgumentError{Op: p.op.Name, Argument: "idempotency key", Reason: "was used for another request", Err: ErrKeyReused}
	}
	if before.first.Before(p.first) {
		p.first = before.first
	}
	if time.Now().Round(0).Sub(p.first) >= keyLifetime {
		return &ArgumentError{Op: p.op.Name, Argument: "idempotency key", Reason: "is too old to repeat the request; look it up first", Err: ErrKeyExpired}
	}
	return nil
}

// remember returns what was first sent under the key of a call: the call itself if the key is new.
func (c *idempotencyCache) remember(p *pendingCall) keyUse {
	c.mu.Lock()
	defer c.mu.Unlock()
	if before, ok := c.used[p.key]; ok {
		return before
	}
	if c.used == nil {
		c.used = map[string]keyUse{}
	}
	if len(c.order) < idempotencyCacheSize {
		c.order = append(c.order, p.key)
	} else {
		delete(c.used, c.order[c.next])
		c.order[c.next] = p.key
		if c.next = (c.next + 1) % idempotencyCacheSize; c.next == 0 {
			c.rebuild()
		}
	}
	now := keyUse{request: p.url.Path + " " + p.bodyHash(), first: p.first}
	c.used[p.key] = now
	return now
}

// rebuild copies the keys into a new map, once per round of the ring: a map under steady insertion and deletion grows,
// though the number of its keys stays the same.
func (c *idempotencyCache) rebuild() {
	used := make(map[string]keyUse, idempotencyCacheSize)
	maps.Copy(used, c.used)
	c.used = used
}
