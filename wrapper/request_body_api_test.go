package dwolla_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestTheBodyOfACallIsTheSameBytesEachTime(t *testing.T) {
	metadata := map[string]string{}
	for i := range 10 {
		metadata[fmt.Sprint("key", i, rand.IntN(9))] = "<&>\u2028"
	}
	var first []byte
	for range 1000 {
		s := newStub(t, always(201, "", "Location", "/transfers/x"))
		transfer := aTransfer()
		transfer.Metadata = metadata
		if _, err := s.client.Transfers.Create(t.Context(), transfer); err != nil {
			t.Fatal(err)
		}
		got := s.requests()[0].Body
		if first == nil {
			first = got
		}
		if !bytes.Equal(first, got) {
			t.Fatalf("%s\n%s", first, got)
		}
	}
	if !bytes.Contains(first, []byte("<&>\u2028")) {
		t.Errorf("escaped for HTML: %s", first)
	}
}

func TestFault237_MoneyOfAnAnswerIsSentAsTheContractHasIt(t *testing.T) {
	const number = `{"value":12.50,"currency":"USD","formatted":"$12.50"}`
	s := newStub(t, func(_ int, req *http.Request) *http.Response {
		if req.Method == http.MethodGet {
			return reply(200, `{"id":"t","amount":`+number+`}`)
		}
		return reply(201, "", "Location", sandbox+"/transfers/t2")
	})
	old, err := s.client.Transfers.Get(t.Context(), "t")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := json.Marshal(old); err != nil || !strings.Contains(string(again), number) {
		t.Errorf("the answer is written as %s, %v", again, err)
	}
	next := aTransfer()
	next.Amount = old.Amount
	for name, send := range map[string]func() error{
		"Create": func() error { _, err := s.client.Transfers.Create(t.Context(), next); return err },
		"Post":   func() error { _, err := s.client.Post(t.Context(), "/transfers", next, nil); return err },
		"Post of a pointer": func() error {
			_, err := s.client.Post(t.Context(), "/transfers", &next, nil)
			return err
		},
		"CreateMassPayment": func() error {
			_, err := s.client.MassPayments.Create(t.Context(), dwolla.CreateMassPayment{
				Links: dwolla.CreateMassPaymentLinks{Source: dwolla.LinkTo[dwolla.FundingSource](sandbox + "/funding-sources/s")},
				Items: []dwolla.CreateMassPaymentItem{{
					Links:  dwolla.CreateMassPaymentItemLinks{Destination: dwolla.LinkTo[dwolla.FundingSource](sandbox + "/funding-sources/d")},
					Amount: old.Amount,
				}},
			})
			return err
		},
	} {
		if err := send(); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		requests := s.requests()
		if body := string(requests[len(requests)-1].Body); !strings.Contains(body, `"amount":{"value":"12.50","currency":"USD"}`) {
			t.Errorf("%s sent %s", name, body)
		}
	}
}
