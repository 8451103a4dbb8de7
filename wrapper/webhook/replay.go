package webhook

import (
	"context"
	"errors"
	"fmt"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

const (
	// replayPage is the size of the pages that a replay reads.
	replayPage = 100
	// replaySlack is how far beyond its start a replay looks, since nobody promises that events are listed in the
	// exact order of their times.
	replaySlack = time.Hour
	// replayPatience outlives the claim of a process that died.
	replayPatience = 2 * lease
)

// Replayed counts what a replay found.
type Replayed struct {
	Listed    int // events since the time asked for
	Processed int // by this replay
	Known     int // processed before, or in progress elsewhere
	Unwanted  int // no handler takes their topic
	Failed    int // a handler failed; another replay tries them again
}

// Replay processes the events since a moment that were not processed yet, from Dwolla's list of the last 30 days: after
// an outage, while the subscription was paused, or at the start of a program that works in the background. The zero
// time takes all that Dwolla has. What deliveries process at the same time is not run twice, provided that the Store
// is shared and remembers for as long as the replay looks back.
//
// The newest event comes first. A handler that fails does not stop the replay; the error then tells how many failed,
// and the first cause. When the list or the Store fails, the replay stops; it can be repeated.
func (h *Handler) Replay(ctx context.Context, client *dwolla.Client, since time.Time) (Replayed, error) {
	var done Replayed
	var first error
	for entry, err := range services(client).Events.All(ctx, dwolla.ListEventsParams{Limit: replayPage}) {
		if err != nil {
			return done, fmt.Errorf("webhook: replay: %w", err)
		}
		event := listed(entry)
		// An event of unknown time is taken rather than missed.
		if at, err := event.OccurredAt(); err == nil && at.Before(since) {
			if at.Before(since.Add(-replaySlack)) {
				break
			}
			continue
		}
		done.Listed++
		err = h.replay(ctx, event, &done)
		if _, handlerFailed := errors.AsType[*refusal](err); err != nil && !handlerFailed {
			return done, fmt.Errorf("webhook: replay: %w", err)
		}
		if first == nil {
			first = err
		}
	}
	if first != nil {
		return done, fmt.Errorf("webhook: replay: %d events failed, the first: %w", done.Failed, first)
	}
	return done, nil
}

// replay processes one event. Its error is a refusal where only this event failed.
func (h *Handler) replay(ctx context.Context, event *Event, done *Replayed) error {
	if event.ID == "" || !h.routes.wants(event.Topic) {
		done.Unwanted++
		return nil
	}
	if !h.running.begin() {
		return ErrShutdown
	}
	defer h.running.end()
	j, status, err := h.claim(ctx, event, replayPatience)
	if err != nil {
		return err
	}
	if status != Claimed {
		done.Known++
		return nil
	}
	if err := j.processOnce(); err != nil { //nolint:contextcheck // a job has its own, which outlives the request
		done.Failed++
		return err
	}
	done.Processed++
	return nil
}
