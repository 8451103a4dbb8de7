package dwolla

import (
	"container/list"
	"maps"
	"sync"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

// idempotencyCacheSize bounds how many settled keys are remembered; the oldest are forgotten first.
const idempotencyCacheSize = 10_000

// An idempotencyCache remembers the keys that the caller chose or whose outcome is unknown, and the request that was sent
// under each. Dwolla does not document what it does with a key that comes with another body, or after a day; the client
// sends neither. A key whose outcome is unknown is settled only by success.
//
// Its memory is bounded by idempotencyCacheSize for settled keys. Those in use and those whose outcome is unknown are
// remembered as long as they are valid, however many they are: a few hundred bytes for each unknown outcome of a day.
type idempotencyCache struct {
	mu      sync.Mutex
	used    map[string]*keyUse
	settled list.List // of *keyUse, oldest first
	unknown list.List // of *keyUse, oldest first
	dropped int       // since the map was rebuilt
}

// A keyUse is what was first sent under a key.
type keyUse struct {
	key     string
	sent    call.Sent
	calls   int  // in progress
	reached bool // something was sent under the key
	unknown bool // whether it was carried out is unknown
	done    bool // it was carried out

	list  *list.List // that it is in, or nil
	place *list.Element
}

// claim reserves the key that the caller chose for a call, or says why it cannot be sent. What was claimed is released.
func (c *idempotencyCache) claim(p *pendingCall) error {
	what := p.what()
	if p.opts.Resend != nil {
		if p.opts.Resend.What != what {
			return p.reused()
		}
		p.first = earliest(p.first, p.opts.Resend.First.Round(0))
		p.ambiguous = true // by the first attempt, which the record is of
	}
	if first := p.opts.KeyFirst; !first.IsZero() {
		p.first = earliest(p.first, first.Round(0))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	use := c.use(p.key, call.Sent{What: what, First: p.first, CorrelationID: p.correlationID})
	if use.sent.What != what {
		return p.reused()
	}
	p.first = earliest(p.first, use.sent.First)
	p.ambiguous = p.ambiguous || use.unknown || use.done
	use.reached = use.reached || p.opts.Resend != nil
	if !p.keyHolds(0) && !p.sent { // of a call that has sent something, the attempt says so
		if !use.reached { // another process has sent it
			use.reached, use.unknown = true, true
		}
		if use.calls == 0 {
			c.put(use)
		}
		return &ArgumentError{Op: p.op.Name, Argument: "idempotency key", Reason: "is too old to repeat the request; look it up first", Err: ErrKeyExpired}
	}
	use.calls++
	c.take(use)
	return nil
}

// reused is for a key that was sent with another request.
func (p *pendingCall) reused() error {
	return &ArgumentError{Op: p.op.Name, Argument: "idempotency key", Reason: "was used for another request, which decides", Err: ErrKeyReused}
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// release ends a claim. A key that nothing was sent with is forgotten.
func (c *idempotencyCache) release(p *pendingCall) {
	c.mu.Lock()
	defer c.mu.Unlock()
	use := c.used[p.key]
	use.calls--
	use.reached = use.reached || p.sent
	use.unknown, use.done = use.unknown && !p.settled, use.done || p.settled
	if use.calls == 0 {
		c.put(use)
	}
}

// remember keeps the key of a call whose outcome is unknown.
func (c *idempotencyCache) remember(key string, sent call.Sent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	use := c.use(key, sent)
	use.reached, use.unknown = true, true
	if use.calls == 0 {
		c.take(use)
		c.put(use)
	}
}

// repeated returns what was first sent under the key of a call, unless nothing of that was carried out, as far as is known: a
// call that is still in progress may yet be.
func (c *idempotencyCache) repeated(p *pendingCall) *call.Sent {
	if p.opts.Resend != nil {
		return p.opts.Resend
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if use, ok := c.used[p.opts.IdempotencyKey]; ok && (use.unknown || use.done || use.calls > 0) {
		return &use.sent
	}
	return nil
}

// use returns what was first sent under a key: the given request if the key is new.
func (c *idempotencyCache) use(key string, sent call.Sent) *keyUse {
	if before, ok := c.used[key]; ok {
		return before
	}
	if c.used == nil {
		c.used = map[string]*keyUse{}
	}
	now := &keyUse{key: key, sent: sent}
	c.used[key] = now
	return now
}

// take removes a key that is used again from its list.
func (c *idempotencyCache) take(use *keyUse) {
	if use.list != nil {
		use.list.Remove(use.place)
		use.list, use.place = nil, nil
	}
}

// put sorts a key that no call uses into its list, or forgets it, and then drops the oldest of those that can be dropped.
func (c *idempotencyCache) put(use *keyUse) {
	c.take(use)
	switch {
	case !use.reached:
		c.forget(use)
	case use.unknown:
		use.list, use.place = &c.unknown, c.unknown.PushBack(use)
	default:
		use.list, use.place = &c.settled, c.settled.PushBack(use)
	}
	for oldest := c.unknown.Front(); oldest != nil; oldest = c.unknown.Front() {
		expired := oldest.Value.(*keyUse)
		if time.Since(expired.sent.First) < IdempotencyKeyLifetime {
			break
		}
		// Dwolla has forgotten it. It is remembered here, for as long as there is room, so that it is not sent again.
		c.take(expired)
		expired.list, expired.place = &c.settled, c.settled.PushBack(expired)
	}
	for c.settled.Len() > idempotencyCacheSize {
		oldest := c.settled.Front().Value.(*keyUse)
		c.take(oldest)
		c.forget(oldest)
	}
}

// forget drops a key. It copies the others into a new map now and then: a map under steady insertion and deletion grows,
// though the number of its keys stays the same.
func (c *idempotencyCache) forget(use *keyUse) {
	delete(c.used, use.key)
	if c.dropped++; c.dropped >= idempotencyCacheSize {
		used := make(map[string]*keyUse, len(c.used))
		maps.Copy(used, c.used)
		c.used, c.dropped = used, 0
	}
}
