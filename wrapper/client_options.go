package dwolla

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
)

// An Option configures a client, see [NewClient].
type Option func(*config) error

type config struct {
	env        Environment
	key        string
	secret     secret
	baseURL    string
	httpClient *http.Client
	middleware []Middleware
	logger     *slog.Logger
	userAgent  string
	timeouts   Timeouts
	retries    Retries
	limits     Limits
}

func defaults() config {
	return config{
		logger:    slog.New(slog.DiscardHandler),
		userAgent: "dwolla-go/" + Version,
		timeouts:  defaultTimeouts(),
		retries:   defaultRetries(),
		limits:    defaultLimits(),
	}
}

// WithBaseURL sends every request to another origin, such as a gateway or a test server. Links to the environment's own
// origin are followed there. Plain http is allowed for loopback only.
func WithBaseURL(base string) Option {
	return func(c *config) error {
		if base == "" {
			return &ConfigurationError{Option: "WithBaseURL", Reason: "is empty"}
		}
		c.baseURL = base
		return nil
	}
}

// WithHTTPClient uses the transport, cookie jar and time limit of the given HTTP client. It is not modified. No redirect is
// followed, whatever its CheckRedirect is. A transport that follows redirects by itself cannot be kept from sending the token
// on, but its answer is refused, as is any whose Request has another method or origin: use [WithBaseURL] for a gateway. One that
// follows redirects and leaves the Request of its answer nil cannot be told from one that does not.
// A transport other than net/http's leaves more outcomes unknown: a write that failed counts as not sent only if nothing of its
// body was read, and the transport says that it could not connect or has called the hooks of net/http/httptrace.
// Default: a client with a transport of its own.
func WithHTTPClient(client *http.Client) Option {
	return func(c *config) error {
		if client == nil {
			return &ConfigurationError{Option: "WithHTTPClient", Reason: "is nil"}
		}
		c.httpClient = client
		return nil
	}
}

// A Middleware is called once per call, however often the call is retried. Errors of the API are returned by next as errors.
//
// The request has its URL, header and body, but neither the Authorization nor the idempotency key yet. Middleware may read
// the body, which does not use it up, and may replace it: all attempts send the bytes that are passed to next. It may add
// headers, except those that the client sets. It may change the path and the query, as a gateway may need it: the record of an
// unknown outcome has those of the call. The method and the origin cannot be changed, and what is done to the
// request after it was passed on has no effect.
//
// The body of the response is in memory. One that middleware puts in its place is read to its end and closed once.
//
// Middleware should call next once and return after it. Calling it again repeats the call, with the same key and the same
// body; after the end of the call, next sends nothing. An error of middleware itself does not hide what became of the
// call: after a payment, it is in an [*OutcomeUnknownError] with the key. A panic is returned as an error, and the call ends
// with its context even if middleware does not.
type Middleware func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error)

// WithMiddleware puts middleware around every call; the first one is the outermost. [OperationOf] names the call.
func WithMiddleware(middleware ...Middleware) Option {
	return func(c *config) error {
		if slices.ContainsFunc(middleware, func(m Middleware) bool { return m == nil }) {
			return &ConfigurationError{Option: "WithMiddleware", Reason: "is nil"}
		}
		c.middleware = append(c.middleware, middleware...)
		return nil
	}
}

// WithLogger logs every attempt: operation, path template, status, duration and request id; never a body, a header, an id
// or a query. Whatever the handler does, an answer that has come counts: a call waits for a line for a second at most, and
// leaves a handler that takes longer. Default: nothing is logged.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if logger == nil {
			return &ConfigurationError{Option: "WithLogger", Reason: "is nil"}
		}
		c.logger = logger
		return nil
	}
}

// WithUserAgent puts the name of a program before that of this package, as in "payroll/2.1 dwolla-go/0.1.0".
func WithUserAgent(name string) Option {
	return func(c *config) error {
		if name == "" || !validHeaderValue(name) {
			return &ConfigurationError{Option: "WithUserAgent", Reason: "is no header value"}
		}
		c.userAgent = name + " " + c.userAgent
		return nil
	}
}

func validHeaderValue(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// An Operation is the operation that a request belongs to.
type Operation struct {
	Name   string // "MassPayments.Create"
	Method string
	Path   string // template, "/mass-payments/{id}", so that it can label a metric
}

// OperationOf returns the operation of a request, for use in a [Middleware].
func OperationOf(req *http.Request) Operation {
	e := pendingCallOf(req)
	if e == nil {
		return Operation{}
	}
	return Operation{Name: e.op.Name, Method: e.op.Method, Path: e.op.Path}
}
