package dwollatest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	deliveryTimeout  = 10 * time.Second // a later response is a failure
	deliveryParallel = 10               // webhooks that are sent at the same time
	maxResponse      = 64 << 10         // bytes of a subscriber's response that are kept
)

// deliveries are the webhooks that are being sent. Its fields are guarded by the lock of the server.
type deliveries struct {
	busy   int
	idle   *sync.Cond
	slots  chan struct{}
	ctx    context.Context // ends when the server closes
	cancel context.CancelFunc
	mode   Delivery
}

// Delivery changes how webhooks are delivered, for tests of duplicates and of another order, which Dwolla warns of.
type Delivery struct {
	// Copies is how often each webhook is sent; 0 counts as once.
	Copies int
	// Reverse sends the webhooks of one change one after the other, the latest first.
	Reverse bool
}

func (d *deliveries) init(lock sync.Locker) {
	d.idle = sync.NewCond(lock)
	d.slots = make(chan struct{}, deliveryParallel)
	d.ctx, d.cancel = context.WithCancel(context.Background())
}

// SetDelivery changes how webhooks are delivered from now on.
func (s *Server) SetDelivery(d Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deliveries.mode = d
}

// WaitWebhooks returns when no webhook is being sent any more. Those that wait for their next attempt do not count.
func (s *Server) WaitWebhooks() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refresh()
	s.awaitDeliveries()
}

// awaitDeliveries is called with the lock held and releases it while it waits.
func (s *Server) awaitDeliveries() {
	for s.deliveries.busy > 0 {
		s.deliveries.idle.Wait()
	}
}

// dispatch sends what is in the outbox, in the background. It is called with the lock held.
func (s *Server) dispatch() {
	batch := s.state.outbox
	s.state.outbox = nil
	if len(batch) == 0 {
		return
	}
	s.deliveries.busy += len(batch)
	if s.deliveries.mode.Reverse {
		slices.Reverse(batch)
		go s.sendAll(batch, s.deliveries.mode)
		return
	}
	for _, d := range batch {
		go s.sendAll([]delivery{d}, s.deliveries.mode)
	}
}

func (s *Server) sendAll(batch []delivery, habit Delivery) {
	for _, d := range batch {
		for range max(1, habit.Copies) {
			s.deliver(d)
			d.scheduled = false // a copy has no schedule of its own
		}
		s.mu.Lock()
		s.deliveries.busy--
		s.deliveries.idle.Broadcast()
		s.refresh()
		s.mu.Unlock()
	}
}

// deliver sends a webhook once and records the attempt.
func (s *Server) deliver(d delivery) {
	if err := s.strict.CheckEvent(d.webhook.body); err != nil {
		s.problem(fmt.Errorf("the server's own webhook: %w", err))
	}
	a := attempt{sent: s.Now(), header: d.webhook.headers()}
	s.deliveries.slots <- struct{}{}
	s.post(d.webhook, &a)
	<-s.deliveries.slots

	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.now(); now.After(s.state.now) {
		s.state.catchUp(now)
	}
	a.answered = s.state.now
	s.state.recordAttempt(d, a)
}

// post fills in the response of the subscriber; without one the status stays 0.
func (s *Server) post(k *webhook, a *attempt) {
	ctx, cancel := context.WithTimeout(s.deliveries.ctx, deliveryTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, k.subscription.url, bytes.NewReader(k.body))
	if err != nil {
		return
	}
	r.Header = a.header.Clone()
	client := *s.webhookClient
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Do(r)
	if err != nil {
		return
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxResponse))
	if err != nil {
		return
	}
	a.status, a.answer, a.body = answer.StatusCode, answer.Header, string(body)
}
