// Package option is what a caller may set for a single call. It stands below packages api and call, which both take
// options.
package option

import (
	"net/http"
	"net/url"
	"time"
)

// Options are what a caller may set for a single call.
type Options struct {
	IdempotencyKey    string
	HasIdempotencyKey bool              // an empty key is an error, not the absence of one
	KeyFirst          time.Time         // when the key was first sent, also by another process; zero is now
	Resend            *Sent             // of a repetition: what was sent before
	StillUnknown      func(error) error // of a repetition: the error of one that no client sends
	Header            http.Header
	Response          []func(Response) // told how every call ends, also one that is not sent
	UncheckedDocument bool             // a document is sent whatever it looks like
	PagesAhead        *int             // how many pages a walk asks for while the caller works
	Odd               *map[int]error   // of a page: takes the entries that cannot be read, by index, which then fail the page no more
	Whole             bool             // a walk fails unless every page is one, and all entries of the total came
	Distinct          bool             // a walk yields an entry once, though pages move under it
	Err               error            // an option was given something impossible
}

// Sent is what was sent under an idempotency key.
type Sent struct {
	What  What
	First time.Time // when it was sent first

	CorrelationID string // of the payment; it tells nothing that the hash of the body does not
}

// What tells one request from another. Two requests under one key must be equal in all of it.
type What struct {
	Method, Path, BodySHA256 string // the path is that below the base URL, with the query
	Origin, Environment      string
}

// An Option sets something for a single call.
type Option func(*Options)

// A Response is what a caller may want to know of an answer besides its body.
type Response struct {
	StatusCode int
	Header     http.Header
	URL        *url.URL // that was asked
	Location   string   // href of what was created
	ID         string   // the id in it; empty where Location leads to another origin

	IdempotencyKey string // what the request carried
	Attempts       int
}

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

// Tell tells the caller of an answer.
func (o *Options) Tell(r Response) {
	for _, tell := range o.Response {
		tell(r)
	}
}

// Unsent tells the caller that nothing was sent, because of err, and returns err. Otherwise a variable that is used
// again would keep the answer of an earlier call.
func Unsent(opts []Option, err error) error {
	o := Apply(opts)
	o.Tell(Response{})
	return err
}

// Single returns the options of a walk for one of the calls that it makes.
func Single(opts []Option) []Option {
	return append(opts[:len(opts):len(opts)], func(o *Options) { o.PagesAhead, o.Distinct, o.Whole = nil, false, false })
}
