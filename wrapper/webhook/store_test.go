package webhook_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/dwolla-go/dwolla-go/wrapper/webhook"
)

func TestFault121_TwoEventsOfOneResourceAreBothProcessed(t *testing.T) {
	var c counter
	h := newHandler(t, webhook.OnAny(c.handle))
	sender, receiver := newEvent(), newEvent()
	for _, event := range []*webhook.Event{sender, receiver} {
		wantStatus(t, deliver(t, h, event), http.StatusOK)
	}
	wantRuns(t, &c, sender, 1)
	wantRuns(t, &c, receiver, 1)
}

func TestFault127_NothingIsAcknowledgedWhileTheStoreIsDown(t *testing.T) {
	for name, opts := range map[string][]webhook.Option{
		"before the acknowledgement": nil,
		"in the background":          {webhook.WithBackground(webhook.Background{})},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var c counter
				var log bytes.Buffer
				store := &faultyStore{Store: &webhook.MemoryStore{}, claim: errBoom}
				h := newHandler(t, append(opts, webhook.WithStore(store), webhook.OnAny(c.handle),
					webhook.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))...)
				event := newEvent()
				wantStatus(t, deliver(t, h, event), http.StatusServiceUnavailable)
				wantRuns(t, &c, event, 0)
				if !strings.Contains(log.String(), event.ID) {
					t.Errorf("the log does not name the event: %s", log.String())
				}
				store.set(func(s *faultyStore) { s.claim = nil })
				wantStatus(t, deliver(t, h, event), http.StatusOK)
				if err := h.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
				wantRuns(t, &c, event, 1)
			})
		})
	}
	t.Run("nor where it fails after the work", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var c counter
			store := &faultyStore{Store: &webhook.MemoryStore{}, complete: errBoom}
			h := newHandler(t, webhook.WithStore(store), webhook.OnAny(c.handle))
			wantStatus(t, deliver(t, h, newEvent()), http.StatusServiceUnavailable)
		})
	})
}
