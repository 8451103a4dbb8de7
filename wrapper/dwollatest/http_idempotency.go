package dwollatest

import (
	"errors"
	"net/http"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/idempotency"
)

var errOtherRequest = errors.New("an idempotency key was used for another request before")

// withKey runs a request, with its faults, unless its key has been used. The same key with another request is not documented; it is
// reported as a mistake and refused.
func (s *Server) withKey(r *http.Request, req *request, run func() response) response {
	verdict, key := s.keys.Begin(s.Now(), req.key, fingerprint(req.operation, req.path, string(req.body)))
	switch verdict {
	case idempotency.Mismatch:
		if !s.allowInvalid {
			s.problem(errOtherRequest)
		}
		return refuse(req.hal, badRequest("The idempotency key belongs to another request."))
	case idempotency.Conflict:
		return refuse(req.hal, conflict("A request with this idempotency key is being processed."))
	case idempotency.Replay:
		req.keyInUse = key
		return s.withFaults(r, req, key.Answer)
	}
	defer key.End()
	req.keyInUse = key
	out := s.withFaults(r, req, run)
	req.carriedOut(out)
	return out
}

// carriedOut keeps the answer of a request that succeeded, whether or not its caller gets it.
func (req *request) carriedOut(out response) {
	if !out.faked && out.status >= 200 && out.status < 300 {
		req.keyInUse.Keep(out)
	}
}
