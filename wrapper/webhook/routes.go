package webhook

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A HandlerFunc processes an event. When it returns nil the event is done; when it returns an error or panics, the
// event is processed again, by all its handlers. Its context is not that of the HTTP request: a connection that Dwolla
// gives up does not end the work. It ends with the time limit, and when the claim on the event is lost.
type HandlerFunc func(ctx context.Context, event *Event) error

// On calls f for events of one topic. Handlers that match the same event are called in the order in which they were
// given, up to the first that fails.
func On(topic dwolla.EventTopic, f HandlerFunc) Option {
	return func(h *Handler) error {
		if topic == "" {
			return invalid("On", "the topic is empty")
		}
		return h.route(f, func(t dwolla.EventTopic) bool { return t == topic })
	}
}

// OnPrefix calls f for events whose topic begins with prefix, such as "customer_funding_source_", those included that
// Dwolla has yet to add.
func OnPrefix(prefix string, f HandlerFunc) Option {
	return func(h *Handler) error {
		if prefix == "" {
			return invalid("OnPrefix", "the prefix is empty; OnAny takes every event")
		}
		return h.route(f, func(t dwolla.EventTopic) bool { return strings.HasPrefix(string(t), prefix) })
	}
}

// OnAny calls f for every event, of topics that this package does not know too.
func OnAny(f HandlerFunc) Option {
	return func(h *Handler) error {
		return h.route(f, func(dwolla.EventTopic) bool { return true })
	}
}

type route struct {
	matches func(dwolla.EventTopic) bool
	handle  HandlerFunc
}

type routes []route

func (h *Handler) route(f HandlerFunc, matches func(dwolla.EventTopic) bool) error {
	if f == nil {
		return invalid("handler", "is nil")
	}
	h.routes = append(h.routes, route{matches, f})
	return nil
}

// wants reports whether any handler takes events of the topic.
func (r routes) wants(topic dwolla.EventTopic) bool {
	return slices.ContainsFunc(r, func(one route) bool { return one.matches(topic) })
}

// dispatch calls the handlers of an event. A panic is an error as any other.
func (r routes) dispatch(ctx context.Context, event *Event) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("webhook: a handler panicked: %v\n%s", p, debug.Stack())
		}
	}()
	for _, one := range r {
		if !one.matches(event.Topic) {
			continue
		}
		if err := one.handle(ctx, event); err != nil {
			return err
		}
	}
	return nil
}
