package dwollatest_test

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestFailedWebhooksAreRetriedByTheDocumentedSchedule(t *testing.T) {
	r, s, at := subscribe(t)
	s.answer(http.StatusInternalServerError)
	r.newCustomer("a@example.com")
	r.WaitWebhooks()
	r.expect("first", s.count(), 1)
	waits := []time.Duration{
		15 * time.Minute, 45 * time.Minute, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 24 * time.Hour,
	}
	for i, wait := range waits {
		r.Advance(wait - time.Minute)
		r.expect("too early", s.count(), i+1)
		r.Advance(time.Minute)
		r.expect("retry", s.count(), i+2)
	}
	r.Advance(10 * 24 * time.Hour)
	r.expect("after the last one", s.count(), 9)
	r.authenticate()
	hook := r.all(at+"/webhooks", "webhooks")[0]
	r.expect("attempts", len(hook["attempts"].([]any)), 9)
	r.expect("the same event", len(slices.Compact(s.ids)), 1)
}

func TestRetriesHappenByThemselvesInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, s, _ := subscribe(t)
		s.answer(http.StatusInternalServerError)
		r.newCustomer("a@example.com")
		time.Sleep(16 * time.Minute)
		synctest.Wait()
		r.expect("deliveries", s.count(), 2)
		s.answer(http.StatusOK)
		time.Sleep(72 * time.Hour)
		synctest.Wait()
		r.expect("deliveries", s.count(), 3)
	})
}
