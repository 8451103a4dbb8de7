package dwolla

import (
	"errors"
	"net/http"
)

// auth sets the Authorization of an attempt: the access token or, for a public operation, the credentials of the
// application. A token is dropped after any 401, whatever it says. When Dwolla refuses the token itself, auth sends the
// same request once more with a new one.
func (c *caller) auth(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		p := pendingCallOf(req)
		if p.op.Public {
			p.authorization = c.token.basic()
			return next(req)
		}
		var refused error // how the first attempt ended, if this is the replay
		for {
			token, err := c.authorize(req, p)
			if err != nil {
				return nil, err
			}
			if refused != nil {
				p.nextAttempt(refused)
			}
			resp, err := next(req)
			if !unauthorized(err) {
				if answered(err) {
					c.token.accepted()
				}
				return resp, err
			}
			stale := refused == nil && staleToken(err)
			c.token.drop(token, stale)
			if !stale {
				return resp, err
			}
			refused = err
		}
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

// unauthorized reports whether an attempt was answered with 401.
func unauthorized(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.StatusCode == http.StatusUnauthorized
}

// answered reports whether an attempt got as far as an answer of the API.
func answered(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return err == nil || ok && e.StatusCode != 0 && e.StatusCode < http.StatusInternalServerError
}

// staleToken reports whether a 401 is about the token, and not about the account or the application: a new token will help.
func staleToken(err error) bool {
	e, _ := errors.AsType[*Error](err)
	return errors.Is(e.Code, CodeExpiredAccessToken) || errors.Is(e.Code, CodeInvalidAccessToken) || errors.Is(e.Code, CodeInvalidToken)
}
