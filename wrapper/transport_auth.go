package dwolla

import (
	"errors"
	"net/http"

	"github.com/dwolla-go/dwolla-go/api"
)

// authorize settles the token of the attempts. When Dwolla says that the token is no longer good, it sends the same
// request once more with a new one.
func (c *caller) authorize(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		e := pendingCallOf(req)
		if e.op.Public {
			e.authorization = c.token.basic()
			return next(req)
		}
		token, err := c.token.get(req.Context())
		if err != nil {
			return nil, e.authError(err)
		}
		e.authorization = token
		resp, refused := next(req)
		if !staleToken(refused) {
			return resp, refused
		}
		c.token.drop(token)
		if token, err = c.token.get(req.Context()); err != nil {
			return nil, e.authError(err)
		}
		e.again(refused)
		e.authorization = token
		return next(req)
	}
}

// staleToken reports whether another token may help: the token is the reason, not the account or the application.
func staleToken(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.StatusCode == http.StatusUnauthorized &&
		(errors.Is(e.Code, api.CodeExpiredAccessToken) || errors.Is(e.Code, api.CodeInvalidAccessToken))
}
