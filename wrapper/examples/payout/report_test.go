package main

import (
	"errors"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestTheReportSaysWhatBecameOfEveryone(t *testing.T) {
	outcomes := []outcome{
		{recipient: recipient{line: 2, amount: dwolla.USDCents(1050)}, state: paid},
		{recipient: recipient{line: 3, amount: dwolla.USDCents(1)}, state: paid},
		{recipient: recipient{line: 4, amount: dwolla.USDCents(700), correlationID: "wages-4"}, state: failed, code: "Restricted", reason: "Receiver\x1b[2J restricted."},
	}
	got, allPaid := report([]result{{batch: batch{recipients: recipientsOf(3)}, outcomes: outcomes}})
	if allPaid {
		t.Error("a failed recipient counts as paid")
	}
	const want = `LINE  CORRELATION ID  AMOUNT    CODE        REASON
4     wages-4         7.00 USD  Restricted  Receiver [2J restricted.
To pay these once the reasons are gone, make a new file of these rows alone.

          recipients     amount
    paid           2  10.51 USD
  failed           1   7.00 USD
   total           3  17.51 USD
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestTheReportOfAnUnknownOutcomeNamesThePayment(t *testing.T) {
	r := newResult(batch{key: "the-key", correlationID: "the-correlation-id", recipients: recipientsOf(2)})
	r.err = &dwolla.OutcomeUnknownError{Err: &dwolla.Error{Outcome: dwolla.OutcomeUnknown, RequestID: "the-request-id", Err: errors.New("connection reset")}}
	r.setAll(unknown)
	got, allPaid := report([]result{r})
	if allPaid {
		t.Error("an unknown outcome counts as paid")
	}
	for _, want := range []string{"Lines 2 to 3", "the-key", "the-correlation-id", "the-request-id", "may be paid", "unknown           2  2.00 USD"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}
