package call

import "net/http"

// Options are what a caller may set for a single call.
type Options struct {
	IdempotencyKey    string
	HasIdempotencyKey bool // an empty key is an error, not the absence of one
	Header            http.Header
	Response          []func(Response) // told of the answer, also when it is an error
	Err               error                  // an option was given something impossible
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
