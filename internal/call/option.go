package call

import (
	"net/http"
	"time"
)

// Options are what a caller may set for a single call.
type Options struct {
	IdempotencyKey    string
	HasIdempotencyKey bool      // an empty key is an error, not the absence of one
	BodySHA256        string    // of a repetition: what was sent before, in hex
	First             time.Time // of a repetition: when it was sent first
	Header            http.Header
	Response          []func(Response) // told of the answer, also when it is an error
	UncheckedDocument bool             // a document is sent whatever it looks like
	PagesAhead        *int             // how many pages a walk asks for while the caller works
	Distinct          bool             // a walk yields an entry once, though pages move under it
	Err               error            // an option was given something impossible
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
