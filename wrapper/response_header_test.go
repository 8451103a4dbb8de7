package dwolla

import (
	"net/http"
	"testing"
	"time"
)

// FuzzRetryAfter: a wait is never negative and never overflows.
func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"1", "-1", "1e9", "99999999999999999999", "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2099 07:28:00 UTC", "NaN", "", " 7 ", "0x1"} {
		f.Add(seed)
	}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		if d := retryAfter(http.Header{"Retry-After": {value}}, now); d < 0 {
			t.Fatalf("%q is %v", value, d)
		}
	})
}

func TestFault199_ADateOfRetryAfterIsReadByTheClockThatWroteIt(t *testing.T) {
	server := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	after := server.Add(30 * time.Second).Format(http.TimeFormat)
	for name, c := range map[string]struct {
		date []string
		now  time.Time // here
		want time.Duration
	}{
		"a clock ten minutes behind":     {[]string{server.Format(http.TimeFormat)}, server.Add(-10 * time.Minute), 30 * time.Second},
		"a clock an hour ahead":          {[]string{server.Format(http.TimeFormat)}, server.Add(time.Hour), 30 * time.Second},
		"no date":                        {nil, server, 30 * time.Second},
		"a date that is none":            {[]string{"now"}, server, 30 * time.Second},
		"two dates":                      {[]string{"Sun, 01 Mar 2026 12:00:00 GMT", "Sun, 01 Mar 2026 13:00:00 GMT"}, server, 30 * time.Second},
		"a date after that of the retry": {[]string{server.Add(time.Minute).Format(http.TimeFormat)}, server, 0},
	} {
		if got := retryAfter(http.Header{"Retry-After": {after}, "Date": c.date}, c.now); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if got := retryAfter(http.Header{"Retry-After": {"7"}, "Date": {server.Format(http.TimeFormat)}}, time.Time{}); got != 7*time.Second {
		t.Errorf("seconds: %s", got)
	}
}
