package webhook

import (
	"log/slog"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// An Option configures a Handler, see [NewHandler]. The others are [On], [OnPrefix], [OnAny] and [WithBackground].
type Option func(*Handler) error

// WithPreviousSecrets also accepts deliveries signed with these secrets. The secret of a subscription cannot be changed:
// to replace it, create a second subscription with the new secret and another URL of the same Handler, and pass the old
// secret here until the first subscription is deleted.
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

// WithStore remembers the processed events in store. The default is a [MemoryStore], which is enough for a single
// process whose handlers may run again after a restart.
func WithStore(store Store) Option {
	return func(h *Handler) error {
		if store == nil {
			return invalid("WithStore", "is nil")
		}
		h.store = store
		return nil
	}
}

// WithLogger logs refused deliveries and failures, with the id and topic of the event and the error of the handler, but
// no body or header. By default nothing is logged.
func WithLogger(logger *slog.Logger) Option {
	return func(h *Handler) error {
		if logger == nil {
			return invalid("WithLogger", "is nil")
		}
		h.logger = logger
		return nil
	}
}

// WithTimeout limits how long the handlers of an event run, by their context. Default 60 s. Dwolla waits only ten
// seconds for an answer, but work that takes longer is not lost: the next delivery of the event finds it completed.
func WithTimeout(limit time.Duration) Option {
	return func(h *Handler) error {
		if limit <= 0 {
			return invalid("WithTimeout", "must be above zero")
		}
		h.timeout = limit
		return nil
	}
}

// WithMaxBody sets the largest body that is accepted, in bytes. Default 256 KiB; events have about 1 KiB.
func WithMaxBody(size int64) Option {
	return func(h *Handler) error {
		if size <= 0 {
			return invalid("WithMaxBody", "must be above zero")
		}
		h.maxBody = size
		return nil
	}
}

// WithMaxAge refuses events that happened longer ago. One whose time cannot be read is processed. Signatures do not expire, so a recorded
// delivery can be sent again by an attacker; a Store that remembers the event prevents that as well. The age should be
// more than the 72 hours for which Dwolla repeats deliveries. By default there is no limit. [Handler.Replay] has none.
func WithMaxAge(age time.Duration) Option {
	return func(h *Handler) error {
		if age <= 0 {
			return invalid("WithMaxAge", "must be above zero")
		}
		h.maxAge = age
		return nil
	}
}

func invalid(option, reason string) error {
	return &dwolla.ConfigurationError{Option: option, Reason: reason}
}
