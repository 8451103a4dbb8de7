package dwolla

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/dwolla-go/dwolla-go/api"
	"github.com/dwolla-go/dwolla-go/gen"
	"github.com/dwolla-go/dwolla-go/internal/call"
)

// A Client calls the Dwolla API v2 for one application in one environment. Its fields are the groups of operations, as in
// client.MassPayments.Create. It is safe for concurrent use and keeps one access token: make one Client and share it.
type Client struct {
	gen.Services

	// These two have more methods than their generated namesakes.
	Transfers    TransfersService
	MassPayments MassPaymentsService

	caller *caller
}

// NewClient makes a client for an application's key and secret. Nothing is sent until the first call.
func NewClient(env Environment, key, secret string, opts ...Option) (*Client, error) {
	cfg := defaults()
	cfg.env, cfg.key, cfg.secret = env, key, newSecret(secret)
	for _, opt := range opts {
		if opt == nil {
			return nil, &ConfigurationError{Option: "option", Reason: "is nil"}
		}
		if err := opt(&cfg); err != nil {
			return nil, err
		}
	}
	if err := checkCredential("application key", cfg.key); err != nil {
		return nil, err
	}
	if err := checkCredential("application secret", secret); err != nil {
		return nil, err
	}
	if cfg.httpClient != nil && cfg.timeouts.ofTransport() != defaultTimeouts().ofTransport() {
		return nil, &ConfigurationError{Option: "WithTimeouts", Reason: "limits connections that are those of WithHTTPClient"}
	}
	o, err := newOrigin(cfg.env, cfg.baseURL)
	if err != nil {
		return nil, err
	}
	c := newCaller(&cfg, o)
	services := gen.NewServices(c)
	return &Client{
		Services:     services,
		Transfers:    TransfersService{services.Transfers, services.FundingSources, c},
		MassPayments: MassPaymentsService{services.MassPayments, services.FundingSources, c},
		caller:       c,
	}, nil
}

// NewClientFromEnv makes a client from the environment variables DWOLLA_ENVIRONMENT ("sandbox" or "production"),
// DWOLLA_APP_KEY, DWOLLA_APP_SECRET and DWOLLA_BASE_URL. Only the last is optional.
func NewClientFromEnv(opts ...Option) (*Client, error) {
	name := os.Getenv("DWOLLA_ENVIRONMENT")
	if name == "" {
		return nil, &ConfigurationError{Option: "DWOLLA_ENVIRONMENT", Reason: "is not set; it must be sandbox or production"}
	}
	env, err := api.ParseEnvironment(name)
	if err != nil {
		return nil, &ConfigurationError{Option: "DWOLLA_ENVIRONMENT", Reason: "must be sandbox or production"}
	}
	for _, v := range []string{"DWOLLA_APP_KEY", "DWOLLA_APP_SECRET"} {
		if os.Getenv(v) == "" {
			return nil, &ConfigurationError{Option: v, Reason: "is not set"}
		}
	}
	if base := os.Getenv("DWOLLA_BASE_URL"); base != "" {
		opts = append([]Option{WithBaseURL(base)}, opts...)
	}
	return NewClient(env, os.Getenv("DWOLLA_APP_KEY"), os.Getenv("DWOLLA_APP_SECRET"), opts...)
}

// CloseIdleConnections closes the connections that no call is using. The client stays usable.
func (c *Client) CloseIdleConnections() {
	if c != nil && c.caller != nil {
		c.caller.http.CloseIdleConnections()
	}
}

// String returns the host that the client calls, and no credentials.
func (c *Client) String() string {
	if c == nil || c.caller == nil {
		return "dwolla.Client(unusable)"
	}
	return "dwolla.Client(" + c.caller.origin.base.Host + ")"
}

// GoString returns the same as String, for %#v.
func (c *Client) GoString() string { return c.String() }

func checkCredential(name, value string) error {
	switch {
	case value == "":
		return &ConfigurationError{Option: name, Reason: "is empty"}
	case strings.TrimSpace(value) != value || !validHeaderValue(value):
		return &ConfigurationError{Option: name, Reason: "has a space at an end or a control character"}
	}
	return nil
}

// newHTTPClient returns the client that is used without WithHTTPClient. It keeps more idle connections than net/http,
// whose default of two per host makes a pool of workers open thousands.
func newHTTPClient(t Timeouts) *http.Client {
	dialer := &net.Dialer{Timeout: t.Dial, KeepAlive: 30 * time.Second}
	return &http.Client{Transport: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            countedDial(dialer.DialContext),
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    t.TLSHandshake,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    32,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: t.Ping, PingTimeout: t.PingAnswer},
	}}
}

var _ call.Caller = (*caller)(nil)

// Format writes the same as String for every verb.
func (c *Client) Format(s fmt.State, _ rune) { write(s, c.String()) }

// LogValue returns the same as String.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }
