package dwollatest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestAPausedSubscriptionRecordsWithoutSending(t *testing.T) {
	r, s, at := subscribe(t)
	r.expect("pause", r.post(at, jsonObject{"paused": true}).body["paused"], true)
	r.newCustomer("a@example.com")
	r.WaitWebhooks()
	r.expect("deliveries", s.count(), 0)
	hook := r.all(at+"/webhooks", "webhooks")[0]
	r.expect("attempts", len(hook["attempts"].([]any)), 0)

	r.expect("resume", r.post(at, jsonObject{"paused": false}).body["paused"], false)
	r.Advance(15 * time.Minute)
	r.expect("nothing is sent later", s.count(), 0)
	r.create(hook.href("retry"), nil)
	r.WaitWebhooks()
	r.expect("retried", s.count(), 1)
	r.expect("retries", len(r.all(hook.href("retry"), "retries")), 1)

	r.expect("delete", r.call(http.MethodDelete, at, nil).status, http.StatusOK)
	r.expect("its webhooks", r.call(http.MethodGet, hook.href("self"), nil).status, http.StatusNotFound)
	r.newCustomer("b@example.com")
	r.WaitWebhooks()
	r.expect("after deletion", s.count(), 1)
}

func TestASubscriptionIsPausedAfter400FailuresAndADay(t *testing.T) {
	r, s, at := subscribe(t)
	s.answer(http.StatusInternalServerError)
	for i := range 100 {
		r.AddCustomer(dwollatest.Customer{FirstName: string(rune('A' + i%26))})
	}
	r.WaitWebhooks()
	for r.get(at)["paused"] == false {
		if s.count() > 2000 {
			t.Fatal("is never paused")
		}
		r.Advance(time.Hour)
		r.authenticate()
	}
	if n := s.count(); n < 400 || n > 700 {
		t.Errorf("paused after %d failures", n)
	}
	before := s.count()
	r.Advance(100 * time.Hour)
	r.expect("while paused", s.count(), before)
}
