package dwolla

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/call"
)

const (
	refusedFor   = time.Second     // how long a refusal is remembered, so that a busy loop does not flood the endpoint
	renewalPause = 5 * time.Second // between failed renewals in the background
	defaultTTL   = time.Hour       // of a token whose answer names no lifetime
	maxTTL       = 24 * time.Hour
	dropPause    = time.Minute // between tokens that are dropped on suspicion
)

const tokenPath = "/token"

var opToken = call.Op{Name: "Token", Method: http.MethodPost, Path: tokenPath, Public: true}

// A tokenSource keeps the access token of one application. However many callers wait, there is one fetch at a time; each
// caller waits for as long as its own context allows, and cannot cancel the fetch for the others. ReuseTokenSource of
// x/oauth2 would hold a lock during the fetch.
type tokenSource struct {
	cfg  *config
	url  string
	http *http.Client

	mu      sync.Mutex
	current secret      // nil when there is no token
	renew   time.Time   // when to renew current in the background
	end     time.Time   // when to stop using current
	fetch   *tokenFetch // the one in progress, or nil
	refused error
	nextTry time.Time // after a refused fetch or a failed renewal

	suspect  atomic.Bool // a token was dropped, and none has been accepted since
	nextDrop time.Time   // when the next one may be dropped on suspicion
}

// A tokenFetch is a fetch that any number of callers wait for.
type tokenFetch struct {
	done  chan struct{}
	token secret
	err   error
}

func newTokenSource(cfg *config, o *origin, client *http.Client) *tokenSource {
	own := *client
	to := o.at(tokenPath, "").String()
	own.Transport = &tokenTransport{next: client.Transport, cfg: cfg, url: to}
	return &tokenSource{cfg: cfg, url: to, http: &own}
}

// basic returns the Authorization of the token endpoint, encoded as x/oauth2 does it.
func (s *tokenSource) basic() string {
	pair := url.QueryEscape(s.cfg.key) + ":" + url.QueryEscape(s.cfg.secret.reveal())
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
}

// get returns the Authorization of a token that is valid for a while, and fetches one if necessary.
func (s *tokenSource) get(ctx context.Context) (string, error) {
	s.mu.Lock()
	now := time.Now()
	if t := s.current; t != nil && now.Before(s.end) {
		if now.After(s.renew) && s.fetch == nil && now.After(s.nextTry) {
			s.start()
		}
		s.mu.Unlock()
		return t.reveal(), nil
	}
	if s.refused != nil && now.Before(s.nextTry) {
		err := s.refused
		s.mu.Unlock()
		return "", err
	}
	f := s.fetch
	if f == nil {
		f = s.start()
	}
	s.mu.Unlock()
	select {
	case <-ctx.Done():
		return "", ended(ctx)
	case <-f.done:
		if f.err != nil {
			return "", f.err
		}
		return f.token.reveal(), nil
	}
}

// drop forgets a token that was refused. A late refusal of an older token does not affect the current one. Unless the
// refusal was about the token itself, dropping it is a suspicion: if the tokens after it are refused as well, it is not
// about them, and they are dropped only once in a while.
func (s *tokenSource) drop(token string, itself bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.current.reveal() != token || !itself && s.suspect.Load() && now.Before(s.nextDrop) {
		return
	}
	s.current = nil
	s.suspect.Store(true)
	s.nextDrop = now.Add(dropPause)
}

// accepted notes that an answer was not about the token.
func (s *tokenSource) accepted() {
	if s.suspect.Load() {
		s.suspect.Store(false)
	}
}

// start begins a fetch. The caller holds the lock.
func (s *tokenSource) start() *tokenFetch {
	f := &tokenFetch{done: make(chan struct{})}
	s.fetch = f
	go s.run(f)
	return f
}

// run fetches a token and wakes those who wait for it.
func (s *tokenSource) run(f *tokenFetch) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), s.cfg.timeouts.Token, errTimeout)
	defer cancel()
	token, err := isolate(ctx, func() (*oauth2.Token, error) { return s.grantWithRetries(ctx) })
	if lost(err) {
		s.cfg.logPanic(ctx, err)
		err = (&pendingCall{op: &opToken}).notSent(fmt.Errorf("no token: %w", err))
	}
	f.err = err
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fetch, s.refused = nil, nil
	switch e, _ := errors.AsType[*Error](f.err); {
	case f.err == nil:
		f.token = newSecret("Bearer " + token.AccessToken)
		s.keep(f.token, token.Expiry)
	case e != nil && e.Outcome == OutcomeAuthFailed:
		s.refused, s.nextTry = f.err, time.Now().Add(refusedFor)
	default:
		s.nextTry = time.Now().Add(renewalPause)
	}
	close(f.done)
}

// keep stores a new token. The caller holds the lock. A token that lives for a few minutes only is used for half of them,
// or every call would fetch a new one.
func (s *tokenSource) keep(token secret, expiry time.Time) {
	half, before := time.Until(expiry)/2, &s.cfg.timeouts
	s.current = token
	s.renew, s.end = expiry.Add(-min(before.TokenRenewal, half)), expiry.Add(-min(before.TokenMargin, half))
}

// grantWithRetries gets a token, with the same retries as a call.
func (s *tokenSource) grantWithRetries(ctx context.Context) (*oauth2.Token, error) {
	for attempt := 1; ; attempt++ {
		token, err := s.grant(ctx)
		if err == nil {
			return token, nil
		}
		wait := max(backoff(s.cfg.retries, attempt), err.RetryAfter)
		if !s.cfg.again(ctx, err) || attempt >= s.cfg.retries.MaxAttempts || wait > s.cfg.retries.MaxRetryAfter || !fits(ctx, wait) {
			return nil, err
		}
		if sleep(ctx, wait) != nil {
			return nil, err
		}
	}
}

// grant runs the client credentials grant once, and checks its result.
func (s *tokenSource) grant(ctx context.Context) (*oauth2.Token, *Error) {
	p := &pendingCall{op: &opToken}
	answer := new(tokenAnswer)
	ctx = context.WithValue(ctx, tokenAnswer{}, answer)
	config := clientcredentials.Config{
		ClientID: s.cfg.key, ClientSecret: s.cfg.secret.reveal(), TokenURL: s.url, AuthStyle: oauth2.AuthStyleInHeader,
	}
	token, err := config.Token(context.WithValue(ctx, oauth2.HTTPClient, s.http))
	if err != nil {
		failed := tokenError(ctx, p, answer, err)
		failed.Err = s.secrets().masked(failed.Err)
		return nil, failed
	}
	if reason := unusableToken(token); reason != "" {
		return nil, p.badToken(errors.New(reason))
	}
	return token, nil
}

// secrets are what a request for a token shows.
func (s *tokenSource) secrets() secrets {
	pair := url.QueryEscape(s.cfg.key) + ":" + url.QueryEscape(s.cfg.secret.reveal())
	return secrets{credentials: credentials("Basic " + base64.StdEncoding.EncodeToString([]byte(pair)))}
}

// tokenError returns the error of a failed grant. That of x/oauth2 is dropped, since its text holds the whole body.
func tokenError(ctx context.Context, p *pendingCall, answer *tokenAnswer, cause error) *Error {
	if answer.err != nil {
		return answer.err
	}
	if ctx.Err() != nil {
		return p.notSent(fmt.Errorf("no token: %w", context.Cause(ctx)))
	}
	if _, ok := errors.AsType[*url.Error](cause); ok {
		return p.notSent(fmt.Errorf("no token: %w", kept(ctx, cause, true)))
	}
	return p.badToken(errNoToken)
}

// unusableToken says why a token cannot be used; it is empty for one that can.
func unusableToken(t *oauth2.Token) string {
	switch {
	case t.AccessToken == "" || strings.ContainsFunc(t.AccessToken, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errNoToken.Error()
	case t.TokenType != "" && !strings.EqualFold(t.TokenType, "bearer"):
		return "the token is not a bearer token"
	default:
		return ""
	}
}

// A tokenAnswer carries an error of the tokenTransport past x/oauth2. Its type is also its key in the context.
type tokenAnswer struct{ err *Error }

// A tokenTransport is between x/oauth2 and the network: it caps the body, checks the status, and gives x/oauth2 the token
// in one form, whatever the content type and the lifetime look like.
type tokenTransport struct {
	next http.RoundTripper
	cfg  *config
	url  string
}

func (t *tokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.String() != t.url {
		return nil, errMoved
	}
	req = req.Clone(req.Context())
	req.GetBody = nil
	req.Header.Set("User-Agent", t.cfg.userAgent)
	req.Header.Set("Accept", api.MediaTypeJSON)
	resp, err := roundTrip(t.next, req)
	if err != nil {
		return nil, kept(req.Context(), err, true)
	}
	defer closeBody(resp.Body)
	body, err := readAnswer(req.Context(), resp, t.cfg.limits.tokenBody())
	p := &pendingCall{op: &opToken}
	answer, _ := req.Context().Value(tokenAnswer{}).(*tokenAnswer)
	switch {
	case err != nil:
		err = kept(req.Context(), err, true)
		answer.err = p.notSent(err)
		return nil, err
	case resp.StatusCode != http.StatusOK:
		resp.Body = newMemoryBody(body)
		answer.err = tokenAnswerError(p, resp, req.Header.Get("Authorization"))
		return nil, errNoToken
	}
	normal, ok := normalToken(body, resp.Header.Get("Content-Type"))
	if !ok {
		answer.err = p.badToken(errNoToken)
		answer.err.StatusCode = resp.StatusCode
		return nil, errNoToken
	}
	resp.Header = http.Header{"Content-Type": {api.MediaTypeJSON}}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(normal)), int64(len(normal))
	return resp, nil
}

// roundTrip recovers from a transport that panics: the fetch has a goroutine of its own, and would end the process.
func roundTrip(next http.RoundTripper, req *http.Request) (_ *http.Response, err error) {
	defer noPanic(&err)
	return next.RoundTrip(req)
}

var errNoToken = errors.New("the token endpoint gave no usable token")

// tokenAnswerError returns the error of a token endpoint that answered with another status than 200.
func tokenAnswerError(p *pendingCall, resp *http.Response, authorization string) *Error {
	err := p.answerError(resp)
	err.body = nil
	redactError(err, secretsOf(authorization, nil, nil))
	err.Outcome = tokenOutcome(err)
	return err
}

// normalToken reads a token leniently, and writes it in the one form that x/oauth2 needs no guessing for.
func normalToken(body []byte, contentType string) ([]byte, bool) {
	if media, _, _ := mime.ParseMediaType(contentType); strings.HasSuffix(media, "html") {
		return nil, false
	}
	var in struct {
		AccessToken string          `json:"access_token"`
		TokenType   string          `json:"token_type"`
		ExpiresIn   json.RawMessage `json:"expires_in"`
		Error       string          `json:"error"`
	}
	if json.Unmarshal(body, &in) != nil || in.AccessToken == "" || in.Error != "" {
		return nil, false
	}
	ttl := lifetime(in.ExpiresIn)
	out, err := json.Marshal(map[string]any{
		"access_token": in.AccessToken, "token_type": in.TokenType, "expires_in": int64(ttl / time.Second),
	})
	return out, err == nil
}

// lifetime reads expires_in, a number or a string. Anything else is the default.
func lifetime(raw json.RawMessage) time.Duration {
	text := strings.Trim(string(raw), `"`)
	seconds, err := json.Number(text).Int64()
	if err != nil {
		whole, fraction, _ := strings.Cut(text, ".")
		if strings.Trim(fraction, "0") != "" {
			return defaultTTL
		}
		if seconds, err = json.Number(whole).Int64(); err != nil {
			return defaultTTL
		}
	}
	if seconds <= 0 {
		return defaultTTL
	}
	return min(time.Duration(min(seconds, int64(maxTTL/time.Second)))*time.Second, maxTTL)
}
