package dwolla

import (
	"cmp"
	"slices"
	"time"
)

// Timeouts are the client's time limits. A zero field keeps its default; none may be above a week. The caller's context
// applies as well.
type Timeouts struct {
	// Attempt limits one attempt of a call, from the connection to the last byte of the answer. Default 60 s.
	Attempt time.Duration
	// SlowAttempt is the limit for mass payments and uploads. Default 120 s.
	SlowAttempt time.Duration
	// Token limits the fetch of a token, however many calls wait for it. Default 30 s.
	Token time.Duration

	// TokenRenewal is how long before its end a token is renewed in the background, while calls still use it.
	// Default 120 s. A token that lives for a few minutes only is used for half of them regardless.
	TokenRenewal time.Duration
	// TokenMargin is how long before its end a token is no longer used, and calls wait for a new one. At most
	// TokenRenewal. Default 60 s.
	TokenMargin time.Duration

	// The fields below configure the client's own transport and cannot be combined with WithHTTPClient.

	// Dial limits making a connection. Default 10 s.
	Dial time.Duration
	// TLSHandshake limits the TLS handshake. Default 10 s.
	TLSHandshake time.Duration
	// Ping is how long an HTTP/2 connection may be silent before it is checked with a ping. Default 15 s.
	Ping time.Duration
	// PingAnswer limits the wait for the answer to a ping. Default 15 s.
	PingAnswer time.Duration
}

// Retries say when the client repeats a request by itself, always with the same idempotency key and the same bytes.
// A zero field keeps its default; no time may be above a week.
type Retries struct {
	// MaxAttempts includes the first attempt. Default 3; 1 turns retries off. At most 100.
	MaxAttempts int
	// If replaces the rule of what is retried: no answer, unless the certificate or the name of the host is wrong; a
	// body that broke off; 408, 425, 429, 500, 502, 503 and 504; and 409 of an idempotency key. It is not asked about
	// calls that were canceled or not authorized. Allow only what is safe to repeat: a DELETE and an update have no key.
	If func(*Error) bool

	// BaseDelay is the longest wait before the second attempt; it doubles from there. Default 500 ms.
	BaseDelay time.Duration
	// MaxDelay bounds the doubling. Default 8 s.
	MaxDelay time.Duration
	// MinDelay is the shortest wait; the actual one is random between the two. If the longest is below MinDelay, it is
	// the wait. Default 100 ms.
	MinDelay time.Duration
	// MaxRetryAfter is the longest Retry-After that is waited for; an answer with a longer one is returned as
	// ErrRateLimited at once. Default 60 s.
	MaxRetryAfter time.Duration

	// ConflictPolls is how often a request is repeated whose key is in use (409), since the first request may still be
	// running. These do not count as attempts. Default 3, at most 100.
	ConflictPolls int
	// ConflictWait is how long all polls may take; after that the outcome is unknown. Default 10 s.
	ConflictWait time.Duration

	// Budget keeps retries from multiplying an outage.
	Budget Budget
}

// A Budget limits the retries of all calls of a client: each retry draws from a bucket that only successes refill.
// A zero field keeps its default.
type Budget struct {
	// Size is how much the bucket holds; it is full at first. Default 500.
	Size int
	// Cost is what a retry after an answer draws. Default 5, at most Size.
	Cost int
	// TimeoutCost is what a retry after an attempt without an answer draws. Default 10, at most Size.
	TimeoutCost int
	// Refund is what a success puts back. Default 1.
	Refund int
	// Off gives every call its MaxAttempts, however long an outage lasts.
	Off bool
}

// Limits are how much of an answer is read, in bytes, after decompression. A zero field keeps its default; none may be
// above 1 GiB.
type Limits struct {
	// Body is the limit for an answer of 2xx; a larger one is ErrTooLarge. Default 32 MiB.
	Body int64
	// ErrorBody is the limit for any other answer; of a larger one, only the status is used. Default 1 MiB.
	ErrorBody int64
	// TokenBody is the limit for an answer with a token; a larger one is an error. Default 64 KiB.
	TokenBody int64
}

// The largest values that the options accept.
const (
	maxTimeout  = 7 * 24 * time.Hour
	maxSize     = 1 << 30
	maxAttempts = 100
)

func defaultTimeouts() Timeouts {
	return Timeouts{
		Attempt: 60 * time.Second, SlowAttempt: 120 * time.Second, Token: 30 * time.Second,
		TokenRenewal: 120 * time.Second, TokenMargin: 60 * time.Second,
		Dial: 10 * time.Second, TLSHandshake: 10 * time.Second, Ping: 15 * time.Second, PingAnswer: 15 * time.Second,
	}
}

func defaultRetries() Retries {
	return Retries{
		MaxAttempts: 3,
		BaseDelay:   500 * time.Millisecond, MaxDelay: 8 * time.Second, MinDelay: 100 * time.Millisecond,
		MaxRetryAfter: 60 * time.Second,
		ConflictPolls: 3, ConflictWait: 10 * time.Second,
		Budget: Budget{Size: 500, Cost: 5, TimeoutCost: 10, Refund: 1},
	}
}

func defaultLimits() Limits { return Limits{Body: 32 << 20, ErrorBody: 1 << 20, TokenBody: 64 << 10} }

// WithTimeouts sets time limits.
func WithTimeouts(t Timeouts) Option {
	return func(c *config) error {
		if outside(maxTimeout, t.Attempt, t.SlowAttempt, t.Token, t.TokenRenewal, t.TokenMargin, t.Dial, t.TLSHandshake, t.Ping, t.PingAnswer) {
			return &ConfigurationError{Option: "WithTimeouts", Reason: "a limit is negative or above a week"}
		}
		c.timeouts.Attempt = cmp.Or(t.Attempt, c.timeouts.Attempt)
		c.timeouts.SlowAttempt = cmp.Or(t.SlowAttempt, c.timeouts.SlowAttempt)
		c.timeouts.Token = cmp.Or(t.Token, c.timeouts.Token)
		c.timeouts.TokenRenewal = cmp.Or(t.TokenRenewal, c.timeouts.TokenRenewal)
		c.timeouts.TokenMargin = cmp.Or(t.TokenMargin, c.timeouts.TokenMargin)
		c.timeouts.Dial = cmp.Or(t.Dial, c.timeouts.Dial)
		c.timeouts.TLSHandshake = cmp.Or(t.TLSHandshake, c.timeouts.TLSHandshake)
		c.timeouts.Ping = cmp.Or(t.Ping, c.timeouts.Ping)
		c.timeouts.PingAnswer = cmp.Or(t.PingAnswer, c.timeouts.PingAnswer)
		if c.timeouts.TokenMargin > c.timeouts.TokenRenewal {
			return &ConfigurationError{Option: "WithTimeouts", Reason: "TokenMargin is above TokenRenewal"}
		}
		return nil
	}
}

// ofTransport returns the limits that only the client's own transport can apply.
func (t Timeouts) ofTransport() Timeouts {
	return Timeouts{Dial: t.Dial, TLSHandshake: t.TLSHandshake, Ping: t.Ping, PingAnswer: t.PingAnswer}
}

// WithRetries sets when requests are retried.
func WithRetries(r Retries) Option {
	return func(c *config) error {
		if outside(maxAttempts, r.MaxAttempts, r.ConflictPolls) {
			return &ConfigurationError{Option: "WithRetries", Reason: "a number is negative or above 100"}
		}
		if outside(maxTimeout, r.BaseDelay, r.MaxDelay, r.MinDelay, r.MaxRetryAfter, r.ConflictWait) {
			return &ConfigurationError{Option: "WithRetries", Reason: "a time is negative or above a week"}
		}
		if r.If != nil {
			c.retries.If = r.If
		}
		c.retries.MaxAttempts = cmp.Or(r.MaxAttempts, c.retries.MaxAttempts)
		c.retries.BaseDelay = cmp.Or(r.BaseDelay, c.retries.BaseDelay)
		c.retries.MaxDelay = cmp.Or(r.MaxDelay, c.retries.MaxDelay)
		c.retries.MinDelay = cmp.Or(r.MinDelay, c.retries.MinDelay)
		c.retries.MaxRetryAfter = cmp.Or(r.MaxRetryAfter, c.retries.MaxRetryAfter)
		c.retries.ConflictPolls = cmp.Or(r.ConflictPolls, c.retries.ConflictPolls)
		c.retries.ConflictWait = cmp.Or(r.ConflictWait, c.retries.ConflictWait)
		return c.retries.Budget.set(r.Budget)
	}
}

// set takes the fields that are not zero.
func (b *Budget) set(to Budget) error {
	b.Size = cmp.Or(to.Size, b.Size)
	b.Cost = cmp.Or(to.Cost, b.Cost)
	b.TimeoutCost = cmp.Or(to.TimeoutCost, b.TimeoutCost)
	b.Refund = cmp.Or(to.Refund, b.Refund)
	b.Off = cmp.Or(to.Off, b.Off)
	switch {
	case min(b.Size, b.Cost, b.TimeoutCost, b.Refund) < 0:
		return &ConfigurationError{Option: "WithRetries", Reason: "a field of the budget is negative"}
	case max(b.Cost, b.TimeoutCost, b.Refund) > b.Size:
		return &ConfigurationError{Option: "WithRetries", Reason: "a field of the budget is above its size"}
	}
	return nil
}

// WithLimits sets how much of an answer is read.
func WithLimits(l Limits) Option {
	return func(c *config) error {
		if outside(maxSize, l.Body, l.ErrorBody, l.TokenBody) {
			return &ConfigurationError{Option: "WithLimits", Reason: "a limit is negative or above 1 GiB"}
		}
		c.limits.Body = cmp.Or(l.Body, c.limits.Body)
		c.limits.ErrorBody = cmp.Or(l.ErrorBody, c.limits.ErrorBody)
		c.limits.TokenBody = cmp.Or(l.TokenBody, c.limits.TokenBody)
		return nil
	}
}

// outside reports whether one of the values is below zero or above the largest allowed.
func outside[T cmp.Ordered](largest T, values ...T) bool {
	var zero T
	return slices.Min(values) < zero || slices.Max(values) > largest
}
