package api_test

import (
	"testing"

	"github.com/dwolla-go/dwolla-go/api"
)

func TestErrorTexts(t *testing.T) {
	for want, err := range map[string]error{
		`dwolla: amount: leading zero`:                                      &api.AmountError{Reason: "leading zero"},
		`dwolla: currency "EUR", want "USD"`:                                &api.CurrencyMismatchError{Want: "USD", Got: "EUR"},
		`dwolla: no member "x"`:                                             &api.NoMemberError{Name: "x"},
		`dwolla: not a calendar day as YYYY-MM-DD`:                          &api.FormatError{Format: "a calendar day as YYYY-MM-DD"},
		`dwolla: unknown environment "uat", want "sandbox" or "production"`: &api.UnknownEnvironmentError{Name: "uat"},
		`dwolla: NotFound`:                                                  api.Code("NotFound"),
	} {
		equal(t, err.Error(), want)
	}
}
