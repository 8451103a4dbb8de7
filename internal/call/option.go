package call

import (
	"net/http"
	"time"
)

// Options are what a caller may set for a single call.
type Options struct {
	IdempotencyKey    string
	HasIdempotencyKey bool  // an empty key is an error, not the absence of one
	Resend            *Sent // of a repetition: what was sent before
	Header            http.Header
	Response          []func(Response) // told of the answer, also when it is an error
	UncheckedDocument bool             // a document is sent whatever it looks like
	PagesAhead        *int             // how many pages a walk asks for while the caller works
	Distinct          bool             // a walk yields an entry once, though pages move under it
	Err               error            // an option was given something impossible
}

// Sent is what was sent under an idempotency key.
type Sent struct {
	What  What
	First time.Time // when it was sent first
}

// What tells one request from another. Two requests under one key must be equal in all of it.
type What struct {
	Method, Path, BodySHA256 string // the path is that below the base URL, with the query
	Origin, Environment      string
}

// An Option sets something for a single call.
type Option func(*Options)

// Apply collects the options.
func Apply(opts []Option) Options {
	var o Options
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	return o
}
