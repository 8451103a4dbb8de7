package dwolla

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/internal/faultserver"
)

func TestATransferNeedsBothItsSides(t *testing.T) {
	for name, spoil := range map[string]func(*CreateTransfer){
		"_links.source":      func(c *CreateTransfer) { c.Links.Source.Href = "" },
		"_links.destination": func(c *CreateTransfer) { c.Links.Destination.Href = "" },
		"fees[1].amount":     func(c *CreateTransfer) { c.Fees = []CreateTransferFee{{Amount: USDCents(1)}, {}} },
		"metadata":           func(c *CreateTransfer) { c.Metadata = map[string]string{"": "x"} },
	} {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			sent := payment("rent-1")
			spoil(&sent)
			_, err := r.Transfers.Create(t.Context(), sent)
			r.check(t, err, want{OutcomeNotSent, 0, 0})
			if bad, ok := errors.AsType[*ArgumentError](err); !ok || bad.Argument != "body."+name {
				t.Error(err)
			}
		})
	}
}

func TestFault217_PostKnowsAPaymentWhateverItsTypeIs(t *testing.T) {
	type link struct {
		Href string `json:"href"`
	}
	type own struct {
		Links         map[string]link   `json:"_links"`
		Amount        map[string]string `json:"amount"`
		CorrelationID string            `json:"correlationId"`
	}
	form := func(value, currency, correlationID string) map[string]any {
		transfer := payment(correlationID)
		transfer.Amount = Money{Amount: value, Currency: currency}
		batch := massPayment(correlationID)
		batch.Items[0].Amount = transfer.Amount
		source, destination := transfer.Links.Source.Href, transfer.Links.Destination.Href
		amount := map[string]string{"value": value, "currency": currency}
		links := map[string]any{"source": map[string]any{"href": source}, "destination": map[string]any{"href": destination}}
		return map[string]any{
			"a model": transfer, "a pointer to a model": &transfer, "a mass payment": batch, "a pointer to one": &batch,
			"a struct":             own{map[string]link{"source": {source}, "destination": {destination}}, amount, correlationID},
			"a map":                map[string]any{"_links": links, "amount": amount, "correlationId": correlationID},
			"a map of many":        map[string]any{"_links": links, "correlationId": correlationID, "items": []any{map[string]any{"_links": links, "amount": amount}}},
			"a path with a slash/": &transfer,
		}
	}
	path := func(name string) string {
		path := "/transfers"
		if name == "a mass payment" || name == "a pointer to one" || name == "a map of many" {
			path = "/mass-payments"
		}
		if strings.HasSuffix(name, "/") {
			path += "/"
		}
		return path
	}
	for name, body := range form("12.50", "USD", "rent-9") {
		virtual(t, name, func(t *testing.T) {
			r := inMemoryRig(t)
			r.bank.Always(faultserver.Stall())
			_, err := r.Post(t.Context(), path(name), body, nil)
			if unknown := unknownOf(t, err); unknown.CorrelationID != "rent-9" {
				t.Errorf("correlation id %q", unknown.CorrelationID)
			}
		})
	}
	for _, bad := range [][3]string{{"-1e9", "EUR", "rent-9"}, {"12.345", "USD", "rent-9"}, {"0.00", "USD", "rent-9"}, {"1.00", "USD", "x y z"}} {
		for name, body := range form(bad[0], bad[1], bad[2]) {
			virtual(t, name+" of "+bad[0]+" "+bad[1]+" "+bad[2], func(t *testing.T) {
				r := inMemoryRig(t)
				_, err := r.Post(t.Context(), path(name), body, nil)
				r.check(t, err, want{OutcomeNotSent, 0, 0})
				if !errors.Is(err, ErrInvalidArgument) {
					t.Error(err)
				}
			})
		}
	}
	virtual(t, "what is no payment is not checked", func(t *testing.T) {
		r := inMemoryRig(t)
		_, err := r.Post(t.Context(), "/customers", map[string]any{"amount": "many"}, nil)
		r.check(t, err, want{OutcomeOK, 1, 1})
	})
	t.Run("no model", func(t *testing.T) {
		r := inMemoryRig(t)
		for _, body := range []any{(*CreateTransfer)(nil), (*CreateMassPayment)(nil)} {
			if _, err := r.Post(t.Context(), "/transfers", body, nil); !errors.Is(err, ErrInvalidArgument) {
				t.Error(err)
			}
		}
	})
}

func TestFault218_TheSourceIsNotTheDestinationInAnotherSpelling(t *testing.T) {
	const id = "707177c3-bf15-4e7e-b37c-55c3898d9bf4"
	for _, destination := range []string{
		"/funding-sources/" + strings.ToUpper(id), "/funding-sources/" + id + "/", "/funding-sources/" + id + "?ref=hr", "/funding-sources/" + id + "#2",
	} {
		t.Run(destination, func(t *testing.T) {
			r := inMemoryRig(t)
			sent := massPayment("batch-1")
			sent.Links.Source.Href = faultserver.Base + "/funding-sources/" + id
			sent.Items[0].Links.Destination.Href = faultserver.Base + destination
			_, err := r.MassPayments.Create(t.Context(), sent)
			r.check(t, err, want{OutcomeNotSent, 0, 0})
		})
	}
}

// A bomb panics when it is encoded.
type bomb struct{}

func (bomb) MarshalJSON() ([]byte, error) { panic(http.ErrAbortHandler) }

func TestFault219_ABodyThatPanicsIsAnError(t *testing.T) {
	r := inMemoryRig(t)
	_, err := r.Post(t.Context(), "/x", map[string]any{"a": bomb{}}, nil)
	r.check(t, err, want{OutcomeNotSent, 0, 0})
}

func TestFault266_APaymentIsCheckedInWhateverCaseItsPathIs(t *testing.T) {
	virtual(t, "", func(t *testing.T) {
		r := inMemoryRig(t)
		for path, body := range map[string]any{
			"/Transfers":        map[string]any{"amount": map[string]string{"value": "5.001", "currency": "USD"}},
			"/TRANSFERS/":       map[string]any{"amount": map[string]string{"value": "-5", "currency": "USD"}},
			"/Mass-Payments":    map[string]any{"items": []any{}},
			"/%74ransfers":      map[string]any{"amount": map[string]string{"value": "-5", "currency": "USD"}},
			"/mass%2Dpayments/": map[string]any{"items": []any{}},
		} {
			if _, err := r.Post(t.Context(), path, body, nil); !errors.Is(err, ErrInvalidArgument) {
				t.Errorf("%s: %v", path, err)
			}
		}
		r.check(t, nil, want{OutcomeOK, 0, 0})
	})
}
