package webhook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

const (
	// replayPage is the page size with which a replay lists events.
	replayPage = 100
	// replaySlack is how far a replay reads beyond its start time, since the list may not be exactly in order of time.
	replaySlack = time.Hour
	// replayWait is how long a replay waits for an event in progress: longer than the lease of a process that died.
	replayWait = 2 * lease
)

// Replayed counts what a replay found.
type Replayed struct {
	Listed    int // events since the start time
	Processed int // processed by this replay
	Known     int // processed before, or in progress elsewhere
	Unwanted  int // no handler matches their topic
	Failed    int // a handler failed, or the event cannot be read; another replay tries them again
}

// Replay processes the events since a time that were not processed yet, from Dwolla's list of the last 30 days. Use it
// after an outage or a pause of the subscription, and at the start of a program that uses [WithBackground]. The zero
// time means all events that Dwolla still has. Deliveries may arrive at the same time: no event is processed twice if
// the Store is shared and remembers events for as long as the replay looks back.
//
// The newest event comes first. A failing handler or an event that cannot be read does not stop the replay; the error then says how many events failed
// and wraps the first failure. If the list or the Store fails, the replay stops and can be repeated.
func (h *Handler) Replay(ctx context.Context, client *dwolla.Client, since time.Time) (Replayed, error) {
	var done Replayed
	var first error
	for entry, err := range services(client).Events.All(ctx, dwolla.ListEventsParams{Limit: replayPage}) {
		if _, odd := errors.AsType[*dwolla.EntryError](err); odd {
			done.Listed++
			done.Failed++
			first = cmp.Or(first, err)
			continue
		}
		if err != nil {
			return done, fmt.Errorf("webhook: replay: %w", err)
		}
		event := fromListed(entry)
		// An event without a readable time is processed rather than missed.
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
		first = cmp.Or(first, err)
	}
	if first != nil {
		return done, fmt.Errorf("webhook: replay: %d events failed, the first: %w", done.Failed, first)
	}
	return done, nil
}

// replay processes one event. Its error is a refusal if only this event failed.
func (h *Handler) replay(ctx context.Context, event *Event, done *Replayed) error {
	if event.ID == "" || !h.routes.wants(event.Topic) {
		done.Unwanted++
		return nil
	}
	if !h.running.begin() {
		return ErrShutdown
	}
	defer h.running.end()
	j, status, err := h.claim(ctx, event, replayWait)
	if err != nil {
		return err
	}
	if status != Claimed {
		done.Known++
		return nil
	}
	if err := j.processOnce(); err != nil { //nolint:contextcheck // a job has a context of its own
		done.Failed++
		return err
	}
	done.Processed++
	return nil
}
