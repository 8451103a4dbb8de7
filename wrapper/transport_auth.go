package dwolla

import (
	"errors"
	"net/http"

	"github.com/dwolla-go/dwolla-go/api"
)

// auth sets the Authorization of an attempt: the access token or, for a public operation, the credentials of the
// application. When Dwolla refuses the token itself, auth sends the same request once more with a new token.
func (c *caller) auth(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		p := pendingCallOf(req)
		if p.op.Public {
			p.authorization = c.token.basic()
			return next(req)
		}
		token, err := c.authorize(req, p)
		if err != nil {
			return nil, err
		}
		resp, err := next(req)
		if !staleToken(err) {
			return resp, err
		}
		c.token.drop(token)
		if _, missing := c.authorize(req, p); missing != nil {
			return nil, missing
		}
		p.nextAttempt(err)
		return next(req)
	}
}

// authorize gets a token for the next attempt.
func (c *caller) authorize(req *http.Request, p *pendingCall) (string, error) {
	token, err := c.token.get(req.Context())
	if err != nil {
		return "", p.missingToken(err)
	}
	p.authorization = token
	return token, nil
}

// staleToken reports whether a new token may help: Dwolla refused the token, not the account or the application.
func staleToken(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.StatusCode == http.StatusUnauthorized &&
		(errors.Is(e.Code, api.CodeExpiredAccessToken) || errors.Is(e.Code, api.CodeInvalidAccessToken))
}
