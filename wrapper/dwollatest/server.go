package dwollatest

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/contract"
	"github.com/dwolla-go/dwolla-go/wrapper/internal/idempotency"
)

// Server is one Dwolla with one account and one application. It is safe for concurrent use and implements
// http.Handler; see [Server.Client] and [Server.Start] for ways to call it.
type Server struct {
	config
	strict    *contract.Validator // what is reported
	open      *contract.Validator // what is refused
	behaviors map[string]behavior

	mu           sync.Mutex
	state        *state
	offset       time.Duration // how far the clock is ahead of its source
	requestIDs   idSource
	tokens       tokens
	keys         idempotency.Keys[response]
	faults       []*activeFault
	heldBalances map[string]int // balances from which a fault delays a transfer
	requests     []*Request
	kept         int // bytes of their headers and bodies
	emptied      int // how many of them, from the oldest on, have neither any more
	wake         *time.Timer
	deliveries   deliveries
	listener     *httptest.Server

	closed bool

	reporting sync.Mutex // held while a problem is reported, so that none is once the test has ended
	problems  []error
	silent    bool
}

// New starts a Dwolla for one test and stops it when the test ends. The test fails on every deviation from the
// contract, in requests and in answers, and on calls of unknown paths.
func New(tb testing.TB, opts ...Option) *Server {
	tb.Helper()
	toTest := func(c *config) {
		c.report = func(err error) { tb.Errorf("dwollatest: %v", err) }
		c.fatal = func(err error) { tb.Helper(); tb.Fatalf("dwollatest: %v", err) }
	}
	s, err := NewServer(append([]Option{toTest}, opts...)...)
	if err != nil {
		tb.Fatalf("dwollatest: %v", err)
	}
	tb.Cleanup(s.Close)
	return s
}

// NewServer starts a Dwolla without a test, for a program. Close it when done.
func NewServer(opts ...Option) (*Server, error) {
	strict, strictErr := contract.New(contract.WithStrict())
	open, openErr := contract.New()
	if err := errors.Join(strictErr, openErr); err != nil {
		return nil, fmt.Errorf("dwollatest: read the contract: %w", err)
	}
	cfg := defaults()
	for _, opt := range opts {
		opt(&cfg)
	}
	s := &Server{
		strict:       strict,
		open:         open,
		behaviors:    behaviors(),
		requestIDs:   idSource{seed: ^cfg.seed},
		keys:         idempotency.Keys[response]{ReplayAfterLock: true},
		heldBalances: make(map[string]int),
	}
	s.deliveries.init(&s.mu)
	s.tokens = tokens{ids: idSource{seed: cfg.seed + 1<<32}, expiry: make(map[string]time.Time)}
	if cfg.key == "" {
		cfg.key, cfg.secret = s.tokens.ids.token(50), s.tokens.ids.token(50)
	}
	s.config = cfg
	s.state = newState(cfg, cfg.clock())
	return s, nil
}

// Close stops the server: its listener, its timer, and the webhooks that are under way. It may be called twice.
func (s *Server) Close() {
	s.reporting.Lock()
	s.silent = true
	s.reporting.Unlock()

	s.mu.Lock()
	s.closed = true
	if s.wake != nil {
		s.wake.Stop()
	}
	s.deliveries.cancel()
	s.awaitDeliveries()
	listener := s.listener
	s.mu.Unlock()
	if listener != nil {
		listener.Close()
	}
}

// Key is the key of the application, the OAuth client id.
func (s *Server) Key() string { return s.key }

// Secret is the secret of the application.
func (s *Server) Secret() string { return s.secret }

// maxProblems is how many problems are kept.
const maxProblems = 1_000

// Problems are the deviations from the contract and the unknown calls so far, the latest thousand of them.
func (s *Server) Problems() []error {
	s.reporting.Lock()
	defer s.reporting.Unlock()
	return append([]error(nil), s.problems...)
}

func (s *Server) problem(err error) {
	s.reporting.Lock()
	defer s.reporting.Unlock()
	if s.silent {
		return
	}
	if len(s.problems) >= maxProblems {
		s.problems = slices.Delete(s.problems, 0, 1)
	}
	s.problems = append(s.problems, err)
	s.report(err)
}
