package dwolla

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// requestID returns Dwolla's id of a request or, when the request did not reach Dwolla, Cloudflare's.
func requestID(h http.Header) string {
	if id := h.Get(headerRequestID); id != "" {
		return oneLine(bounded(id))
	}
	return oneLine(bounded(h.Get("Cf-Ray")))
}

// retryAfter reads a Retry-After in seconds or as a date; of a list, the first value. It returns 0 when there is none, or none that makes sense. A date
// is compared with the answer's own: the clock here may differ, and now counts only if the answer has none.
func retryAfter(h http.Header, now time.Time) time.Duration {
	const most = 1 << 31 // seconds, far beyond any cap
	round := uint64(0)   // up, of a fraction
	values := h.Values("Retry-After")
	if len(values) != 1 {
		return 0
	}
	v := strings.TrimSpace(values[0])
	if first, _, list := strings.Cut(v, ","); list && isDigits(strings.TrimSpace(first)) {
		v = strings.TrimSpace(first) // two proxies joined what each had
	}
	if whole, fraction, ok := strings.Cut(v, "."); ok && isDigits(whole) && isDigits(fraction) {
		if v = whole; strings.Trim(fraction, "0") != "" {
			round = 1
		}
	}
	if isDigits(v) {
		seconds, err := strconv.ParseUint(v, 10, 63)
		if err != nil {
			seconds = most
		}
		return time.Duration(min(seconds+round, most)) * time.Second
	}
	at, err := http.ParseTime(strings.Replace(v, "UTC", "GMT", 1))
	if err != nil {
		return 0
	}
	if dates := h.Values("Date"); len(dates) == 1 {
		if date, err := http.ParseTime(dates[0]); err == nil {
			now = date
		}
	}
	return max(0, at.Sub(now))
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// location returns the href of what was created, and its id, without a query or a slash at the end, which gateways add. A
// Location of another origin is returned as it came, without an id: something was created, but that origin is never asked.
func (o *origin) location(h http.Header) (href, id string) {
	values := h["Location"]
	if len(values) == 0 || slices.ContainsFunc(values, func(v string) bool { return v != values[0] }) {
		return "", ""
	}
	href = values[0]
	u, err := o.resolve(href)
	if err != nil {
		return href, ""
	}
	if !strings.Contains(href, "://") {
		href = u.String()
	}
	if end := strings.IndexAny(href, "?#"); end >= 0 {
		href = href[:end]
	}
	href = strings.TrimRight(href, "/")
	return href, LinkTo[Object](href).ID()
}
