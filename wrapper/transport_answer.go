package dwolla

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
)

// mapErrors turns every answer but 2xx into an *Error. It decides by the status alone: a 200 that also lists errors,
// as a Customer in verification does, is a success.
func mapErrors(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		resp, err := next(req)
		e := pendingCallOf(req)
		if failed, ok := errors.AsType[*Error](err); ok {
			e.hide(failed, e.authorization)
		}
		if err != nil || resp.StatusCode >= 200 && resp.StatusCode < 300 {
			return resp, err
		}
		failed := e.answerError(resp)
		e.hide(failed, e.authorization)
		return resp, failed
	}
}

// answerError is an answer that is not 2xx.
func (e *pendingCall) answerError(resp *http.Response) *Error {
	err := e.newError(e.answerOutcome(resp.StatusCode), nil)
	err.StatusCode = resp.StatusCode
	err.RequestID = requestID(resp.Header)
	err.RetryAfter = retryAfter(resp.Header, time.Now())
	data, _ := readAll(resp, 0) // in memory already
	err.body = newSecret(string(data))
	if body, ok := api.ParseErrorBody(data); ok {
		err.Code, err.Message = Code(cmp.Or(body.Code, body.OAuthError)), body.Message
		err.Fields, err.About = body.FieldErrors(), body.Links.About
	}
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		err.Err = errors.New("redirects are never followed")
	case err.Code == "" && len(data) > 0:
		err.Err = errors.New("not an answer of the API")
	}
	return err
}
