package dwolla

import (
	"cmp"
	"slices"
	"time"
)

// Timeouts are the client's limits of time. A zero field keeps its default; the caller's context holds besides. None
// may be above a week.
type Timeouts struct {
	// Attempt limits one attempt of a call, from the connection to the last byte of the answer. Default 60 s.
	Attempt time.Duration
	// SlowAttempt is the limit for mass payments and uploads. Default 120 s.
	SlowAttempt time.Duration
	// Token limits the fetch of a token, whoever waits for it. Default 30 s.
	Token time.Duration

	// TokenRenewal is how long before its end a token is renewed in the background, while calls go on with it.
	// Default 120 s. A token that lives for a few minutes only is used for half of them, whatever this says.
	TokenRenewal time.Duration
	// TokenMargin is how long before its end a token is not used any more, and calls wait for a new one. At most
	// TokenRenewal. Default 60 s.
	TokenMargin time.Duration

	// The rest is of the client's own connections, and goes not with WithHTTPClient, whose transport has its own.

	// Dial limits making a connection. Default 10 s.
	Dial time.Duration
	// TLSHandshake limits what comes after it. Default 10 s.
	TLSHandshake time.Duration
	// Ping is how long an HTTP/2 connection may be silent before it is asked whether it lives. Default 15 s.
	Ping time.Duration
	// PingAnswer is how long it has to answer that. Default 15 s.
	PingAnswer time.Duration
}

// Retries say when the client repeats a request by itself: always with the same idempotency key and the same bytes.
// A zero field keeps its default; no time may be above a week.
type Retries struct {
	// MaxAttempts counts the first one too. Default 3; 1 turns retries off. At most 100.
	MaxAttempts int
	// If replaces the rule of what is tried again: no answer, unless it is the certificate or the name of the host
	// that is wrong; a body that broke off; 408, 425, 429, 500, 502, 503 and 504; and 409 of an idempotency key. It is
	// asked about nothing that was canceled or not authorized. What it lets be repeated must bear it: a DELETE and an
	// update have no key.
	If func(*Error) bool

	// BaseDelay is the longest wait before the second attempt; it doubles from there. Default 500 ms.
	BaseDelay time.Duration
	// MaxDelay bounds the doubling. Default 8 s.
	MaxDelay time.Duration
	// MinDelay is the shortest wait; the actual one is random between the two. Where MaxDelay or the doubling is below
	// it, that is the wait. Default 100 ms.
	MinDelay time.Duration
	// MaxRetryAfter is the longest Retry-After that is waited for; a longer one is returned as ErrRateLimited at
	// once. Default 60 s.
	MaxRetryAfter time.Duration

	// ConflictPolls is how often a request is repeated whose key is said to be in use (409): the first one may still
	// run. These do not count as attempts. Default 3, at most 100.
	ConflictPolls int
	// ConflictWait is how long all of them may take; after that the outcome is unknown. Default 10 s.
	ConflictWait time.Duration

	// Budget keeps an outage from being multiplied.
	Budget Budget
}

// A Budget is what all calls of a client may spend on retries: each draws from a bucket that only successes refill.
// A zero field keeps its default.
type Budget struct {
	// Size is what the bucket holds, and what it holds at first. Default 500.
	Size int
	// Cost is what a retry draws after an answer. Default 5, at most Size.
	Cost int
	// TimeoutCost is what a retry draws after an attempt without an answer, which has cost more. Default 10, at most Size.
	TimeoutCost int
	// Refund is what a success puts back. Default 1.
	Refund int
	// Off lets every call have its MaxAttempts, however long an outage lasts.
	Off bool
}

// Limits are how much of an answer is read, in bytes, after decompression. A zero field keeps its default. None may be
// above 1 GiB: a limit that the memory cannot hold is none.
type Limits struct {
	// Body is the limit for an answer of 2xx; a larger one is ErrTooLarge. Default 32 MiB.
	Body int64
	// ErrorBody is the limit for any other answer; a larger one is known by its status alone. Default 1 MiB.
	ErrorBody int64
	// TokenBody is the limit for a token; a larger answer is none. Default 64 KiB.
	TokenBody int64
}

// What no limit may exceed.
const (
	longestTime  = 7 * 24 * time.Hour
	largestBody  = 1 << 30
	mostAttempts = 100
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

// WithTimeouts sets limits of time.
func WithTimeouts(t Timeouts) Option {
	return func(c *config) error {
		if outside(longestTime, t.Attempt, t.SlowAttempt, t.Token, t.TokenRenewal, t.TokenMargin, t.Dial, t.TLSHandshake, t.Ping, t.PingAnswer) {
			return &ConfigurationError{Option: "WithTimeouts", Reason: "a limit is negative or above a week"}
		}
		setUnlessZero(&c.timeouts.Attempt, t.Attempt)
		setUnlessZero(&c.timeouts.SlowAttempt, t.SlowAttempt)
		setUnlessZero(&c.timeouts.Token, t.Token)
		setUnlessZero(&c.timeouts.TokenRenewal, t.TokenRenewal)
		setUnlessZero(&c.timeouts.TokenMargin, t.TokenMargin)
		setUnlessZero(&c.timeouts.Dial, t.Dial)
		setUnlessZero(&c.timeouts.TLSHandshake, t.TLSHandshake)
		setUnlessZero(&c.timeouts.Ping, t.Ping)
		setUnlessZero(&c.timeouts.PingAnswer, t.PingAnswer)
		if c.timeouts.TokenMargin > c.timeouts.TokenRenewal {
			return &ConfigurationError{Option: "WithTimeouts", Reason: "TokenMargin is above TokenRenewal"}
		}
		return nil
	}
}

// ofConnections are the limits that only the client's own transport can keep.
func (t Timeouts) ofConnections() Timeouts {
	return Timeouts{Dial: t.Dial, TLSHandshake: t.TLSHandshake, Ping: t.Ping, PingAnswer: t.PingAnswer}
}

// WithRetries sets when requests are repeated.
func WithRetries(r Retries) Option {
	return func(c *config) error {
		if outside(mostAttempts, r.MaxAttempts, r.ConflictPolls) {
			return &ConfigurationError{Option: "WithRetries", Reason: "a number is negative or above 100"}
		}
		if outside(longestTime, r.BaseDelay, r.MaxDelay, r.MinDelay, r.MaxRetryAfter, r.ConflictWait) {
			return &ConfigurationError{Option: "WithRetries", Reason: "a time is negative or above a week"}
		}
		if r.If != nil {
			c.retries.If = r.If
		}
		setUnlessZero(&c.retries.MaxAttempts, r.MaxAttempts)
		setUnlessZero(&c.retries.BaseDelay, r.BaseDelay)
		setUnlessZero(&c.retries.MaxDelay, r.MaxDelay)
		setUnlessZero(&c.retries.MinDelay, r.MinDelay)
		setUnlessZero(&c.retries.MaxRetryAfter, r.MaxRetryAfter)
		setUnlessZero(&c.retries.ConflictPolls, r.ConflictPolls)
		setUnlessZero(&c.retries.ConflictWait, r.ConflictWait)
		return c.retries.Budget.set(r.Budget)
	}
}

func (b *Budget) set(to Budget) error {
	setUnlessZero(&b.Size, to.Size)
	setUnlessZero(&b.Cost, to.Cost)
	setUnlessZero(&b.TimeoutCost, to.TimeoutCost)
	setUnlessZero(&b.Refund, to.Refund)
	setUnlessZero(&b.Off, to.Off)
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
		if outside(largestBody, l.Body, l.ErrorBody, l.TokenBody) {
			return &ConfigurationError{Option: "WithLimits", Reason: "a limit is negative or above 1 GiB"}
		}
		setUnlessZero(&c.limits.Body, l.Body)
		setUnlessZero(&c.limits.ErrorBody, l.ErrorBody)
		setUnlessZero(&c.limits.TokenBody, l.TokenBody)
		return nil
	}
}

// outside reports whether one of the values is below zero or above the most.
func outside[T cmp.Ordered](most T, values ...T) bool {
	var zero T
	return slices.Min(values) < zero || slices.Max(values) > most
}

func setUnlessZero[T comparable](dst *T, v T) {
	var zero T
	if v != zero {
		*dst = v
	}
}
