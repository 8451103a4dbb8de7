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
