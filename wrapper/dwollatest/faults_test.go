package dwollatest_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestConcurrentTransfersFromOneBalance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		_, receiver := r.AddReceiver("Jane Doe")
		pay := transfer(r.AccountBalance().Href, receiver.Href, "10.00")
		r.Fault("createTransfer", dwollatest.Fault{Delay: time.Second, Times: 1})
		done := make(chan answer)
		go func() { done <- r.post("/transfers", pay) }()
		synctest.Wait() // the first one is held up
		second := r.post("/transfers", pay)
		r.expect("second", second.status, http.StatusTooManyRequests)
		r.expect("code", second.code(), "TooManyRequests")
		r.expect("first", (<-done).status, http.StatusCreated)
	})
}

func TestFault304_AFaultHitsTheRepetitionOfARequestToo(t *testing.T) {
	for name, c := range map[string]struct {
		fault dwollatest.Fault
		want  [3]int
	}{
		"after commit": {dwollatest.Fault{Status: 500, AfterCommit: true, Times: 2}, [3]int{500, 500, 201}},
		"before":       {dwollatest.Fault{Status: 500, Skip: 1, Times: 1}, [3]int{201, 500, 201}},
		"each time":    {dwollatest.Fault{Status: 503, AfterCommit: true}, [3]int{503, 503, 503}},
		"a lock":       {dwollatest.Fault{Status: 500, Lock: true, Skip: 1, Times: 1}, [3]int{201, 500, 409}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			_, receiver := r.AddReceiver("Jane Doe")
			pay := transfer(r.AccountBalance().Href, receiver.Href, "10.00")
			r.Fault("createTransfer", c.fault)
			for i, want := range c.want {
				if got := r.post("/transfers", pay, "Idempotency-Key", "k").status; got != want {
					t.Errorf("request %d: %d, want %d", i, got, want)
				}
			}
			r.expect("payments", len(r.Ledger()), 1)
		})
	}
}
