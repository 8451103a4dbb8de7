package dwolla

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

// This file decides what became of a call, and no other file does. The links of the chain report what happened; the
// methods here make an *Error with an Outcome of it. They follow three rules:
//
//   - A call that changes nothing at Dwolla is never OutcomeUnknown.
//   - Any other call is, once Dwolla may have received it and no answer of the API itself says what became of it
//     (unsettled). An answer is the API's own if it has a documented status of 2xx, or a code of the API.
//   - An attempt like that leaves the whole call unknown, unless a later attempt succeeds (settle).

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
	if _, ok := errors.AsType[*OutcomeUnknownError](err); ok {
		return OutcomeUnknown
	}
	if look, ok := errors.AsType[*ReconcileError](err); ok && look != nil {
		of, _ := errors.AsType[*Error](err)
		if failed, _ := errors.AsType[*Error](look.Err); failed == of {
			return OutcomeUnknown // that of the payment, whatever that of the look is
		}
	}
	if hidden, ok := errors.AsType[*hiddenKindsError](err); ok && !hidden.foreign {
		return OutcomeBadResponse
	}
	if e, ok := errors.AsType[*Error](err); ok && e != nil {
		return e.outcome()
	}
	switch {
	case errors.Is(err, ErrNotSent), errors.Is(err, ErrNoClient), errors.Is(err, ErrConfiguration):
		return OutcomeNotSent
	case errors.Is(err, ErrNoLocation), errors.Is(err, ErrStoredRef), errors.Is(err, ErrPagingLoop), errors.Is(err, ErrIncompleteList), errors.Is(err, ErrListWindow):
		return OutcomeBadResponse
	default:
		return OutcomeUnknown
	}
}

// newError returns an *Error of this call.
func (p *pendingCall) newError(outcome Outcome, cause error) *Error {
	return &Error{
		Op: p.op.Name, Method: p.op.Method, Path: p.op.Path, Outcome: outcome,
		Attempts: p.attempts, IdempotencyKey: p.key, Err: cause,
	}
}

// newAnswerError returns an *Error of this call that has an answer.
func (p *pendingCall) newAnswerError(outcome Outcome, resp *http.Response, cause error) *Error {
	err := p.newError(outcome, cause)
	err.StatusCode, err.RequestID = resp.StatusCode, maskCredentials(requestID(resp.Header), credentials(p.authorization))
	return err
}

// unsettled is the outcome of a call that Dwolla may have carried out; that of a safe call is given.
func (p *pendingCall) unsettled(safe Outcome) Outcome {
	if p.safe() {
		return safe
	}
	return OutcomeUnknown
}

// notSent is for a call that failed before anything was sent.
func (p *pendingCall) notSent(cause error) *Error { return p.newError(OutcomeNotSent, cause) }

// canceledBefore is for a call whose context ended before anything was sent.
func (p *pendingCall) canceledBefore(ctx context.Context) *Error {
	return p.newError(OutcomeCanceled, ended(ctx))
}

// transportError is for an attempt without an answer.
func (p *pendingCall) transportError(ctx context.Context, cause error, sent *sendTrace) *Error {
	outcome := OutcomeNotSent
	switch {
	case !p.safe() && sent.mayHaveArrived(cause):
		outcome = OutcomeUnknown
	case canceled(ctx):
		outcome = OutcomeCanceled
	case errors.Is(cause, ErrRedirect):
		outcome = OutcomeBadResponse
	case p.safe() && sent.answered.Load() && ctx.Err() == nil:
		outcome = OutcomeBadResponse
	}
	if ctx.Err() != nil {
		return p.newError(outcome, ended(ctx))
	}
	return p.newError(outcome, cause)
}

// brokenBody is for an answer of 2xx whose body could not be read to its end. A creation whose Location says where the
// result is has succeeded all the same.
func (p *pendingCall) brokenBody(ctx context.Context, resp *http.Response, cause error) (*http.Response, error) {
	if resp.StatusCode == http.StatusCreated && p.documents(resp.StatusCode) && resp.Header.Get("Location") != "" {
		resp.Body = http.NoBody
		return resp, nil
	}
	err := p.newAnswerError(OutcomeBadResponse, resp, cause)
	if _, large := errors.AsType[tooLargeError](cause); large && p.documents(resp.StatusCode) {
		err.Committed = !p.safe()
		return nil, err
	}
	if canceled(ctx) {
		err.Outcome = OutcomeCanceled
	}
	err.Outcome = p.unsettled(err.Outcome)
	if ctx.Err() != nil {
		err.Err = ended(ctx)
	}
	return nil, err
}

// documents reports whether the contract documents a status for the operation.
func (p *pendingCall) documents(status int) bool {
	return len(p.op.Status) == 0 || slices.Contains(p.op.Status, status)
}

// statusError is for an answer other than 2xx. It is own if the API sent it, as far as anybody can tell.
func (p *pendingCall) statusError(resp *http.Response, code Code, own bool) *Error {
	err := p.newAnswerError(p.answerOutcome(resp.StatusCode, code, own), resp, nil)
	err.foreign = !own
	return err
}

// answerOutcome is the outcome of an attempt that was answered with a status other than 2xx. A refusal counts for a call
// that changes something only if it is the API's own: a proxy may put its answer in the place of one that says that the
// request was carried out.
func (p *pendingCall) answerOutcome(status int, code Code, own bool) Outcome {
	switch {
	case !p.safe() && (!own || status == http.StatusProxyAuthRequired):
		return OutcomeUnknown // a proxy before Dwolla may answer with 407 once Dwolla has the request
	case status == http.StatusProxyAuthRequired:
		return OutcomeNotSent
	case status < 500 && !p.safe() && (code.Equal(CodeRequestTimeout) || code.Equal(CodeServerError)):
		return OutcomeUnknown // these say that Dwolla itself does not know
	case status == http.StatusUnauthorized:
		return OutcomeAuthFailed
	case status == http.StatusTooManyRequests:
		return OutcomeRateLimited
	case status == http.StatusNotImplemented, status == http.StatusHTTPVersionNotSupported:
		return OutcomeRejected // unlike other 5xx, these say that nothing was done
	case status == http.StatusConflict && p.keyed(), status == http.StatusRequestTimeout, status < 400, status >= 500:
		return p.unsettled(OutcomeBadResponse)
	default:
		return OutcomeRejected
	}
}

// tokenOutcome is the outcome of a call for which the token endpoint answered with an error: nothing of the call itself
// was sent, whatever the status.
func tokenOutcome(err *Error) Outcome {
	switch {
	case err.StatusCode == http.StatusTooManyRequests:
		return OutcomeRateLimited
	case err.StatusCode >= 400 && err.StatusCode < 500 && !retriable(err):
		return OutcomeAuthFailed
	default:
		return OutcomeNotSent
	}
}

// badToken is for a token that cannot be used.
func (p *pendingCall) badToken(cause error) *Error { return p.newError(OutcomeAuthFailed, cause) }

// missingToken is for a call that got no token: nothing of this attempt was sent. The fetch of the token has had its own
// retries; an error that is not its is the end of the caller's context.
func (p *pendingCall) missingToken(cause error) *Error {
	failed, ok := errors.AsType[*Error](cause)
	if !ok {
		return p.newError(OutcomeCanceled, cause)
	}
	own := failed.clone() // one fetch may fail many calls
	own.Op, own.Method, own.Path = p.op.Name, p.op.Method, p.op.Path
	own.IdempotencyKey, own.Attempts = p.key, p.attempts
	own.noToken = true
	return own
}

// noAnswer is for middleware that returned neither a response nor an error.
func (p *pendingCall) noAnswer() *Error {
	if !p.gate.passed() {
		return p.notSent(errNoAnswer)
	}
	return p.newError(p.unsettled(OutcomeBadResponse), errNoAnswer)
}

// abandoned is for a call at which code of the user's did not return.
func (p *pendingCall) abandoned(ctx context.Context, cause error) *Error {
	outcome := OutcomeBadResponse
	switch {
	case p.attempts > 0 && !p.safe():
		outcome = OutcomeUnknown
	case canceled(ctx):
		outcome = OutcomeCanceled
	case p.attempts == 0:
		outcome = OutcomeNotSent
	}
	if errors.Is(cause, errAbandoned) {
		cause = ended(ctx)
	}
	return p.newError(outcome, hideKinds(cause))
}

// foreignError is for an error that came out of the middleware. One that is not that of the call itself, such as a failure
// to log, says nothing about what became of the call.
func (c *caller) foreignError(ctx context.Context, p *pendingCall, err error) error {
	if p.failed != nil {
		*p.failed = p.last
	}
	if err != p.answer { //nolint:errorlint // one that wraps it is foreign
		err = p.maskedForeign(kept(ctx, err, false))
	}
	passed, _ := errors.AsType[*Error](err)
	switch {
	case p.failed != nil && passed == p.failed:
		if _, record := errors.AsType[*OutcomeUnknownError](err); !record {
			return c.conclude(p, passed)
		}
		return err
	case p.failed != nil:
		last := p.last
		last.Err = hideKinds(err)
		return c.conclude(p, &last)
	case p.gate.passed():
		return c.conclude(p, p.newError(p.unsettled(OutcomeBadResponse), hideKinds(err)))
	case errors.Is(err, ErrNotSent):
		return err
	default:
		return p.notSent(err)
	}
}

// madeError is for an answer other than 2xx that middleware made. It counts as one of the API would, unless a request that
// changes something was sent: what became of that, the answer cannot say.
func (c *caller) madeError(ctx context.Context, p *pendingCall, resp *http.Response) error {
	made := p.answerError(resp)
	redactError(made, secretsOf(p.authorization, p.body, p.url))
	if !p.safe() && p.gate.passed() {
		return c.foreignError(ctx, p, made)
	}
	return c.conclude(p, made)
}

var (
	errNotAPI       = errors.New("the answer is not the API's")
	errUndocumented = errors.New("the answer is none that is documented for this operation")
	errAnother      = errors.New("the answer is about another id")
)

// badDocument is for an answer of 2xx that cannot be decoded: the request was carried out. Only what is not the API's own,
// such as a page that a captive portal sent in place of the answer, or what is about another resource, says nothing about the
// request.
func (p *pendingCall) badDocument(resp *http.Response, cause error, body []byte) *Error {
	err := p.newAnswerError(OutcomeBadResponse, resp, cause)
	err.body = newSecret(string(body))
	if errors.Is(cause, errNotAPI) || errors.Is(cause, errUndocumented) || errors.Is(cause, errAnother) {
		err.Outcome = p.unsettled(OutcomeBadResponse)
	} else {
		err.Committed = !p.safe()
	}
	return err
}

// settle decides across attempts. Once an attempt may have been carried out, only success settles the call: a 429 or a
// refused token says nothing about the earlier attempt, and a refusal may be its consequence, since Dwolla does not
// document whether it checks the key before the balance.
func (p *pendingCall) settle(last *Error) {
	if last.Outcome == OutcomeUnknown {
		p.ambiguous = true
	}
	if p.ambiguous && !last.Committed {
		last.Outcome = OutcomeUnknown
	}
}

// interrupted is for a wait between attempts that the caller's context ended.
func interrupted(last *Error, cause error) *Error {
	last.Err = cause
	if last.Outcome != OutcomeUnknown {
		last.Outcome = OutcomeCanceled
	}
	return last
}

// finalError makes an *OutcomeUnknownError of the last error of a call whose outcome is unknown. The key is remembered, so
// that it can only be used again for the same request.
func (c *caller) finalError(p *pendingCall, err error) error {
	last, ok := errors.AsType[*Error](err)
	if !ok {
		return err // success, or an error that is not about the API
	}
	if _, done := errors.AsType[*OutcomeUnknownError](err); done {
		return err
	}
	if final := c.conclude(p, last); last.Outcome == OutcomeUnknown {
		return final
	}
	return err
}

// conclude makes the error of a call of that of its last attempt.
func (c *caller) conclude(p *pendingCall, last *Error) error {
	last.Attempts, last.Earlier = p.attempts, p.earlier
	if last.Outcome != OutcomeUnknown {
		return last
	}
	sent := call.Sent{What: p.what(), First: p.first, CorrelationID: p.correlationID}
	if p.key != "" {
		c.keys.remember(p.key, sent)
	}
	return unknownOutcome(p.key, sent, last)
}

// unknownOutcome is the error of a call whose outcome is unknown.
func unknownOutcome(key string, sent call.Sent, last *Error) *OutcomeUnknownError {
	what := sent.What
	return &OutcomeUnknownError{
		IdempotencyKey: key, CorrelationID: sent.CorrelationID, BodySHA256: what.BodySHA256, First: sent.First,
		Method: what.Method, Path: what.Path, Origin: what.Origin, Environment: what.Environment, Err: last,
	}
}

// stillUnknown is for a call whose key was sent with a request that may have been carried out: one whose outcome is unknown,
// that is in progress or that was done. However this call fails, also if it is no repetition of that request, its outcome is
// unknown with the record of that request, unless Dwolla has answered that it was done: any other would invite a new key.
// What was asked for, before middleware may have changed it, tells whether the record is of this request.
func (c *caller) stillUnknown(p *pendingCall, asked call.What, err error) error {
	if err == nil || p.safe() || !p.opts.HasIdempotencyKey {
		return err
	}
	sent := c.keys.repeated(p)
	if sent == nil {
		return err
	}
	key := p.opts.IdempotencyKey
	if unknown, ok := errors.AsType[*OutcomeUnknownError](err); ok && unknown.IdempotencyKey == key {
		return err
	}
	last := p.newError(OutcomeUnknown, err)
	if own, ok := errors.AsType[*Error](err); ok {
		if own.Committed {
			return err
		}
		copied := *own
		last = &copied
		last.Outcome = OutcomeUnknown
	}
	last.IdempotencyKey, last.Err = key, notNotSent(last.Err)
	unknown := unknownOutcome(key, *sent, last)
	if p.opts.Resend != nil && unknown.missing() == "" && (asked == sent.What || !errors.Is(err, ErrKeyReused)) { // nothing is kept of a record that may be wrong
		c.keys.remember(key, *sent)
	}
	return unknown
}

// unasked is the error of a look-up that is refused: the outcome of the record stays unknown.
func unasked(op string, record *OutcomeUnknownError, err error) error {
	var own OutcomeUnknownError
	if record != nil {
		own = *record
	}
	own.Err = &Error{Op: op, Outcome: OutcomeUnknown, IdempotencyKey: own.IdempotencyKey, Err: notNotSent(err)}
	return &own
}

// notNotSent hides that a repetition or a look-up was not sent: the payment that it is about may have been.
func notNotSent(err error) error {
	if !errors.Is(err, ErrNotSent) {
		return err
	}
	return &hiddenKindsError{err: err, argument: true}
}

// carriedOut reports whether Dwolla has answered that a request was carried out.
func carriedOut(err error) bool {
	failed, ok := errors.AsType[*Error](err)
	return err == nil || ok && failed != nil && failed.Committed
}

// nothingSent reports whether a call that ended with err, after earlier attempts, has sent nothing.
func nothingSent(err error, earlier []*Error) bool {
	last, ok := errors.AsType[*Error](err)
	return ok && neverLeft(last) && !slices.ContainsFunc(earlier, func(e *Error) bool { return !neverLeft(e) })
}

// neverLeft reports whether an attempt has sent nothing.
func neverLeft(e *Error) bool {
	return e.noToken || e.Outcome == OutcomeNotSent || e.Outcome == OutcomeCanceled && e.StatusCode == 0
}
