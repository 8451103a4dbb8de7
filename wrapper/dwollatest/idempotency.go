package dwollatest

import (
	"errors"
	"time"
)

// keyLife is how long a key stands for its first request.
const keyLife = 24 * time.Hour

// idempotency remembers what was done under each key.
type idempotency map[string]*keyed

// keyed is the request that a key stands for.
type keyed struct {
	request string // operation, path and body, of which the key is only valid for exactly these
	running bool
	locked  bool // the request died and holds the key until it expires
	expires time.Time
	done    *response // the answer to be given again
}

var errOtherRequest = errors.New("an idempotency key was used for another request before")

// once runs a request unless its key has been used. The same key with another body is not documented; it is reported
// as a mistake and refused.
func (s *Server) once(c *call, run func() response) response {
	k, earlier, err := s.begin(c)
	if errors.Is(err, errOtherRequest) {
		if !s.allowInvalid {
			s.problem(err)
		}
		err = badRequest("The idempotency key belongs to another request.")
	}
	if err != nil {
		return refuse(c.hal, err)
	}
	if earlier != nil {
		return *earlier
	}
	out := run()
	s.mu.Lock()
	defer s.mu.Unlock()
	k.running = false
	if out.succeeded() {
		k.done = &out
	}
	if k.done == nil && !k.locked {
		delete(s.keys, c.key)
	}
	return out
}

// succeeded reports whether the answer says that the request was carried out.
func (r response) succeeded() bool { return !r.faked && r.status >= 200 && r.status < 300 }

// begin takes the key for a request, or returns the answer to give again. A request that died and has been carried
// out all the same can be repeated once its lock has expired.
func (s *Server) begin(c *call) (*keyed, *response, error) {
	request := fingerprint(c.operation, c.path, string(c.body))
	s.mu.Lock()
	defer s.mu.Unlock()
	k, now := s.keys[c.key], s.now()
	expired := k != nil && !k.running && !now.Before(k.expires)
	switch {
	case k == nil, expired && (k.done == nil || !k.locked):
		k = &keyed{request: request, running: true, expires: now.Add(keyLife)}
		s.keys[c.key] = k
		return k, nil, nil
	case k.request != request:
		return nil, nil, errOtherRequest
	case k.running, k.locked && !expired:
		return nil, nil, conflict("A request with this idempotency key is being processed.")
	}
	return nil, k.done, nil
}

// committed remembers the answer of a request that was carried out although its caller will not get it.
func (s *Server) committed(c *call, out response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.keys[c.key]; k != nil && out.succeeded() {
		k.done = &out
	}
}

// lockKey lets the key stay taken until it expires.
func (s *Server) lockKey(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.keys[c.key]; k != nil {
		k.locked = true
	}
}
