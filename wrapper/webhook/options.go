package webhook

import (
	"context"
	"log/slog"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// An Option sets something of a Handler, see [NewHandler].
type Option func(*Handler) error

// WithPreviousSecrets accepts deliveries signed with other secrets too. The secret of a subscription cannot be changed:
// to replace it, make a second subscription with the new one, of another URL of the same Handler, and name the old one
// here until the first subscription is deleted.
func WithPreviousSecrets(secrets ...string) Option {
	return func(h *Handler) error {
		previous, err := NewVerifier(secrets...)
		if err != nil {
			return err
		}
		h.verifier.secrets = append(h.verifier.secrets, previous.secrets...)
		return nil
	}
}

// WithStore remembers the processed events in store. Default: a [MemoryStore], which is enough for a single process
// whose handlers may run again after a restart.
func WithStore(store Store) Option {
	return func(h *Handler) error {
		if store == nil {
			return invalid("WithStore", "is nil")
		}
		h.store = store
		return nil
	}
}

// WithLogger logs what was refused or failed, with the id and topic of the event and the error of the handler. Never a
// body or a header. Default: nothing is logged.
func WithLogger(logger *slog.Logger) Option {
	return func(h *Handler) error {
		if logger == nil {
			return invalid("WithLogger", "is nil")
		}
		h.logger = logger
		return nil
	}
}

// WithTimeout limits the time for which the handlers of an event run, by their context. Default 60 s. Dwolla waits for
// ten seconds only, but what takes longer still counts: the next delivery of it finds it done.
func WithTimeout(limit time.Duration) Option {
	return func(h *Handler) error {
		if limit <= 0 {
			return invalid("WithTimeout", "must be above zero")
		}
		h.timeout = limit
		return nil
	}
}

// WithMaxBody sets the size from which a body is refused, in bytes. Default 256 KiB; events take about one.
func WithMaxBody(size int64) Option {
	return func(h *Handler) error {
		if size <= 0 {
			return invalid("WithMaxBody", "must be above zero")
		}
		h.maxBody = size
		return nil
	}
}

// WithMaxAge refuses events that happened longer ago, or do not say when. Signatures have no time and hold for ever, so
// that a delivery which somebody recorded can be sent again; a Store that remembers protects from it as well. Let it
// be more than 72 hours, for which Dwolla repeats deliveries. Default: no limit. [Handler.Replay] has none.
func WithMaxAge(age time.Duration) Option {
	return func(h *Handler) error {
		if age <= 0 {
			return invalid("WithMaxAge", "must be above zero")
		}
		h.maxAge = age
		return nil
	}
}

// Background says how events are processed after they were acknowledged. Zero fields have defaults.
type Background struct {
	// Workers is how many events are processed at a time. Default 8.
	Workers int
	// Queue is how many events may wait for a worker; what comes on top is refused, so that Dwolla sends it again.
	// Default 1000.
	Queue int
	// Attempts is how often the handlers of an event are tried, after waits of 1 s, 2 s, 4 s and so on up to a minute.
	// Default 6.
	Attempts int
	// GaveUp is called when the last attempt has failed, or the time for a shutdown was over: Dwolla will not send the
	// event again by itself, [Handler.Replay] will find it. May be nil.
	GaveUp func(ctx context.Context, event *Event, err error)
}

// WithBackground acknowledges an event first and processes it then, for handlers that need longer than the ten seconds
// for which Dwolla waits. An event that was acknowledged is lost to deliveries if the process dies: run
// [Handler.Replay] when it starts, and [Handler.Shutdown] before it ends.
func WithBackground(b Background) Option {
	return func(h *Handler) error {
		if b.Workers < 0 || b.Queue < 0 || b.Attempts < 0 {
			return invalid("WithBackground", "a field is negative")
		}
		if b.Workers == 0 {
			b.Workers = 8
		}
		if b.Queue == 0 {
			b.Queue = 1000
		}
		if b.Attempts == 0 {
			b.Attempts = 6
		}
		h.queue = newQueue(b)
		return nil
	}
}

func invalid(option, reason string) error {
	return &dwolla.ConfigurationError{Option: option, Reason: reason}
}
