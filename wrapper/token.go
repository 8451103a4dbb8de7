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
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/internal/call"
)

// How long a token is used.
const (
	refusedFor   = time.Second     // a refusal is remembered this long, so that a hot loop does not hammer the endpoint
	retryAdvised = 5 * time.Second // between failed renewals in the background
	defaultTTL   = time.Hour       // when the answer does not say
	maxTTL       = 24 * time.Hour
)

// A tokenSource keeps the token of one application at one base URL. However many callers wait, one fetch is under way;
// each waiter obeys its own context, and none can cancel the fetch for the others. x/oauth2's own ReuseTokenSource
// would hold a lock over the network.
type tokenSource struct {
	cfg  *config
	url  string
	http *http.Client

	mu      sync.Mutex
	current secret    // nil when there is none
	renew   time.Time // from when current is renewed in the background
	end     time.Time // from when current is not used any more
	flight  *flight
	refused error
	nextTry time.Time // of a refused fetch, or of a failed renewal
}

// A flight is a fetch that several callers wait for.
type flight struct {
	done  chan struct{}
	token secret
	err   error
}

func newTokenSource(cfg *config, o *origin, client *http.Client) *tokenSource {
	own := *client
	own.Transport = &tokenTransport{next: client.Transport, cfg: cfg}
	return &tokenSource{cfg: cfg, url: o.at(tokenPath, "").String(), http: &own}
}

// basic is the Authorization of the token endpoint, encoded as the grant encodes it.
func (s *tokenSource) basic() string {
	pair := url.QueryEscape(s.cfg.key) + ":" + url.QueryEscape(s.cfg.secret.reveal())
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
}

// get returns a token that is good for a while, fetching one if need be: as the header has it, "Bearer" before it.
func (s *tokenSource) get(ctx context.Context) (string, error) {
	s.mu.Lock()
	now := time.Now()
	if t := s.current; t != nil && now.Before(s.end) {
		if now.After(s.renew) && s.flight == nil && now.After(s.nextTry) {
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
	f := s.flight
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

// drop forgets a token that Dwolla refused. A late refusal of an older token does not take the new one away.
func (s *tokenSource) drop(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.reveal() == token {
		s.current = nil
	}
}

// start begins a fetch; the lock is held.
func (s *tokenSource) start() *flight {
	f := &flight{done: make(chan struct{})}
	s.flight = f
	go s.fly(f)
	return f
}

func (s *tokenSource) fly(f *flight) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), s.cfg.timeouts.Token, errTimeout)
	defer cancel()
	token, err := s.fetch(ctx)
	f.err = err
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flight, s.refused = nil, nil
	switch e, _ := errors.AsType[*Error](f.err); {
	case f.err == nil:
		f.token = newSecret("Bearer " + token.AccessToken)
		s.keep(f.token, token.Expiry)
	case e != nil && e.Outcome == OutcomeAuthFailed:
		s.refused, s.nextTry = f.err, time.Now().Add(refusedFor)
	default:
		s.nextTry = time.Now().Add(retryAdvised)
	}
	close(f.done)
}

// keep takes a new token; the lock is held. One that lives for a few minutes only is used for half of them, or every
// call would fetch another.
func (s *tokenSource) keep(token secret, expiry time.Time) {
	half, margin := time.Until(expiry)/2, &s.cfg.timeouts
	s.current = token
	s.renew, s.end = expiry.Add(-min(margin.TokenRenewal, half)), expiry.Add(-min(margin.TokenMargin, half))
}

// fetch gets a token, with the same retries as any call.
func (s *tokenSource) fetch(ctx context.Context) (*oauth2.Token, error) {
	for attempt := 1; ; attempt++ {
		token, err := s.once(ctx)
		if err == nil {
			return token, nil
		}
		wait := max(backoff(s.cfg.retries, attempt), err.RetryAfter)
		if !s.cfg.retries.again(err) || attempt >= s.cfg.retries.MaxAttempts || wait > s.cfg.retries.MaxRetryAfter || !fits(ctx, wait) {
			return nil, err
		}
		if sleep(ctx, wait) != nil {
			return nil, err
		}
	}
}

// once runs the grant and checks what it gave.
func (s *tokenSource) once(ctx context.Context) (*oauth2.Token, *Error) {
	e := &pendingCall{op: &opToken}
	answer := new(tokenAnswer)
	ctx = context.WithValue(ctx, tokenAnswer{}, answer)
	grant := clientcredentials.Config{
		ClientID: s.cfg.key, ClientSecret: s.cfg.secret.reveal(), TokenURL: s.url, AuthStyle: oauth2.AuthStyleInHeader,
	}
	token, err := grant.Token(context.WithValue(ctx, oauth2.HTTPClient, s.http))
	if err != nil {
		return nil, tokenError(ctx, e, answer, err)
	}
	if reason := unusableToken(token); reason != "" {
		return nil, e.newError(OutcomeAuthFailed, errors.New(reason))
	}
	return token, nil
}

var opToken = call.Op{Name: "Token", Method: http.MethodPost, Path: tokenPath, Public: true}

// tokenError maps a failure of the grant. The error of x/oauth2 is dropped: its text holds the whole body.
func tokenError(ctx context.Context, e *pendingCall, answer *tokenAnswer, cause error) *Error {
	if answer.err != nil {
		return answer.err
	}
	if ctx.Err() != nil {
		return e.newError(OutcomeNotSent, fmt.Errorf("no token: %w", context.Cause(ctx)))
	}
	if _, ok := errors.AsType[*url.Error](cause); ok {
		return e.newError(OutcomeNotSent, fmt.Errorf("no token: %w", plainCause(cause)))
	}
	return e.newError(OutcomeAuthFailed, errors.New("the token endpoint gave no usable token"))
}

func unusableToken(t *oauth2.Token) string {
	switch {
	case t.AccessToken == "" || strings.ContainsFunc(t.AccessToken, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "the token endpoint gave no usable token"
	case t.TokenType != "" && !strings.EqualFold(t.TokenType, "bearer"):
		return "the token is not a bearer token"
	default:
		return ""
	}
}

// A tokenAnswer carries what the transport saw out of x/oauth2; its type is the key of the context.
type tokenAnswer struct{ err *Error }

// tokenTransport is between x/oauth2 and the network: it caps the body, decides by the status, and gives x/oauth2 one
// form of answer, whatever the endpoint's content type and lifetime look like.
type tokenTransport struct {
	next http.RoundTripper
	cfg  *config
}

func (t *tokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.GetBody = nil
	req.Header.Set("User-Agent", t.cfg.userAgent)
	req.Header.Set("Accept", api.MediaTypeJSON)
	resp, err := roundTrip(t.next, req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := readAtMost(resp.Body, resp.ContentLength, t.cfg.limits.TokenBody)
	e := &pendingCall{op: &opToken}
	answer, _ := req.Context().Value(tokenAnswer{}).(*tokenAnswer)
	switch {
	case err != nil:
		answer.err = e.newError(OutcomeNotSent, err)
		return nil, err
	case resp.StatusCode != http.StatusOK:
		resp.Body = newInMemory(body)
		answer.err = tokenAnswerError(e, resp, req.Header.Get("Authorization"))
		return nil, errNoToken
	}
	normal, ok := normalToken(body, resp.Header.Get("Content-Type"))
	if !ok {
		answer.err = e.newError(OutcomeAuthFailed, errNoToken)
		answer.err.StatusCode = resp.StatusCode
		return nil, errNoToken
	}
	resp.Header = http.Header{"Content-Type": {api.MediaTypeJSON}}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(normal)), int64(len(normal))
	return resp, nil
}

// roundTrip keeps a transport that panics from taking the process down: no caller is on this stack.
func roundTrip(next http.RoundTripper, req *http.Request) (_ *http.Response, err error) {
	defer noPanic(&err)
	return next.RoundTrip(req)
}

var errNoToken = errors.New("the token endpoint gave no usable token")

// tokenAnswerError is a refusal of the token endpoint. Nothing of the call itself was sent, whatever the status.
func tokenAnswerError(e *pendingCall, resp *http.Response, authorization string) *Error {
	err := e.answerError(resp)
	err.body = nil
	e.hide(err, authorization)
	err.Outcome = OutcomeNotSent
	if resp.StatusCode >= 400 && resp.StatusCode < 500 && !retriable(err) {
		err.Outcome = OutcomeAuthFailed
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		err.Outcome = OutcomeRateLimited
	}
	return err
}

// normalToken reads a token by its content and writes it in the one form that x/oauth2 takes without guessing.
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

// lifetime reads expires_in, which servers write as a number or as text; what makes no sense is the default.
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

const tokenPath = "/token"
