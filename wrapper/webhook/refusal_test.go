package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestARefusalAnswersItsStatusAndNotItsReason(t *testing.T) {
	cause := errors.New("the secret of a store")
	for _, test := range []struct {
		name   string
		err    error
		text   string
		status int
	}{
		{"without a cause", refuse(http.StatusServiceUnavailable, "the queue is full"), "webhook: the queue is full", 503},
		{
			"with a cause", &refusal{status: http.StatusUnauthorized, reason: "refused", err: cause},
			"webhook: refused: " + cause.Error(), 401,
		},
		{
			"within another error", fmt.Errorf("replay: %w", refuse(http.StatusBadRequest, "the event is too old")),
			"webhook: the event is too old", 400,
		},
		{"an error that is none", cause, "webhook: failed: " + cause.Error(), 500},
	} {
		t.Run(test.name, func(t *testing.T) {
			refused := refusalOf(test.err)
			if refused.Error() != test.text || strings.Contains(test.text, cause.Error()) != errors.Is(refused, cause) {
				t.Errorf("says %q, want %q", refused, test.text)
			}
			w := httptest.NewRecorder()
			refused.answer(w)
			if got := strings.TrimSpace(w.Body.String()); w.Code != test.status || got != http.StatusText(test.status) {
				t.Errorf("answers %d %q, want %d", w.Code, got, test.status)
			}
		})
	}
}
