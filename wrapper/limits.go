package dwolla

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// None is the value of a field that says "no limit" or "zero", where 0 keeps the default: Retries{ConflictPolls: None}.
// Each field says what None means for it; any other negative value is refused.
const None = -1

// Timeouts are the client's time limits. A zero field keeps its default, and [None] is no limit; no time may be above a
// week. The caller's context applies as well.
type Timeouts struct {
	// Attempt limits one attempt of a call, from the connection to the last byte of the answer. Default 60 s.
	Attempt time.Duration
	// SlowAttempt is the limit for mass payments and uploads. Default 120 s.
	SlowAttempt time.Duration
	// Token limits the fetch of a token, however many calls wait for it. Default 30 s.
	Token time.Duration

	// TokenRenewal is how long before its end a token is renewed in the background, while calls still use it.
	// Default 120 s. A token that lives for a few minutes only is used for half of them regardless. None renews tokens
	// only when a call needs one.
	TokenRenewal time.Duration
	// TokenMargin is how long before its end a token is no longer used, and calls wait for a new one. At most
	// TokenRenewal, unless that is None. Default 60 s. None uses a token to its end.
	TokenMargin time.Duration

	// The fields below configure the client's own transport and cannot be combined with WithHTTPClient.

	// Dial limits making a connection. Default 10 s.
	Dial time.Duration
	// TLSHandshake limits the TLS handshake. Default 10 s.
	TLSHandshake time.Duration
	// Ping is how long an HTTP/2 connection may be silent before it is checked with a ping. Default 15 s. None sends no
	// pings.
	Ping time.Duration
	// PingAnswer limits the wait for the answer to a ping. Default 15 s. It cannot be None.
	PingAnswer time.Duration
}

// Retries say when the client repeats a request by itself, always with the same idempotency key and the same bytes.
// A zero field keeps its default; no time may be above a week.
type Retries struct {
	// MaxAttempts includes the first attempt. Default 3; 1 turns retries off. At most 100; it cannot be [None].
	MaxAttempts int
	// If replaces the rule of what is retried: no answer, unless the certificate or the name of the host is wrong; a
	// body that broke off; 408, 425 and 429; 5xx, also those of the edge such as 520, except 501 and 505; and 409 of an
	// idempotency key. It is not asked about calls that were canceled or not authorized. Allow only what is safe to
	// repeat: a DELETE has no key. A rule that panics, exits or blocks wants no other attempt, and hides no answer.
	If func(*Error) bool

	// BaseDelay is the longest wait before the second attempt; it doubles from there. Default 500 ms. None is no wait.
	BaseDelay time.Duration
	// MaxDelay bounds the doubling. Default 8 s. None is no bound.
	MaxDelay time.Duration
	// MinDelay is the shortest wait; the actual one is random between the two. If the longest is below MinDelay, it is
	// the wait. Default 100 ms. None is zero.
	MinDelay time.Duration
	// MaxRetryAfter is the longest Retry-After that is waited for; an answer with a longer one is returned at once.
	// Default 60 s. None waits for as long as any answer asks.
	MaxRetryAfter time.Duration

	// ConflictPolls is how often a request is repeated whose key is in use (409), since the first request may still be
	// running. These do not count as attempts. Default 3, at most 100. None is never.
	ConflictPolls int
	// ConflictWait is how long all polls may take; after that the outcome is unknown. Default 10 s. None is no limit.
	ConflictWait time.Duration

	// Budget keeps retries from multiplying an outage.
	Budget Budget
}

// A Budget limits the retries of all calls of a client: each retry draws from a bucket that only successes refill.
// A zero field keeps its default, and [None] is zero.
type Budget struct {
	// Size is how much the bucket holds; it is full at first. Default 500. It cannot be None: see Off.
	Size int
	// Cost is what a retry after an answer draws. Default 5, at most Size.
	Cost int
	// TimeoutCost is what a retry after an attempt without an answer draws. Default 10, at most Size.
	TimeoutCost int
	// Refund is what a success puts back. Default 1, at most Size.
	Refund int
	// Off gives every call its MaxAttempts, however long an outage lasts.
	Off bool
}

// Limits are how much of an answer is read, in bytes, after gzip is undone. A zero field keeps its default, and [None] is no
// limit: an answer is then as large as the server makes it. No other value may be above 1 GiB.
type Limits struct {
	// Body is the limit for an answer of 2xx; a larger one is ErrTooLarge. Default 32 MiB.
	Body int64
	// ErrorBody is the limit for any other answer; of a larger one, only the status is used, and the
	// error is also ErrTooLarge. Default 4 MiB: a refused mass payment of 5,000 items has an error for each.
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

// endless is a limit that nothing reaches, and to which a time or a size can be added.
const endless = math.MaxInt64 / 4

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

func defaultLimits() Limits { return Limits{Body: 32 << 20, ErrorBody: 4 << 20, TokenBody: 64 << 10} }

// WithTimeouts sets time limits.
func WithTimeouts(t Timeouts) Option {
	return func(c *config) error {
		if outside(maxTimeout, t.Attempt, t.SlowAttempt, t.Token, t.TokenRenewal, t.TokenMargin, t.Dial, t.TLSHandshake, t.Ping, t.PingAnswer) ||
			t.PingAnswer == None {
			return &ConfigurationError{Option: "WithTimeouts", Reason: "a limit is negative or above a week"}
		}
		set(&c.timeouts.Attempt, t.Attempt, endless)
		set(&c.timeouts.SlowAttempt, t.SlowAttempt, endless)
		set(&c.timeouts.Token, t.Token, endless)
		set(&c.timeouts.TokenRenewal, t.TokenRenewal, 0)
		set(&c.timeouts.TokenMargin, t.TokenMargin, 0)
		set(&c.timeouts.Dial, t.Dial, 0) // to package net, 0 is no limit
		set(&c.timeouts.TLSHandshake, t.TLSHandshake, 0)
		set(&c.timeouts.Ping, t.Ping, 0)
		set(&c.timeouts.PingAnswer, t.PingAnswer, 0)
		if c.timeouts.TokenRenewal > 0 && c.timeouts.TokenMargin > c.timeouts.TokenRenewal {
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
		if outside(maxAttempts, r.MaxAttempts, r.ConflictPolls) || r.MaxAttempts == None {
			return &ConfigurationError{Option: "WithRetries", Reason: "a number is negative or above 100"}
		}
		if outside(maxTimeout, r.BaseDelay, r.MaxDelay, r.MinDelay, r.MaxRetryAfter, r.ConflictWait) {
			return &ConfigurationError{Option: "WithRetries", Reason: "a time is negative or above a week"}
		}
		if r.If != nil {
			c.retries.If = r.If
		}
		set(&c.retries.MaxAttempts, r.MaxAttempts, 0)
		set(&c.retries.BaseDelay, r.BaseDelay, 0)
		set(&c.retries.MaxDelay, r.MaxDelay, maxTimeout)
		set(&c.retries.MinDelay, r.MinDelay, 0)
		set(&c.retries.MaxRetryAfter, r.MaxRetryAfter, endless)
		set(&c.retries.ConflictPolls, r.ConflictPolls, 0)
		set(&c.retries.ConflictWait, r.ConflictWait, endless)
		return c.retries.Budget.set(r.Budget)
	}
}

// set takes the fields that are not zero.
func (b *Budget) set(to Budget) error {
	if outside(math.MaxInt, to.Size, to.Cost, to.TimeoutCost, to.Refund) || to.Size == None {
		return &ConfigurationError{Option: "WithRetries", Reason: "a field of the budget is negative"}
	}
	set(&b.Size, to.Size, 0)
	set(&b.Cost, to.Cost, 0)
	set(&b.TimeoutCost, to.TimeoutCost, 0)
	set(&b.Refund, to.Refund, 0)
	b.Off = cmp.Or(to.Off, b.Off)
	if max(b.Cost, b.TimeoutCost, b.Refund) > b.Size {
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
		set(&c.limits.Body, l.Body, endless)
		set(&c.limits.ErrorBody, l.ErrorBody, endless)
		set(&c.limits.TokenBody, l.TokenBody, endless)
		return nil
	}
}

// set changes a field to a value of the caller: 0 keeps it, and None makes it what is none for it.
func set[T int | int64 | time.Duration](field *T, to, none T) {
	switch to {
	case 0:
	case None:
		*field = none
	default:
		*field = to
	}
}

// outside reports whether one of the values is neither None, nor from zero to the largest allowed.
func outside[T int | int64 | time.Duration](largest T, values ...T) bool {
	return slices.Min(values) < None || slices.Max(values) > largest
}
