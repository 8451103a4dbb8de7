package dwollatest

import (
	"errors"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/idempotency"
)

var errOtherRequest = errors.New("an idempotency key was used for another request before")

// once runs a request unless its key has been used. The same key with another request is not documented; it is
// reported as a mistake and refused.
func (s *Server) once(c *call, run func() response) response {
	verdict, key := s.keys.Begin(s.Now(), c.key, fingerprint(c.operation, c.path, string(c.body)))
	switch verdict {
	case idempotency.Mismatch:
		if !s.allowInvalid {
			s.problem(errOtherRequest)
		}
		return refuse(c.hal, badRequest("The idempotency key belongs to another request."))
	case idempotency.Conflict:
		return refuse(c.hal, conflict("A request with this idempotency key is being processed."))
	case idempotency.Replay:
		return key.Answer()
	}
	defer key.End()
	c.inUse = key
	out := run()
	c.carriedOut(out)
	return out
}

// carriedOut keeps the answer of a request that succeeded, whether or not its caller gets it.
func (c *call) carriedOut(out response) {
	if !out.faked && out.status >= 200 && out.status < 300 {
		c.inUse.Keep(out)
	}
}
