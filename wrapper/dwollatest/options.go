package dwollatest

import (
	"net/http"
	"time"
)

// A config is what the options set.
type config struct {
	seed          uint64
	clock         func() time.Time
	accountName   string
	key, secret   string
	tokenLife     time.Duration
	itemTime      time.Duration
	history       int
	redirectURLs  []string
	allowInvalid  bool
	webhookClient *http.Client
	observe       func(Request)
	report        func(error)
	fatal         func(error)
}

// defaultItemTime is in the middle of the documented half to one second that an item of a mass payment takes.
const defaultItemTime = 750 * time.Millisecond

func defaults() config {
	return config{
		seed:          1,
		clock:         time.Now,
		accountName:   "Sandbox Account",
		tokenLife:     time.Hour,
		itemTime:      defaultItemTime,
		webhookClient: http.DefaultClient,
		observe:       func(Request) {},
		report:        func(error) {},
		fatal:         func(error) {},
	}
}

// Option changes how a server behaves.
type Option func(*config)

// WithSeed makes other ids, keys and numbers than the default seed; the same seed makes the same ones.
func WithSeed(seed uint64) Option {
	return func(c *config) { c.seed = seed }
}

// WithClock takes the time from now instead of time.Now. [Server.Advance] adds to it. The clock must not go
// backwards.
func WithClock(now func() time.Time) Option {
	return func(c *config) { c.clock = now }
}

// WithAccountName names the main account.
func WithAccountName(name string) Option {
	return func(c *config) { c.accountName = name }
}

// WithCredentials sets the key and the secret of the application instead of invented ones.
func WithCredentials(key, secret string) Option {
	return func(c *config) { c.key, c.secret = key, secret }
}

// WithTokenLife sets how long an access token lives; an hour by default.
func WithTokenLife(life time.Duration) Option {
	return func(c *config) { c.tokenLife = life }
}

// WithItemRate sets how many items of a mass payment are tried in a second. Zero tries all of them at once, within
// the request that releases the mass payment. By default an item takes 0.75 seconds.
func WithItemRate(perSecond int) Option {
	return func(c *config) {
		c.itemTime = 0
		if perSecond > 0 {
			c.itemTime = time.Second / time.Duration(perSecond)
		}
	}
}

// WithRedirectURLs registers the URLs that a session with an exchange partner may return to. Without any, all are
// accepted.
func WithRedirectURLs(urls ...string) Option {
	return func(c *config) { c.redirectURLs = urls }
}

// WithHistory keeps only the latest n requests for [Server.Requests], for a server that runs for long.
func WithHistory(n int) Option {
	return func(c *config) { c.history = n }
}

// WithInvalidRequests allows requests that break the contract or call an unknown path: they get the error that Dwolla
// would give and are not reported.
func WithInvalidRequests() Option {
	return func(c *config) { c.allowInvalid = true }
}

// WithWebhookClient delivers webhooks by this client instead of http.DefaultClient. One whose Transport is
// [HandlerTransport] calls a handler without a network, as testing/synctest needs it.
func WithWebhookClient(client *http.Client) Option {
	return func(c *config) { c.webhookClient = client }
}

// WithObserver calls observe with each request once it is answered, for a log. It is called by the goroutine of the request.
func WithObserver(observe func(Request)) Option {
	return func(c *config) { c.observe = observe }
}

// WithReport calls report for each deviation from the contract and each call of an unknown path. [New] reports to the test
// instead; without either, [Server.Problems] has them.
func WithReport(report func(error)) Option {
	return func(c *config) { c.report = report }
}
