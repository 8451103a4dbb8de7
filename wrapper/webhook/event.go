package webhook

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/wire"
	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// ErrEvent is the error for a body that is not an event.
var ErrEvent = errors.New("webhook: not an event")

// An Event says that something happened to a resource. It does not say what the resource is like now, since events may
// arrive out of order: read the resource, see [Resource].
//
// An Event has everything that Dwolla sent; members and relations that the contract does not name are in Extra.
type Event struct {
	dwolla.WebhookEvent
}

// Parse decodes the body of a delivery. It does not check the signature: call [Verifier.Verify] first. The error is
// [ErrEvent] if the body is not JSON, or its id or topic cannot be read. An unknown topic is no error. Any other member that
// cannot be read, or comes twice, is in Extra under its name.
func Parse(body []byte) (*Event, error) {
	e := &Event{}
	if e.UnmarshalJSON(body) != nil {
		e = &Event{}
		if err := wire.Salvage(body, &e.WebhookEvent); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrEvent, err)
		}
	}
	for _, name := range []string{"id", "topic"} {
		if _, odd := e.Extra[name]; odd {
			return nil, fmt.Errorf("%w: its %s cannot be read", ErrEvent, name)
		}
	}
	if e.ID == "" {
		return nil, fmt.Errorf("%w: it has no id", ErrEvent)
	}
	return e, nil
}

// fromListed converts an event of GET /events into the form in which it is delivered.
func fromListed(e dwolla.Event) *Event {
	return &Event{dwolla.WebhookEvent{
		ID: e.ID, Topic: e.Topic, ResourceID: e.ResourceID, CorrelationID: e.CorrelationID,
		Created: e.Created, Links: e.Links, Extra: e.Extra,
	}}
}

// OccurredAt returns when the event happened: its created, or its timestamp if it has only that. It is an error if the
// event has neither, or if the time cannot be parsed.
func (e *Event) OccurredAt() (time.Time, error) {
	if e.Created != "" {
		return e.Created.Time()
	}
	return e.Timestamp.Time()
}

// LogValue implements [slog.LogValuer]. It gives the id and the topic, which are not personal data.
func (e *Event) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", e.ID), slog.String("topic", string(e.Topic)))
}
