package dwolla

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
)

// answer turns every answer other than 2xx into an *Error. It goes by the status alone: a 200 that lists errors, as that
// of a Customer in verification does, is a success.
func answer(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		resp, err := next(req)
		p := pendingCallOf(req)
		if err == nil && (resp.StatusCode < 200 || resp.StatusCode >= 300) {
			err = p.answerError(resp)
		}
		if failed, ok := errors.AsType[*Error](err); ok {
			redactError(failed, secretsOf(p.authorization, p.body, req.URL))
		}
		return resp, err
	}
}

// answerError returns the error that an answer other than 2xx describes.
func (p *pendingCall) answerError(resp *http.Response) *Error {
	err := p.statusError(resp)
	err.RetryAfter = retryAfter(resp.Header, time.Now())
	data, _ := bodyBytes(resp, 0) // in memory already
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
