package dwolla

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/dwolla-go/dwolla-go/internal/redact"
)

// log writes one line per attempt. It holds only what is named here, and never a body, a header, an id or a query.
func (c *caller) log(next handler) handler {
	return func(req *http.Request) (*http.Response, error) {
		if c.cfg.logger.Handler() == slog.DiscardHandler {
			return next(req)
		}
		p, started := pendingCallOf(req), time.Now()
		resp, err := next(req)
		attrs := []slog.Attr{
			slog.String("op", p.op.Name), slog.String("method", p.op.Method), slog.String("path", p.op.Path),
			slog.Int("attempt", p.attempts), slog.Duration("duration", time.Since(started)),
		}
		level, message := slog.LevelDebug, "dwolla request"
		if failed, ok := errors.AsType[*Error](err); ok {
			level, message = slog.LevelWarn, "dwolla request failed"
			if failed.Outcome == OutcomeCanceled { // such as a page that a walk does not need after a break
				level, message = slog.LevelDebug, "dwolla request canceled"
			}
			attrs = append(attrs, slog.Int("status", failed.StatusCode), slog.String("request_id", failed.RequestID),
				slog.String("outcome", string(failed.Outcome)), slog.String("code", redact.Word(string(failed.Code))))
		} else if resp != nil {
			attrs = append(attrs, slog.Int("status", resp.StatusCode), slog.String("request_id", maskNumbers(maskCredentials(requestID(resp.Header), credentials(p.authorization)))))
		}
		c.cfg.log(req.Context(), level, message, attrs...)
		return resp, err
	}
}
