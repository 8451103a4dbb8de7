package dwolla

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// requestID is Dwolla's name of a request or, when Dwolla was not reached, Cloudflare's.
func requestID(h http.Header) string {
	if id := h.Get(headerRequestID); id != "" {
		return bounded(id)
	}
	return bounded(h.Get("Cf-Ray"))
}

// retryAfter reads a Retry-After of seconds or a date; 0 when there is none that makes sense.
func retryAfter(h http.Header, now time.Time) time.Duration {
	values := h.Values("Retry-After")
	if len(values) != 1 {
		return 0
	}
	v := strings.TrimSpace(values[0])
	if seconds, err := strconv.ParseUint(v, 10, 63); err == nil {
		const most = 1 << 31 // seconds, far beyond any cap
		return time.Duration(min(seconds, most)) * time.Second
	}
	if isDigits(v) {
		return time.Duration(1<<31) * time.Second
	}
	at, err := http.ParseTime(strings.Replace(v, "UTC", "GMT", 1))
	if err != nil {
		return 0
	}
	return max(0, at.Sub(now))
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// location is where an answer says that the result is, and its id. A Location of another origin is given as it came,
// without an id: something was created, and its place will not be asked.
func (c *caller) location(h http.Header) (href, id string) {
	values := h["Location"]
	if len(values) == 0 || slices.ContainsFunc(values, func(v string) bool { return v != values[0] }) {
		return "", ""
	}
	u, err := c.origin.resolve(values[0])
	if err != nil {
		return values[0], ""
	}
	if strings.Contains(values[0], "://") {
		return values[0], LinkTo[Object](values[0]).ID()
	}
	return u.String(), LinkTo[Object](u.String()).ID()
}
