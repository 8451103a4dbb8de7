package dwollatest_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestIdempotencyKeys(t *testing.T) {
	setup := func(t *testing.T) (*rig, jsonObject) {
		t.Helper()
		r := newRig(t)
		_, receiver := r.AddReceiver("Jane Doe")
		return r, transfer(r.AccountBalance().Href, receiver.Href, "10.00")
	}
	t.Run("the same request is answered again and paid once", func(t *testing.T) {
		r, pay := setup(t)
		first, second := r.post("/transfers", pay, "Idempotency-Key", "k"), r.post("/transfers", pay, "Idempotency-Key", "k")
		r.expect("status", second.status, http.StatusCreated)
		r.expect("location", second.location, first.location)
		r.expect("paid", len(r.Ledger()), 1)
		r.expect("key", r.Ledger()[0].IdempotencyKey, "k")
	})
	t.Run("a day later the key is free", func(t *testing.T) {
		r, pay := setup(t)
		first := r.post("/transfers", pay, "Idempotency-Key", "k")
		r.Advance(24 * time.Hour)
		r.authenticate()
		second := r.post("/transfers", pay, "Idempotency-Key", "k")
		if second.location == first.location {
			t.Error("the old answer was given")
		}
		r.expect("paid", len(r.Ledger()), 2)
	})
	t.Run("a refused request does not use its key up", func(t *testing.T) {
		r, pay := setup(t)
		r.SetBalance(r.Account().ID, 0)
		r.expect("first", r.post("/transfers", pay, "Idempotency-Key", "k").status, http.StatusBadRequest)
		r.SetBalance(r.Account().ID, 10_00)
		r.expect("second", r.post("/transfers", pay, "Idempotency-Key", "k").status, http.StatusCreated)
	})
	t.Run("without a key it is paid twice", func(t *testing.T) {
		r, pay := setup(t)
		r.create("/transfers", pay)
		r.create("/transfers", pay)
		r.expect("paid", len(r.Ledger()), 2)
	})
	t.Run("while the first one runs it is a conflict", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r, pay := setup(t)
			r.Fault("createTransfer", dwollatest.Fault{Delay: time.Second, AfterCommit: true, Times: 1})
			done := make(chan answer)
			go func() { done <- r.post("/transfers", pay, "Idempotency-Key", "k") }()
			synctest.Wait() // the first one is held up
			second := r.post("/transfers", pay, "Idempotency-Key", "k")
			r.expect("second", second.code(), "Conflict")
			r.expect("first", (<-done).status, http.StatusCreated)
			r.expect("paid", len(r.Ledger()), 1)
		})
	})
	t.Run("after a lost answer the first one is given again", func(t *testing.T) {
		r, pay := setup(t)
		r.Fault("createTransfer", dwollatest.Fault{Status: 500, AfterCommit: true, Times: 1})
		r.expect("first", r.post("/transfers", pay, "Idempotency-Key", "k").code(), "ServerError")
		again := r.post("/transfers", pay, "Idempotency-Key", "k")
		r.expect("second", again.status, http.StatusCreated)
		r.expect("paid", len(r.Ledger()), 1)
		if !strings.HasSuffix(again.location, r.Ledger()[0].Transfer) {
			t.Error("the location is not that of the transfer")
		}
	})
	t.Run("a 500 can lock the key for a day", func(t *testing.T) {
		r, pay := setup(t)
		r.Fault("createTransfer", dwollatest.Fault{Status: 500, AfterCommit: true, Lock: true, Times: 1})
		r.post("/transfers", pay, "Idempotency-Key", "k")
		r.Advance(23 * time.Hour)
		r.authenticate()
		r.expect("within the day", r.post("/transfers", pay, "Idempotency-Key", "k").code(), "Conflict")
		r.Advance(time.Hour)
		r.authenticate()
		r.expect("afterwards", r.post("/transfers", pay, "Idempotency-Key", "k").status, http.StatusCreated)
		r.expect("paid", len(r.Ledger()), 1)
	})
	t.Run("a dropped connection leaves the key free or the answer kept", func(t *testing.T) {
		r, pay := setup(t)
		r.Fault("createTransfer", dwollatest.Fault{Drop: true, Times: 1})
		r.Fault("createTransfer", dwollatest.Fault{Drop: true, AfterCommit: true, Times: 1})
		for range 2 {
			request := r.request(http.MethodPost, "/transfers", strings.NewReader(string(mustJSON(t, pay))))
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Idempotency-Key", "k")
			if _, err := r.try(request); err == nil {
				t.Error("got an answer")
			}
		}
		r.expect("third", r.post("/transfers", pay, "Idempotency-Key", "k").status, http.StatusCreated)
		r.expect("paid", len(r.Ledger()), 1)
	})
}
