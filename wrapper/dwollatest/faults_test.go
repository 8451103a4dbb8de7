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
