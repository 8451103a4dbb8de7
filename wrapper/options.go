package dwolla

import (
	"log/slog"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/dwolla-go/dwolla-go/internal/call"
)

// An Option sets something of the client, see [NewClient].
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

// WithBaseURL sends everything to another origin: a gateway, or a server of one's own. Links of the environment's
// own origin are rebased onto it. Plain http is for loopback only.
func WithBaseURL(base string) Option {
	return func(c *config) error {
		if base == "" {
			return &ConfigurationError{Option: "WithBaseURL", Reason: "is empty"}
		}
		c.baseURL = base
		return nil
	}
}

// WithHTTPClient uses the transport, cookie jar and time limit of a caller's own HTTP client. It is not modified, and
// redirects are refused whatever it says. Default: a client of this package, with a transport of its own.
func WithHTTPClient(client *http.Client) Option {
	return func(c *config) error {
		if client == nil {
			return &ConfigurationError{Option: "WithHTTPClient", Reason: "is nil"}
		}
		c.httpClient = client
		return nil
	}
}

// A Middleware sees a call as a whole: once, however often it is retried. Its request has no Authorization yet, and
// errors of the API come as errors. It must call next at most once.
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

// WithLogger logs every attempt: operation, path template, status, duration, request id. Never a body, a header, an
// id or a query. Default: nothing is logged.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if logger == nil {
			return &ConfigurationError{Option: "WithLogger", Reason: "is nil"}
		}
		c.logger = logger
		return nil
	}
}

// WithUserAgent names the caller's program before this package's own name, as in "payroll/2.1 dwolla-go/0.1.0".
func WithUserAgent(name string) Option {
	return func(c *config) error {
		if name == "" || !validHeaderValue(name) {
			return &ConfigurationError{Option: "WithUserAgent", Reason: "is no header value"}
		}
		c.userAgent = name + " " + c.userAgent
		return nil
	}
}

// A CallOption sets something of a single call.
type CallOption = call.Option

// WithIdempotencyKey sends a POST with a key of the caller's own instead of a fresh one: 1 to 255 visible ASCII
// characters. Choose it before the first attempt and keep it: with the same key and the same body, Dwolla answers for
// 24 hours what it answered first.
func WithIdempotencyKey(key string) CallOption {
	return func(o *call.Options) {
		o.IdempotencyKey, o.HasIdempotencyKey = key, true
		if len(key) == 0 || len(key) > 255 || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
			o.Err = &ArgumentError{Argument: "idempotency key", Reason: "must be 1 to 255 visible ASCII characters"}
		}
	}
}

// Resend repeats the request of an unknown outcome: the call carries the same idempotency key, and is refused with
// ErrKeyReused if its body is not the same, or with ErrKeyExpired if the first attempt was made 24 hours ago or more.
// Dwolla answers with the result of the first attempt, if that came through.
func Resend(unknown *OutcomeUnknownError) CallOption {
	return func(o *call.Options) {
		if unknown == nil {
			o.Err = argument("Resend", "is nil")
			return
		}
		WithIdempotencyKey(unknown.IdempotencyKey)(o)
		o.BodySHA256, o.First = unknown.BodySHA256, unknown.First
	}
}

// ownHeaders are the client's business alone.
var ownHeaders = []string{"Authorization", "Idempotency-Key", "Host", "Content-Length", "Transfer-Encoding", "Connection"}

// WithHeader adds a header to the request. The client's own (Authorization, Idempotency-Key and the like) cannot be set.
func WithHeader(name, value string) CallOption {
	return func(o *call.Options) {
		name := textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }):
			o.Err = &ArgumentError{Argument: "header", Reason: "is no header name"}
		case slices.Contains(ownHeaders, name):
			o.Err = &ArgumentError{Argument: "header " + name, Reason: "is set by the client"}
		case !validHeaderValue(value):
			o.Err = &ArgumentError{Argument: "header " + name, Reason: "is no header value"}
		default:
			if o.Header == nil {
				o.Header = http.Header{}
			}
			o.Header.Add(name, value)
		}
	}
}

func validHeaderValue(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// Response is what an answer says besides its body, see [WithResponse].
type Response struct {
	StatusCode     int // 0 when there was no answer
	Header         http.Header
	RequestID      string // X-Request-Id; quote it to Dwolla's support
	IdempotencyKey string // what the request carried
	Attempts       int
}

// WithResponse fills resp when the call ends, in success as well as in failure. Of an iteration, it holds the last page.
func WithResponse(resp *Response) CallOption {
	return func(o *call.Options) {
		if resp == nil {
			o.Err = &ArgumentError{Argument: "WithResponse", Reason: "is nil"}
			return
		}
		o.Response = append(o.Response, func(r call.Response) {
			*resp = Response{
				StatusCode: r.StatusCode, Header: maps.Clone(r.Header), RequestID: r.Header.Get(headerRequestID),
				IdempotencyKey: r.IdempotencyKey, Attempts: r.Attempts,
			}
		})
	}
}
