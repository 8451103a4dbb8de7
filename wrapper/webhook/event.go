package webhook

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// ErrEvent is the error of a body that is signed but is no event.
var ErrEvent = errors.New("webhook: not an event")

// An Event says that something happened to a resource, and not what the resource is like now: by the time an event
// arrives, later ones may have arrived before it. Read the resource, see [Resource].
//
// It holds everything that Dwolla sent; members and relations that the contract does not name are in Extra.
type Event struct {
	dwolla.WebhookEvent
}

// Parse decodes the body of a delivery. It checks no signature: [Verifier.Verify] comes first. A body that is not
// JSON, or has no id, is [ErrEvent]; an unknown topic is as good as a known one.
func Parse(body []byte) (*Event, error) {
	e := &Event{}
	if err := e.UnmarshalJSON(body); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEvent, err)
	}
	if e.ID == "" {
		return nil, fmt.Errorf("%w: it has no id", ErrEvent)
	}
	return e, nil
}

// listed is an event of GET /events as a delivery tells it.
func listed(e dwolla.Event) *Event {
	return &Event{dwolla.WebhookEvent{
		ID: e.ID, Topic: e.Topic, ResourceID: e.ResourceID, CorrelationID: e.CorrelationID,
		Created: e.Created, Links: e.Links, Extra: e.Extra,
	}}
}

// OccurredAt is when it happened: created, or timestamp where an event has only that. It fails where an event has
// neither, or in a form that is not known.
func (e *Event) OccurredAt() (time.Time, error) {
	if e.Created != "" {
		return e.Created.Time()
	}
	return e.Timestamp.Time()
}

// LogValue is what a log may hold: the id and the topic.
func (e *Event) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", e.ID), slog.String("topic", string(e.Topic)))
}
