package dwollatest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// tokens are the access tokens that were issued. Older ones stay valid when a new one is.
type tokens struct {
	ids    idSource
	expiry map[string]time.Time
	issued []string // in order
}

// maxTokens is how many tokens are known; older ones are forgotten.
const maxTokens = 10_000

func (t *tokens) add(token string, expiry time.Time) {
	if len(t.issued) >= maxTokens {
		delete(t.expiry, t.issued[0])
		t.issued = slices.Delete(t.issued, 0, 1)
	}
	t.expiry[token] = expiry
	t.issued = append(t.issued, token)
}

// ExpireTokens makes all access tokens expire at once: the next call with one is a 401 ExpiredAccessToken.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token := range s.tokens.expiry {
		s.tokens.expiry[token] = s.now()
	}
}

// RevokeTokens forgets all access tokens: the next call with one is a 401 InvalidAccessToken.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens.expiry)
	s.tokens.issued = nil
}

// known reports whether these are the credentials, as they are or encoded as RFC 6749 section 2.3.1 asks: clients do
// both, and which one Dwolla accepts is not documented.
func (s *Server) known(key, secret string) bool {
	return key == s.key && secret == s.secret ||
		key == url.QueryEscape(s.key) && secret == url.QueryEscape(s.secret)
}

// credentials reports whether a request has those of the application: with HTTP Basic, as documented, or in the form, as
// Dwolla's older clients send them.
func (s *Server) credentials(r *http.Request, body []byte) bool {
	key, secret, basic := r.BasicAuth()
	if !basic {
		form, _ := url.ParseQuery(string(body)) // what can be read of a malformed one
		key, secret = form.Get("client_id"), form.Get("client_secret")
	}
	return s.known(key, secret)
}

// createToken is the OAuth endpoint; its errors have a shape of their own.
func (s *Server) createToken(r *http.Request, req *request) response {
	form, err := url.ParseQuery(string(req.body))
	if err != nil {
		return oauth(http.StatusBadRequest, jsonObject{"error": "invalid_request"})
	}
	if !s.credentials(r, req.body) {
		return oauth(http.StatusUnauthorized, jsonObject{"error": "invalid_client"})
	}
	if form.Get("grant_type") == "" {
		return oauth(http.StatusBadRequest, jsonObject{"error": "invalid_request"})
	}
	if form.Get("grant_type") != "client_credentials" {
		return oauth(http.StatusBadRequest, jsonObject{"error": "unsupported_grant_type"})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	token := s.tokens.ids.token(50)
	s.tokens.add(token, s.now().Add(s.tokenLife))
	return oauth(http.StatusOK, jsonObject{
		"access_token": token,
		"token_type":   "bearer",
		"expires_in":   int(s.tokenLife / time.Second),
	})
}

func oauth(status int, body jsonObject) response {
	return response{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: encode(body)}
}

// authorize checks the bearer token.
func (s *Server) authorize(r *http.Request) error {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return unauthorized("InvalidCredentials", "The Authorization header is missing or invalid.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	expiry, known := s.tokens.expiry[token]
	switch {
	case !known:
		return unauthorized("InvalidAccessToken", "Invalid access token.")
	case !s.now().Before(expiry):
		return unauthorized("ExpiredAccessToken", "The access token has expired; get a new one.")
	}
	return nil
}

// createClientToken makes a token for the components of a web page, which are not part of the API.
func (st *state) createClientToken(_ *request, in jsonObject) (result, error) {
	if st.customerByID[st.idIn(in.href("customer"), "customers")] == nil {
		return result{}, validationError(invalid("/_links/customer/href", "Customer not found."))
	}
	return ok(jsonObject{"token": st.ids.token(64)})
}
