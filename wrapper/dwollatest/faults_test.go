package dwollatest_test

import (
	"net/http"
	"strings"
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

func TestFault280_AFaultHitsTheRepetitionOfARequestToo(t *testing.T) {
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

func TestFault428_AFaultIsSetByTheNameOfTheClientsMethodToo(t *testing.T) {
	for _, name := range []string{"Transfers.Create", "createTransfer"} {
		r := newRig(t)
		_, receiver := r.AddReceiver("Jane Doe")
		pay := transfer(r.AccountBalance().Href, receiver.Href, "10.00")
		r.Fault(name, dwollatest.Fault{Status: 503, AfterCommit: true, Times: 3})
		for range 3 {
			r.wire(name, r.post("/transfers", pay, "Idempotency-Key", "k"), http.StatusServiceUnavailable, `"code":"ServerError"`)
		}
		r.wire(name, r.post("/transfers", pay, "Idempotency-Key", "k"), http.StatusCreated)
		r.expect("calls", len(r.Calls(name)), 4)
		r.expect("paid", len(r.Ledger()), 1)
	}
	r := newRig(t, dwollatest.WithInvalidRequests())
	r.Fault("Tokens.Create", dwollatest.Fault{Status: 500, Times: 1})
	request := r.request(http.MethodPost, "/token", strings.NewReader("grant_type=client_credentials"))
	request.SetBasicAuth(r.Key(), r.Secret())
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.wire("a token", r.send(request), http.StatusInternalServerError)
}
