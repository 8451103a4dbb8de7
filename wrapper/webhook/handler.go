package webhook

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// defaultMaxBody is far more than any event needs, and little enough to read into memory.
const defaultMaxBody = 256 << 10

// A Handler is an [http.Handler] for the deliveries of a webhook subscription. It checks the signature, processes every
// event once, and then answers 200. After any other answer Dwolla sends the event again, eight times over 72 hours. A
// Handler is safe for concurrent use.
//
//	status  when
//	200     the event was processed, now or before, or no handler matches it
//	400     the body is signed but is not an event, or the event is older than WithMaxAge
//	401     the body is not signed with an accepted secret
//	405     the method is not POST
//	408     the body did not arrive within 10 s
//	413     the body is too large
//	415     the body is compressed
//	500     a handler failed
//	503     the Store failed, the event is in progress elsewhere, the queue is full, or the Handler was shut down
type Handler struct {
	verifier *Verifier
	routes   routes
	store    Store
	queue    *queue // nil unless events are processed in the background
	logger   *slog.Logger
	timeout  time.Duration
	maxBody  int64
	maxAge   time.Duration
	running  tracker
}

// NewHandler returns a Handler for deliveries signed with secret, the secret of the subscription. At least one of the
// options must be [On], [OnPrefix] or [OnAny]. An error is a [*dwolla.ConfigurationError].
func NewHandler(secret string, opts ...Option) (*Handler, error) {
	verifier, err := NewVerifier(secret)
	if err != nil {
		return nil, err
	}
	h := &Handler{
		verifier: verifier,
		logger:   slog.New(slog.DiscardHandler),
		timeout:  time.Minute,
		maxBody:  defaultMaxBody,
		running:  newTracker(),
	}
	for _, opt := range opts {
		if opt == nil {
			return nil, invalid("option", "is nil")
		}
		if err := opt(h); err != nil {
			return nil, err
		}
	}
	if h.store == nil {
		h.store = &MemoryStore{Logger: h.logger}
	}
	if len(h.routes) == 0 {
		return nil, invalid("NewHandler", "no handler of events is given; see On, OnPrefix and OnAny")
	}
	return h, nil
}

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h == nil || h.store == nil {
		http.Error(w, "the handler was not made by NewHandler", http.StatusInternalServerError)
		return
	}
	event, err := h.receive(w, r)
	if err == nil {
		err = h.accept(r.Context(), event)
	}
	if err == nil {
		w.WriteHeader(http.StatusOK)
		return
	}
	refused := refusalOf(err)
	h.logRefusal(r.Context(), event, refused)
	refused.answer(w)
}

// receive reads a delivery and checks its signature, form and age.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request) (*Event, error) {
	body, err := readBody(w, r, h.maxBody)
	if err != nil {
		return nil, err
	}
	if err := h.verifier.Verify(r.Header, body); err != nil {
		return nil, &refusal{status: http.StatusUnauthorized, reason: "refused", err: err}
	}
	event, err := Parse(body)
	if err != nil {
		return nil, &refusal{status: http.StatusBadRequest, reason: "refused", err: err}
	}
	if err := h.checkAge(event); err != nil {
		return event, err
	}
	return event, nil
}

func (h *Handler) checkAge(event *Event) error {
	if h.maxAge == 0 {
		return nil
	}
	if at, err := event.OccurredAt(); err == nil && time.Since(at) > h.maxAge {
		return refuse(http.StatusBadRequest, "the event is too old")
	}
	return nil
}

// accept processes or queues the event, and returns nil when it may be acknowledged.
func (h *Handler) accept(ctx context.Context, event *Event) error {
	if !h.routes.wants(event.Topic) {
		return nil
	}
	if !h.running.begin() {
		return refuse(http.StatusServiceUnavailable, "shutting down")
	}
	defer h.running.end()
	j, status, err := h.claim(ctx, event, deliveryWait)
	switch {
	case err != nil:
		return &refusal{status: http.StatusServiceUnavailable, reason: "the store failed", err: err}
	case status == Completed:
		return nil
	case status == InProgress:
		return refuse(http.StatusServiceUnavailable, "the event is in progress elsewhere")
	case h.queue == nil:
		return j.processOnce() //nolint:contextcheck // a job has a context of its own, which outlives the request
	case !h.queue.add(j): //nolint:contextcheck // a job has a context of its own, which outlives the request
		j.release() //nolint:contextcheck // a job has a context of its own, which outlives the request
		return refuse(http.StatusServiceUnavailable, "the queue is full")
	}
	return nil
}

func (h *Handler) logRefusal(ctx context.Context, event *Event, refused *refusal) {
	level := slog.LevelWarn
	if refused.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	attrs := []slog.Attr{slog.Int("status", refused.status), slog.String("reason", refused.reason)}
	if refused.err != nil {
		attrs = append(attrs, slog.Any("error", refused.err))
	}
	if event != nil {
		attrs = append(attrs, slog.Any("event", event))
	}
	h.logger.LogAttrs(ctx, level, "webhook: delivery refused", attrs...)
}
