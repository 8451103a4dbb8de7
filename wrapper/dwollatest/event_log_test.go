package dwollatest_test

import (
	"net/http"
	"testing"
	"time"
)

func TestEventsAndWebhooksAreForgottenAfter30Days(t *testing.T) {
	r, s, at := subscribe(t)
	r.newCustomer("a@example.com")
	r.WaitWebhooks()
	r.Advance(29 * 24 * time.Hour)
	r.authenticate()
	r.newCustomer("b@example.com")
	r.WaitWebhooks()
	r.expect("events", len(r.all("/events", "events")), 2)
	r.Advance(2 * 24 * time.Hour)
	r.authenticate()
	r.expect("events", len(r.all("/events", "events")), 1)
	r.expect("webhooks", len(r.all(at+"/webhooks", "webhooks")), 1)
	r.expect("the old one", r.call(http.MethodGet, "/events/"+s.ids[0], nil).status, http.StatusNotFound)
}
