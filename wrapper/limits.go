package dwolla

import (
	"fmt"
	"math"
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
// A zero field keeps its default, and [None] is zero. No field may be above 1,000,000,000.
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
	// Body is the limit for an answer of 2xx; a larger one is ErrTooLarge. Default 32 MiB. Whatever it is, an answer is not
	// read that has more than 10,000 entries in a list or a map of a model, or is nested more than 512 deep.
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
	maxBudget   = 1_000_000_000
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

// WithTimeouts sets time limits. Given twice, a later one changes the fields that are not zero in it.
func WithTimeouts(t Timeouts) Option {
	return func(c *config) error {
		s, to := setter{option: "WithTimeouts"}, &c.timeouts
		set(&s, "Timeouts.Attempt", &to.Attempt, t.Attempt, endless, maxTimeout)
		set(&s, "Timeouts.SlowAttempt", &to.SlowAttempt, t.SlowAttempt, endless, maxTimeout)
		set(&s, "Timeouts.Token", &to.Token, t.Token, endless, maxTimeout)
		set(&s, "Timeouts.TokenRenewal", &to.TokenRenewal, t.TokenRenewal, 0, maxTimeout)
		set(&s, "Timeouts.TokenMargin", &to.TokenMargin, t.TokenMargin, 0, maxTimeout)
		set(&s, "Timeouts.Dial", &to.Dial, t.Dial, 0, maxTimeout) // to package net, 0 is no limit
		set(&s, "Timeouts.TLSHandshake", &to.TLSHandshake, t.TLSHandshake, 0, maxTimeout)
		set(&s, "Timeouts.Ping", &to.Ping, t.Ping, 0, maxTimeout)
		set(&s, "Timeouts.PingAnswer", &to.PingAnswer, t.PingAnswer, impossible, maxTimeout)
		if to.TokenRenewal > 0 && to.TokenMargin > to.TokenRenewal {
			s.refuse("Timeouts.TokenMargin is %s, above Timeouts.TokenRenewal, which is %s", to.TokenMargin, to.TokenRenewal)
		}
		return s.err
	}
}

// ofTransport returns the limits that only the client's own transport can apply.
func (t Timeouts) ofTransport() Timeouts {
	return Timeouts{Dial: t.Dial, TLSHandshake: t.TLSHandshake, Ping: t.Ping, PingAnswer: t.PingAnswer}
}

// WithRetries sets when requests are retried. Given twice, a later one changes the fields that are not zero in it.
func WithRetries(r Retries) Option {
	return func(c *config) error {
		s, to := setter{option: "WithRetries"}, &c.retries
		if r.If != nil {
			to.If = r.If
		}
		set(&s, "Retries.MaxAttempts", &to.MaxAttempts, r.MaxAttempts, impossible, maxAttempts)
		set(&s, "Retries.BaseDelay", &to.BaseDelay, r.BaseDelay, 0, maxTimeout)
		set(&s, "Retries.MaxDelay", &to.MaxDelay, r.MaxDelay, maxTimeout, maxTimeout)
		set(&s, "Retries.MinDelay", &to.MinDelay, r.MinDelay, 0, maxTimeout)
		set(&s, "Retries.MaxRetryAfter", &to.MaxRetryAfter, r.MaxRetryAfter, endless, maxTimeout)
		set(&s, "Retries.ConflictPolls", &to.ConflictPolls, r.ConflictPolls, 0, maxAttempts)
		set(&s, "Retries.ConflictWait", &to.ConflictWait, r.ConflictWait, endless, maxTimeout)
		to.Budget.set(&s, r.Budget)
		return s.err
	}
}

// set takes the fields that are not zero.
func (b *Budget) set(s *setter, to Budget) {
	set(s, "Retries.Budget.Size", &b.Size, to.Size, impossible, maxBudget)
	set(s, "Retries.Budget.Cost", &b.Cost, to.Cost, 0, maxBudget)
	set(s, "Retries.Budget.TimeoutCost", &b.TimeoutCost, to.TimeoutCost, 0, maxBudget)
	set(s, "Retries.Budget.Refund", &b.Refund, to.Refund, 0, maxBudget)
	b.Off = b.Off || to.Off
	for _, field := range []struct {
		name  string
		value int
	}{{"Cost", b.Cost}, {"TimeoutCost", b.TimeoutCost}, {"Refund", b.Refund}} {
		if field.value > b.Size {
			s.refuse("Retries.Budget.%s is %d, above Retries.Budget.Size, which is %d", field.name, field.value, b.Size)
		}
	}
}

// WithLimits sets how much of an answer is read. Given twice, a later one changes the fields that are not zero in it.
func WithLimits(l Limits) Option {
	return func(c *config) error {
		s, to := setter{option: "WithLimits"}, &c.limits
		set(&s, "Limits.Body", &to.Body, l.Body, endless, maxSize)
		set(&s, "Limits.ErrorBody", &to.ErrorBody, l.ErrorBody, endless, maxSize)
		set(&s, "Limits.TokenBody", &to.TokenBody, l.TokenBody, endless, maxSize)
		return s.err
	}
}

// A setter sets the fields of an option, and keeps the first that cannot be set.
type setter struct {
	option string
	err    error
}

func (s *setter) refuse(format string, values ...any) {
	if s.err == nil {
		s.err = &ConfigurationError{Option: s.option, Reason: fmt.Sprintf(format, values...)}
	}
}

// impossible is what none is for a field that cannot be None.
const impossible = None

// set changes a field to a value of the caller, at most the largest: 0 keeps it, and None makes it what is none for it.
func set[T int | int64 | time.Duration](s *setter, name string, field *T, to, none, largest T) {
	switch {
	case to == 0:
	case to == None && none != impossible:
		*field = none
	case to == None:
		s.refuse("%s cannot be None; it must be %v to %v, or 0 for the default", name, T(1), largest)
	case to < 0 || to > largest:
		s.refuse("%s is %v; it must be %v to %v, or 0 for the default", name, to, T(1), largest)
	default:
		*field = to
	}
}
