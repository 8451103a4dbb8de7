package dwolla

import (
	"context"
	"errors"
	"net/http"
)

// An Outcome says what is known of a call. Every call ends in exactly one, see [OutcomeOf].
type Outcome string

// The outcomes of a call.
const (
	OutcomeOK          Outcome = "ok"
	OutcomeNotSent     Outcome = "not sent"     // Dwolla got nothing; safe to call again
	OutcomeRejected    Outcome = "rejected"     // Dwolla refused; nothing was done
	OutcomeRateLimited Outcome = "rate limited" // refused for now; nothing was done
	OutcomeAuthFailed  Outcome = "auth failed"  // no token, or the token is not accepted; nothing was done
	OutcomeUnknown     Outcome = "unknown"      // it may have been done; do not repeat it with another key
	OutcomeBadResponse Outcome = "bad response" // an unusable answer; Error.Committed says whether it was done
	OutcomeCanceled    Outcome = "canceled"     // the caller's context ended before anything was done
)

// OutcomeOf says what is known of the call that returned err. An error that is not of this package is OutcomeUnknown.
func OutcomeOf(err error) Outcome {
	if err == nil {
		return OutcomeOK
	}
	if unknown, ok := errors.AsType[*OutcomeUnknownError](err); ok && unknown != nil {
		return OutcomeUnknown
	}
	if e, ok := errors.AsType[*Error](err); ok && e != nil {
		return e.Outcome
	}
	switch {
	case errors.Is(err, ErrNotSent), errors.Is(err, ErrNoClient), errors.Is(err, ErrNoLocation):
		return OutcomeNotSent
	case errors.Is(err, ErrPagingLoop), errors.Is(err, ErrIncompleteList), errors.Is(err, ErrListWindow):
		return OutcomeBadResponse
	default:
		return OutcomeUnknown
	}
}

// newError is an error of this exchange.
func (e *pendingCall) newError(outcome Outcome, err error) *Error {
	return &Error{
		Op: e.op.Name, Method: e.op.Method, Path: e.op.Path, Outcome: outcome,
		Attempts: e.attempts, IdempotencyKey: e.key, Err: err,
	}
}

// badResponse is an answer of 2xx that cannot be used.
func (e *pendingCall) badResponse(resp *http.Response, cause error) *Error {
	err := e.newError(OutcomeBadResponse, cause)
	err.StatusCode, err.RequestID = resp.StatusCode, requestID(resp.Header)
	err.Committed = !e.safe()
	return err
}

// notDwolla is a page that a proxy or a captive portal put in the place of the answer: it says nothing of what became
// of the request.
func (e *pendingCall) notDwolla(resp *http.Response, page []byte) *Error {
	err := e.badResponse(resp, errors.New("the answer is a page and not the API's"))
	err.body = newSecret(string(page))
	if !e.safe() {
		err.Outcome, err.Committed = OutcomeUnknown, false
	}
	return err
}

// transportError is an attempt without an answer.
func (e *pendingCall) transportError(ctx context.Context, cause error, sent *sending) *Error {
	outcome := OutcomeNotSent
	switch {
	case !e.safe() && sent.maybe(cause):
		outcome = OutcomeUnknown
	case canceled(ctx):
		outcome = OutcomeCanceled
	case e.safe() && sent.answered.Load() && ctx.Err() == nil:
		outcome = OutcomeBadResponse
	}
	if ctx.Err() != nil {
		return e.newError(outcome, ended(ctx))
	}
	return e.newError(outcome, plainCause(cause))
}

// brokenBody is an answer of 2xx whose body did not come whole. A creation that says where its result is has succeeded.
func (e *pendingCall) brokenBody(ctx context.Context, resp *http.Response, cause error) (*http.Response, error) {
	if resp.StatusCode == http.StatusCreated && resp.Header.Get("Location") != "" {
		resp.Body = http.NoBody
		return resp, nil
	}
	err := e.newError(OutcomeBadResponse, cause)
	err.StatusCode, err.RequestID = resp.StatusCode, requestID(resp.Header)
	switch {
	case errors.Is(cause, errTooLarge):
		err.Committed = !e.safe()
		return nil, err
	case ctx.Err() != nil:
		err.Err = ended(ctx)
	}
	switch {
	case !e.safe():
		err.Outcome = OutcomeUnknown
	case canceled(ctx):
		err.Outcome = OutcomeCanceled
	}
	return nil, err
}

// answerOutcome says what a status alone tells.
func (e *pendingCall) answerOutcome(status int) Outcome {
	switch {
	case status == http.StatusUnauthorized:
		return OutcomeAuthFailed
	case status == http.StatusTooManyRequests:
		return OutcomeRateLimited
	case status == http.StatusProxyAuthRequired:
		return OutcomeNotSent // it came no further than the proxy
	case status == http.StatusConflict && e.key != "", status == http.StatusRequestTimeout, status >= 500:
		// 501 and 505 refuse by what they are.
		if status == http.StatusNotImplemented || status == http.StatusHTTPVersionNotSupported {
			return OutcomeRejected
		}
		if e.safe() {
			return OutcomeBadResponse
		}
		return OutcomeUnknown
	case status >= 400:
		return OutcomeRejected
	case status >= 300:
		if e.safe() {
			return OutcomeBadResponse
		}
		return OutcomeRejected
	default:
		return OutcomeBadResponse
	}
}

// authError is a call that got no token: nothing of it was sent. The fetch has had its own retries.
func (e *pendingCall) authError(err error) *Error {
	failed, ok := errors.AsType[*Error](err)
	if !ok {
		return e.newError(OutcomeCanceled, err)
	}
	own := *failed
	own.Op, own.Method, own.Path = e.op.Name, e.op.Method, e.op.Path
	own.IdempotencyKey, own.Attempts = e.key, e.attempts
	own.noToken = true
	return &own
}

// noAnswer is a call that was said to have succeeded, without anything to show for it.
func (e *pendingCall) noAnswer() *Error {
	if e.safe() {
		return e.newError(OutcomeBadResponse, errNoAnswer)
	}
	return e.newError(OutcomeUnknown, errNoAnswer)
}

// settle remembers whether an attempt may have been carried out. Once one may have been, only success says what became
// of it: a 429 or a refused token is no word on it, and whether Dwolla looks at the key before it looks at the balance
// is not documented, so that a refusal can be the consequence of the first attempt.
func (e *pendingCall) settle(last *Error) {
	if last.Outcome == OutcomeUnknown {
		e.ambiguous = true
	}
	if e.ambiguous && !last.Committed {
		last.Outcome = OutcomeUnknown
	}
}

// interrupted is a wait that the caller's context ended.
func interrupted(last *Error, cause error) *Error {
	last.Err = cause
	if last.Outcome != OutcomeUnknown {
		last.Outcome = OutcomeCanceled
	}
	return last
}

// unknown turns the last error of a call whose outcome nothing settles into what the caller needs to settle it. The
// key is remembered: whoever uses it again can only mean this request.
func (c *caller) unknown(e *pendingCall, err error) error {
	last, ok := errors.AsType[*Error](err)
	if !ok {
		return err // none, or an impossible argument
	}
	last.Attempts, last.Earlier = e.attempts, e.earlier
	if _, done := errors.AsType[*OutcomeUnknownError](err); done || last.Outcome != OutcomeUnknown {
		return err
	}
	if e.key != "" {
		c.keys.remember(e)
	}
	return &OutcomeUnknownError{
		IdempotencyKey: e.key, CorrelationID: e.correlationID, BodySHA256: e.bodyHash(), First: e.first, Err: last,
	}
}
