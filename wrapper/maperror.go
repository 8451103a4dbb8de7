package dwolla

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
)

// mapErrors turns every answer but 2xx into an *Error. It decides by the status alone: a 200 that also lists errors,
// as a Customer in verification does, is a success.
func mapErrors(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		resp, err := next(req)
		e := exchangeOf(req)
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
func (e *exchange) answerError(resp *http.Response) *Error {
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

// requestID is Dwolla's name of a request or, when Dwolla was not reached, Cloudflare's.
func requestID(h http.Header) string {
	if id := h.Get(headerRequestID); id != "" {
		return bounded(id)
	}
	return bounded(h.Get("Cf-Ray"))
}

// answerOutcome says what a status alone tells.
func (e *exchange) answerOutcome(status int) Outcome {
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

// retryAfter reads a Retry-After of seconds or a date; 0 when there is none that makes sense.
func retryAfter(h http.Header, now time.Time) time.Duration {
	values := h.Values("Retry-After")
	if len(values) != 1 {
		return 0
	}
	v := strings.TrimSpace(values[0])
	if seconds, err := strconv.ParseUint(v, 10, 63); err == nil {
		const most = 1 << 31 // seconds, far beyond any cap
		return time.Duration(min(seconds, most)) * time.Second
	}
	if isDigits(v) {
		return time.Duration(1<<31) * time.Second
	}
	at, err := http.ParseTime(strings.Replace(v, "UTC", "GMT", 1))
	if err != nil {
		return 0
	}
	return max(0, at.Sub(now))
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// bounded keeps a foreign text from filling a log line.
func bounded(s string) string {
	const most = 512
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// plainCause takes the URL out of an error of net/http: it may hold ids, and the password of a proxy.
func plainCause(err error) error {
	for {
		u, ok := errors.AsType[*url.Error](err)
		if !ok {
			return withoutUserinfo(err)
		}
		err = u.Err
	}
}
