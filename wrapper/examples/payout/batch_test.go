package main

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func sourceAt(href string) *dwolla.FundingSource {
	return &dwolla.FundingSource{Links: dwolla.FundingSourceLinks{Self: dwolla.LinkTo[dwolla.FundingSource](href)}}
}

const sourceHref = "https://api-sandbox.dwolla.com/funding-sources/5f1c0a5e-0000-4000-8000-000000000000"

func recipientsOf(n int) []recipient {
	recipients := make([]recipient, 0, n)
	for i := range n {
		recipients = append(recipients, recipient{line: i + 2, destination: fmt.Sprintf("bank-%d", i), amount: dwolla.USDCents(100)})
	}
	return recipients
}

func mustPlan(t *testing.T, name string, recipients []recipient) []batch {
	t.Helper()
	batches, err := plan(name, sourceAt(sourceHref), recipients)
	if err != nil {
		t.Fatal(err)
	}
	return batches
}

func TestMoreThan5000RecipientsAreSplit(t *testing.T) {
	var sizes []int
	seen := map[string]bool{}
	for _, b := range mustPlan(t, "", recipientsOf(12_000)) {
		sizes = append(sizes, len(b.recipients))
		seen[b.key], seen[b.correlationID] = true, true
		for _, r := range b.recipients {
			seen[r.correlationID] = true
		}
	}
	if !slices.Equal(sizes, []int{5000, 5000, 2000}) {
		t.Errorf("sizes %v", sizes)
	}
	if len(seen) != 3+3+12_000 {
		t.Errorf("%d different names", len(seen))
	}
}

func TestNamesFollowFromTheContent(t *testing.T) {
	first := mustPlan(t, "", recipientsOf(3))[0]
	again := mustPlan(t, "", recipientsOf(3))[0]
	if first.key != again.key || first.correlationID != again.correlationID {
		t.Error("the same file has other names the second time")
	}
	edited := recipientsOf(3)
	edited[1].amount = dwolla.USDCents(101)
	for name, other := range map[string]batch{
		"an edited file": mustPlan(t, "", edited)[0],
		"another run":    mustPlan(t, "december", recipientsOf(3))[0],
	} {
		if other.key == first.key || other.correlationID == first.correlationID {
			t.Errorf("%s has the same names", name)
		}
	}
	if err := dwolla.ValidateCorrelationID(first.correlationID); err != nil {
		t.Error(err)
	}
}

func TestDestinationsThatTheSourceCannotPay(t *testing.T) {
	recipients := recipientsOf(4)
	recipients[1].destination = sourceHref
	recipients[2].destination = "https://api.dwolla.com/funding-sources/" + anID
	_, err := plan("", sourceAt(sourceHref), recipients)
	want := inputError{{3, "destination: is the source itself"}, {4, "destination: leads to another host than the source"}}
	if got, _ := errors.AsType[inputError](err); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}
