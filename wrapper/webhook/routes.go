package webhook

import (
	"context"
	"slices"
	"strings"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// A HandlerFunc processes an event. If it returns an error or panics, the event is processed again later, by all of its
// handlers. The context is not that of the HTTP request, so that the work goes on if Dwolla closes the connection. It
// is canceled when the time limit is over, and when the claim on the event is lost.
type HandlerFunc func(ctx context.Context, event *Event) error

// On calls f for events of one topic. Handlers that match the same event are called in the order of the options, up to
// the first that fails.
func On(topic dwolla.EventTopic, f HandlerFunc) Option {
	return func(h *Handler) error {
		if topic == "" {
			return invalid("On", "the topic is empty")
		}
		return h.route(f, func(t dwolla.EventTopic) bool { return t == topic })
	}
}

// OnPrefix calls f for events whose topic begins with prefix, such as "customer_funding_source_", including topics that
// Dwolla adds later.
func OnPrefix(prefix string, f HandlerFunc) Option {
	return func(h *Handler) error {
		if prefix == "" {
			return invalid("OnPrefix", "the prefix is empty; OnAny takes every event")
		}
		return h.route(f, func(t dwolla.EventTopic) bool { return strings.HasPrefix(string(t), prefix) })
	}
}

// OnAny calls f for every event, also for topics that this package does not know.
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

// wants reports whether any handler matches the topic.
func (r routes) wants(topic dwolla.EventTopic) bool {
	return slices.ContainsFunc(r, func(r route) bool { return r.matches(topic) })
}

// dispatch calls the handlers that match the event.
func (r routes) dispatch(ctx context.Context, event *Event) error {
	for _, route := range r {
		if !route.matches(event.Topic) {
			continue
		}
		if err := route.handle(ctx, event); err != nil {
			return err
		}
	}
	return nil
}
