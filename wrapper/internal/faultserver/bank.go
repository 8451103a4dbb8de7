// Package faultserver is a Dwolla that fails on demand: it follows the rules of idempotency keys, records payments in a
// ledger, and ends each request as a test scripts it, in memory or over sockets (HTTP/1.1, HTTP/1.1 over TLS, HTTP/2).
package faultserver

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/idempotency"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/ledger"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/testkit"
)

// A Bank answers requests. The zero Bank works; its fields must be set before it is used.
type Bank struct {
	Ledger ledger.Ledger

	// Now is the bank's clock; time.Now if nil.
	Now func() time.Time
	// TokenLife is how long its tokens are valid; an hour if zero.
	TokenLife time.Duration
	// Token, if set, answers requests for tokens; if it returns false, the bank does.
	Token func(w http.ResponseWriter, r *http.Request) bool
	// Fault returns the fault of request n (from 1, without those for tokens), or nil. Script sets it.
	Fault func(n int, r *http.Request) *Fault
	// Hidden is how long a new payment is missing from lists.
	Hidden time.Duration

	mu       sync.Mutex
	base     string
	keys     idempotency.Keys[*Answer]
	tokens   map[string]time.Time // with their expiry
	latest   string               // the newest token
	requests []Request
	issued   int
}

// A Request is a request that the bank received.
type Request struct {
	Method, Path, Query string
	Key                 string // the idempotency key
	BodyHash            string
	Token               string
	At                  time.Time
	Fault               *Fault
}

// An Answer is a response of the bank.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Script gives the first requests these faults, in this order; nil is no fault.
func (b *Bank) Script(faults ...*Fault) {
	b.Fault = func(n int, _ *http.Request) *Fault {
		if n > len(faults) {
			return nil
		}
		return faults[n-1]
	}
}

// Always gives every request the fault.
func (b *Bank) Always(f *Fault) { b.Fault = func(int, *http.Request) *Fault { return f } }

// Requests are the requests so far, without those for tokens.
func (b *Bank) Requests() []Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Request(nil), b.requests...)
}

// Tokens is the number of requests for a token.
func (b *Bank) Tokens() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.issued
}

// Revoke makes every token invalid.
func (b *Bank) Revoke() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.tokens)
}

func (b *Bank) now() time.Time {
	if b.Now != nil {
		return b.Now()
	}
	return time.Now()
}

// token answers a request for a token.
func (b *Bank) token(w http.ResponseWriter, r *http.Request) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body) // net/http notices a closed connection only after the body is read
	}
	b.mu.Lock()
	b.issued++
	b.mu.Unlock()
	if b.Token != nil && b.Token(w, r) {
		return
	}
	life := b.TokenLife
	if life == 0 {
		life = time.Hour
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":%d}`, b.Issue(life), int(life/time.Second))
}

// Issue makes a valid token.
func (b *Bank) Issue(life time.Duration) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens == nil {
		b.tokens = map[string]time.Time{}
	}
	b.latest = fmt.Sprintf("token-%d", b.issued)
	b.tokens[b.latest] = b.now().Add(life)
	return b.latest
}

// handle carries out a request, as far as its fault allows, and returns the answer of a bank without faults.
func (b *Bank) handle(r *http.Request, f *Fault) *Answer {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return problem(http.StatusBadRequest, "BadRequest", "the body did not come whole")
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	key := testkit.Key(r.Header)

	b.mu.Lock()
	b.requests = append(b.requests, Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Key: key, BodyHash: hash, Token: token, At: b.now(), Fault: f,
	})
	end, known := b.tokens[token]
	b.mu.Unlock()
	switch {
	case !known:
		return problem(http.StatusUnauthorized, "InvalidAccessToken", "The access token is not known.")
	case !b.now().Before(end):
		return problem(http.StatusUnauthorized, "ExpiredAccessToken", "The access token has expired.")
	case r.Method == http.MethodGet:
		return b.read(r)
	case f != nil && !f.Commit && !f.Lock:
		return nil // not carried out
	case key == "":
		return b.pay(r, body, "")
	}
	return b.keyed(r, body, key, hash, f)
}

// keyed pays at most once for a key and a request. Another request under the same key is paid too, the worst that Dwolla
// could do.
func (b *Bank) keyed(r *http.Request, body []byte, key, hash string, f *Fault) *Answer {
	verdict, k := b.keys.Begin(b.now(), key, r.Method+" "+r.URL.Path+" "+hash)
	switch verdict {
	case idempotency.Conflict:
		return problem(http.StatusConflict, "Conflict", "A request with this idempotency key is under way.")
	case idempotency.Replay:
		return k.Answer()
	}
	defer k.End()
	if f != nil && f.Lock {
		k.Lock()
	}
	if f != nil && !f.Commit {
		return nil
	}
	if f != nil && f.Work > 0 {
		time.Sleep(f.Work)
	}
	answer := b.pay(r, body, key)
	k.Keep(answer)
	return answer
}

// pay records a payment in the ledger.
func (b *Bank) pay(r *http.Request, body []byte, key string) *Answer {
	var in struct {
		CorrelationID string `json:"correlationId"`
		Amount        struct {
			Value string `json:"value"`
		} `json:"amount"`
		Links map[string]struct {
			Href string `json:"href"`
		} `json:"_links"`
	}
	_ = json.Unmarshal(body, &in) // not every write is JSON
	paid := b.Ledger.Pay(ledger.Payment{
		Path: r.URL.Path, Key: key, CorrelationID: in.CorrelationID, Amount: in.Amount.Value,
		Source: in.Links["source"].Href, Destination: in.Links["destination"].Href, At: b.now(),
	})
	collection := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	location := fmt.Sprintf("%s/%s/%s", b.origin(r), collection[len(collection)-1], paid.ID)
	h := http.Header{"Location": {location}, "X-Request-Id": {"req-" + paid.ID}}
	if r.Method == http.MethodDelete || len(collection) == 2 {
		// An update or a removal is answered with the resource.
		h.Set("Content-Type", "application/vnd.dwolla.v1.hal+json")
		h.Del("Location")
		return &Answer{http.StatusOK, h, fmt.Appendf(nil, `{"_links":{"self":{"href":%q}},"id":%q}`, b.origin(r)+r.URL.Path, collection[len(collection)-1])}
	}
	return &Answer{Status: http.StatusCreated, Header: h}
}

func (b *Bank) origin(r *http.Request) string {
	if b.base != "" {
		return b.base
	}
	scheme := "https"
	if r.URL.Scheme != "" {
		scheme = r.URL.Scheme
	} else if r.TLS == nil {
		scheme = "http"
	}
	return scheme + "://" + r.Host
}

// read answers a GET: a list of transfers or mass payments, a funding source, or anything else by its id.
func (b *Bank) read(r *http.Request) *Answer {
	h := http.Header{"Content-Type": {"application/vnd.dwolla.v1.hal+json"}, "X-Request-Id": {"req-read"}}
	base, path := b.origin(r), strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	var out bytes.Buffer
	switch {
	case len(path) == 3 && (path[2] == "transfers" || path[2] == "mass-payments"):
		var found []string
		for _, p := range b.Ledger.Payments() {
			wanted := r.URL.Query().Get("correlationId")
			if p.Path == "/"+path[2] && p.CorrelationID == wanted && b.now().Sub(p.At) >= b.Hidden {
				found = append(found, transfer(base, p))
			}
		}
		fmt.Fprintf(&out, `{"_links":{"self":{"href":%q}},"_embedded":{%q:[%s]},"total":%d}`,
			base+r.URL.String(), path[2], strings.Join(found, ","), len(found))
	case path[0] == "funding-sources" && len(path) == 2:
		fmt.Fprintf(&out, `{"_links":{"self":{"href":"%[1]s/funding-sources/%[2]s"},"customer":{"href":"%[1]s/customers/owner-of-%[2]s"}},"id":%[2]q,"status":"verified","type":"bank"}`,
			base, path[1])
	default:
		fmt.Fprintf(&out, `{"_links":{"self":{"href":%q}},"id":%q}`, base+r.URL.Path, path[len(path)-1])
	}
	return &Answer{http.StatusOK, h, out.Bytes()}
}

func transfer(base string, p ledger.Payment) string {
	return fmt.Sprintf(`{"_links":{"self":{"href":"%s%s/%s"},"source":{"href":%q},"destination":{"href":%q}},"id":%q,"status":"pending",`+
		`"amount":{"value":%q,"currency":"USD"},"created":%q,"correlationId":%q}`,
		base, p.Path, p.ID, p.Source, p.Destination, p.ID, p.Amount, p.At.UTC().Format(time.RFC3339), p.CorrelationID)
}

func problem(status int, code, message string) *Answer {
	body, _ := json.Marshal(map[string]string{"code": code, "message": message})
	return &Answer{
		Status: status, Body: body,
		Header: http.Header{"Content-Type": {"application/vnd.dwolla.v1.hal+json"}, "X-Request-Id": {"req-problem"}},
	}
}

// Forget drops all requests, payments, keys and tokens but the newest, to limit the memory of long runs.
func (b *Bank) Forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests = nil
	b.keys.Clear()
	b.tokens = map[string]time.Time{b.latest: b.tokens[b.latest]}
	b.Ledger.Forget()
}
