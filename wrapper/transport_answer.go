package dwolla

import (
	"cmp"
	"errors"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/gen"
)

// answer turns every answer other than 2xx into an *Error. It goes by the status alone: a 200 that lists errors, as that
// of a Customer in verification does, is a success.
func answer(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		resp, err := next(req)
		p := pendingCallOf(req)
		if err == nil && failed(resp) {
			err = p.answerError(resp)
		}
		if failed, ok := errors.AsType[*Error](err); ok {
			redactError(failed, secretsOf(p.authorization, p.body, req.URL))
		}
		return resp, err
	}
}

// failed reports whether an answer is other than 2xx.
func failed(resp *http.Response) bool { return resp.StatusCode < 200 || resp.StatusCode >= 300 }

// answerError returns the error that an answer other than 2xx describes.
func (p *pendingCall) answerError(resp *http.Response) *Error {
	data := bodyBytes(resp)
	body, ok := api.ParseErrorBody(data)
	err := p.statusError(resp, Code(body.Code), isOwn(resp, data, body))
	err.RetryAfter = retryAfter(resp.Header, time.Now())
	err.body = newSecret(string(data))
	if ok {
		err.Code, err.Message = Code(cmp.Or(body.Code, body.OAuthError)), body.Message
		err.Fields, err.About = body.FieldErrors(), body.Links.About
	}
	switch cut := bodyCut(resp); {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		err.Err = errors.New("redirects are never followed")
	case cut != nil:
		err.Err = cut
	case err.foreign && (len(data) > 0 || err.Outcome == OutcomeUnknown):
		err.Err = errors.New("not an answer of the API")
	}
	return err
}

// isOwn reports whether the API itself sent an error: it has a code of the contract, or the API's media type and any code.
// None of a proxy or a firewall has, and the API sends no member twice: of two codes, none counts. A 401 has what RFC 6750 says, too; nothing was done then.
func isOwn(resp *http.Response, data []byte, body api.ErrorBody) bool {
	if resp.StatusCode == http.StatusUnauthorized &&
		(slices.Contains(oauthErrors, body.OAuthError) || resp.Header.Get("WWW-Authenticate") != "") {
		return true
	}
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return hasCode(body, func(code string) bool {
		return gen.IsErrorCode(Code(code)) || mediaType == api.MediaTypeHAL && isCode(code)
	}) && !repeats(data)
}

var oauthErrors = []string{"invalid_request", "invalid_token", "insufficient_scope", "invalid_client"}

// hasCode reports whether an error or one of its fields has such a code.
func hasCode(body api.ErrorBody, such func(string) bool) bool {
	return such(body.Code) || slices.ContainsFunc(body.Embedded.Errors, func(f api.FieldError) bool { return such(f.Code) })
}

// isCode reports whether a text looks like a code of the API: letters first, and not a number.
func isCode(s string) bool {
	return s != "" && (s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z')
}

// isError reports whether a body is an error of the API, or has a code and a member twice. A resource may list errors, too.
func isError(data []byte) bool {
	body, ok := api.ParseErrorBody(data)
	known := func(code string) bool { return gen.IsErrorCode(Code(code)) }
	return ok && (known(body.Code) || !isResource(data) && hasCode(body, known) || body.Code != "" && repeats(data))
}
