package webhook

import (
	"context"
	"errors"
	"time"
)

// ErrShutdown is the cause with which background events are given up when Shutdown runs out of time.
var ErrShutdown = errors.New("webhook: shut down before the event was processed")

// shutdownGrace is how long handlers may run after their contexts were canceled.
const shutdownGrace = time.Second

// Shutdown refuses new deliveries, which Dwolla repeats later, and waits for the events in progress, queued ones
// included. If ctx ends first, Shutdown cancels the contexts of background events, waits one more second for their
// handlers, and returns the cause of ctx. A Handler cannot be used again after Shutdown.
//
// Call Shutdown before the program ends, before or after [http.Server.Shutdown].
func (h *Handler) Shutdown(ctx context.Context) error {
	idle := h.running.close()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	h.queue.cancelAll(ErrShutdown)
	grace := time.NewTimer(shutdownGrace)
	defer grace.Stop()
	select {
	case <-idle:
	case <-grace.C:
	}
	return context.Cause(ctx)
}
