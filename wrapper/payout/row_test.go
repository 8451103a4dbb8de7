package payout

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestFault139_RowsBeyondLimitsAreNamedByTheirLine(t *testing.T) {
	good := func() Row { return simRows(1)[0] }
	tests := []struct {
		name   string
		edit   func(*Row)
		reason string
	}{
		{"ten pairs of metadata", func(r *Row) {
			r.Metadata = map[string]string{}
			for i := range 10 {
				r.Metadata[fmt.Sprint(i)] = "x"
			}
		}, "metadata"},
		{"a value of 255 characters", func(r *Row) { r.Metadata = map[string]string{"k": strings.Repeat("x", 255)} }, "metadata"},
		{"a key of the package", func(r *Row) { r.Metadata = map[string]string{metadataRow: "1"} }, "metadata"},
		{"invalid UTF-8", func(r *Row) { r.Metadata = map[string]string{"k": "\xff"} }, "metadata"},
		{"a correlation id with a space", func(r *Row) { r.CorrelationID = "a b" }, "correlation_id"},
		{"a correlation id of 256 characters", func(r *Row) { r.CorrelationID = strings.Repeat("x", 256) }, "correlation_id"},
		{"zero", func(r *Row) { r.Amount = dwolla.USDCents(0) }, "amount"},
		{"a negative amount", func(r *Row) { r.Amount = dwolla.USDCents(-1) }, "amount"},
		{"three decimals", func(r *Row) { r.Amount.Amount = "1.005" }, "amount"},
		{"an exponent", func(r *Row) { r.Amount.Amount = "1e3" }, "amount"},
		{"another currency", func(r *Row) { r.Amount.Currency = "EUR" }, "currency: must be USD"},
		{"more than an int64 of cents", func(r *Row) { r.Amount.Amount = "99999999999999999999" }, "amount"},
		{"the source itself", func(r *Row) { r.Destination = simSource }, "destination: is the source"},
		{"the source by id", func(r *Row) { r.Destination = "00000000-aaaa-4000-8000-000000000000" }, "destination: is the source"},
		{"no destination", func(r *Row) { r.Destination = "" }, "destination: is missing"},
		{"another host", func(r *Row) { r.Destination = "https://api.dwolla.com.evil.test/funding-sources/x" }, "destination"},
		{"an unknown clearing", func(r *Row) { r.Clearing = "tomorrow" }, `clearing: must be empty or "next-available"`},
		{"an unknown network", func(r *Row) { r.Channel = "rtp" }, `processing_channel: must be empty, "instant" or "real-time-payments"`},
		{"81 characters of addenda", func(r *Row) { r.Addenda = strings.Repeat("x", 81) }, "addenda: has 81 characters; at most 80"},
		{"addenda that the network has no letters for", func(r *Row) { r.Addenda = "Löhne" }, "addenda: has a character other than"},
		{"a customer", func(r *Row) { r.Destination = "https://api.dwolla.com/customers/x" }, "destination"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bad := good()
			bad.Line = 77
			test.edit(&bad)
			_, err := Prepare(t.Context(), newMemStore(), simBatch, inputOf([]Row{good(), bad}), Plan{Source: simSource})
			input, ok := errors.AsType[*InputError](err)
			if !ok || input.Count != 1 || input.Rows[0].Line != 77 || !strings.HasPrefix(err.Error(), "payout: 1 problems in the input\nline 77: "+test.reason) {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("all of them are reported", func(t *testing.T) {
		rows, told := simRows(2000), 0
		for i := range rows {
			rows[i].Amount.Amount = "0"
		}
		_, err := Prepare(t.Context(), newMemStore(), simBatch, inputOf(rows), Plan{Source: simSource, OnProblem: func(RowError) { told++ }})
		if input, ok := errors.AsType[*InputError](err); !ok || input.Count != 2000 || len(input.Rows) != maxProblems || told != 2000 {
			t.Errorf("told %d: %.200v", told, err)
		}
	})
}

const (
	someBank  = "707177c3-bf15-4e7e-b37c-55c3898d9bf4"
	someBanks = "https://api.dwolla.com/funding-sources/"
)

func TestFault325_EverySpellingOfADestinationIsTheSameToTheSearchForDuplicates(t *testing.T) {
	for _, again := range []string{
		someBank, strings.ToUpper(someBank), someBanks + someBank, someBanks + strings.ToUpper(someBank),
		"https://API.dwolla.com/funding-sources/" + someBank, "HTTPS://api.dwolla.com:443/funding-sources/" + someBank,
	} {
		for _, source := range []string{simSource, ""} {
			csv := "destination,amount\n" + someBanks + someBank + ",5.00\n" + again + ",5.00\n"
			_, err := Check(t.Context(), ReadCSV(strings.NewReader(csv)), Plan{Source: source})
			input, ok := errors.AsType[*InputError](err)
			if !ok || input.Count != 1 || input.Rows[0].Line != 3 || !strings.HasPrefix(input.Rows[0].Reason, "repeats line 2") {
				t.Errorf("%s twice: %v", again, err)
			}
		}
	}
}

func TestFault326_AnAddressWithMoreInItThanAFundingSourceIsRefused(t *testing.T) {
	for _, bad := range []string{
		someBanks + someBank + "?x=1", someBanks + someBank + "?", someBanks + someBank + "#f", someBanks + someBank + "/",
		"https://user:pw@api.dwolla.com/funding-sources/" + someBank, "https://user@api.dwolla.com/funding-sources/" + someBank,
		"https://api.dwolla.com/funding-sources/../funding-sources/" + someBank, "https://api.dwolla.com/./funding-sources/" + someBank,
		"https://api.dwolla.com//funding-sources/" + someBank, "https://api.dwolla.com/%2e%2e/funding-sources/" + someBank,
		someBanks + "%37" + someBank[1:], someBanks + someBank + "%20", "/funding-sources/" + someBank, "https:/funding-sources/" + someBank,
	} {
		for _, plan := range []Plan{{Source: simSource}, {}} {
			rows := simRows(2)
			rows[1].Destination = bad
			_, err := Check(t.Context(), inputOf(rows), plan)
			input, ok := errors.AsType[*InputError](err)
			if !ok || input.Count != 1 || input.Rows[0].Line != rows[1].Line || strings.Contains(err.Error(), someBank) {
				t.Errorf("%s: %v", bad, err)
			}
		}
		if _, err := Prepare(t.Context(), newMemStore(), simBatch, inputOf(simRows(2)), Plan{Source: bad}); !errors.Is(err, errSource) {
			t.Errorf("%s as the source: %v", bad, err)
		}
	}
}

func TestFault327_IDsInAnyCaseArePaidAndReportedAsTheInputSaysThem(t *testing.T) {
	server := dwollatest.New(t, dwollatest.WithItemRate(0))
	urls := dwollaRows(server, 4)
	ids, upper := slices.Clone(urls), slices.Clone(urls)
	for i := range urls {
		ids[i].Destination = dwolla.LinkTo[dwolla.FundingSource](urls[i].Destination).ID()
		upper[i].Destination = strings.ToUpper(ids[i].Destination)
	}
	source := server.AccountBalance()
	plans := []Plan{
		{Source: source.Href}, {Source: source.Href}, {Source: strings.TrimSuffix(source.Href, source.ID) + strings.ToUpper(source.ID)},
	}
	for i, rows := range [][]Row{urls, ids, upper} { // three records of one batch
		s := newMemStore()
		mustPrepare(t, s, rows, plans[i])
		summary, err := mustRunner(t, s, upperCase{Dwolla(server.Dwolla())}, Options{Poll: 1, MaxPoll: 1}).Run(t.Context(), simBatch)
		if err != nil || summary.Totals.Paid.Rows != 4 || len(server.Ledger()) != 4 {
			t.Errorf("%s: %+v, %d in the ledger, %v", rows[0].Destination, summary.Totals, len(server.Ledger()), err)
		}
		n := 0
		for row, err := range OpenReport(s, simBatch).Rows(t.Context()) {
			if err != nil || row.Destination != rows[n].Destination {
				t.Errorf("row %d is reported as %s, %v", n, row.Destination, err)
			}
			n++
		}
		if _, err := Prepare(t.Context(), s, simBatch, inputOf(upper), plans[2]); err != nil {
			t.Errorf("the same input in another spelling: %v", err)
		}
	}
}

// upperCase is a gateway that lists ids in upper case.
type upperCase struct{ Gateway }

func (g upperCase) Items(ctx context.Context, href string) iter.Seq2[dwolla.MassPaymentItem, error] {
	return func(yield func(dwolla.MassPaymentItem, error) bool) {
		for item, err := range g.Gateway.Items(ctx, href) {
			to := &item.Links.Destination
			to.Href = strings.TrimSuffix(to.Href, to.ID()) + strings.ToUpper(to.ID())
			if !yield(item, err) {
				return
			}
		}
	}
}

func (g upperCase) Find(ctx context.Context, source, correlationID string) ([]dwolla.MassPayment, error) {
	found, err := g.Gateway.Find(ctx, source, correlationID)
	for i := range found {
		from := &found[i].Links.Source
		from.Href = strings.TrimSuffix(from.Href, from.ID()) + strings.ToUpper(from.ID())
	}
	return found, err
}

func TestFault396_WhatIsNoIDOfDwollasIsNoDestination(t *testing.T) {
	for _, bad := range []string{
		"Total", "total", "TOTAL:", "Sum", "Subtotal", "00000", "0", "-", "1234567890", "abc", "Jane", someBank[1:], someBank + "0", "{" + someBank + "}",
		strings.ReplaceAll(someBank, "-", ""), "g" + someBank[1:], "\u0661\u0662", "n/a", "#REF!",
	} {
		csv := "destination,amount\n" + someBank + ",1.00\n" + bad + ",1234.56\n"
		for _, source := range []string{simSource, ""} {
			_, err := Check(t.Context(), ReadCSV(strings.NewReader(csv)), Plan{Source: source})
			input, ok := errors.AsType[*InputError](err)
			if !ok || input.Count != 1 || input.Rows[0].Line != 3 || input.Rows[0].Column != "destination" || input.Rows[0].Value != bad {
				t.Errorf("%s: %v", bad, err)
				continue
			}
			if bad != "n/a" && !strings.Contains(err.Error(), "such as 01234567-89ab-cdef-0123-456789abcdef") {
				t.Errorf("%s: %v does not say what would be right", bad, err)
			}
		}
	}
	for _, good := range []string{someBank, strings.ToUpper(someBank), someBanks + someBank} {
		if _, err := Check(t.Context(), ReadCSV(strings.NewReader("destination,amount\n"+good+",1.00\n")), Plan{}); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}

func TestAProblemHasTheValueButItsTextDoesNot(t *testing.T) {
	const csv = "destination,amount,correlation_id,currency,clearing,addenda,processing_channel,metadata.name\n" +
		"no id,\"1,250.00\",a b,usd,slow,,sms,Jane\n" + someBank + ",12.50,c,eur,,J\u00fcrgen,,\n"
	_, err := Check(t.Context(), ReadCSV(strings.NewReader(csv)), Plan{})
	input, ok := errors.AsType[*InputError](err)
	if !ok {
		t.Fatal(err)
	}
	var got []string
	for i := range input.Rows {
		p := &input.Rows[i]
		got = append(got, fmt.Sprintf("%d %s %q %q", p.Line, p.Column, p.Value, p.Hint))
		if p.Value != "" && strings.Contains(p.Error(), p.Value) || p.Hint != "" && strings.Contains(p.Error(), p.Hint) {
			t.Errorf("%s has %q", p.Error(), p.Value)
		}
	}
	want := []string{
		`2 destination "no id" ""`, `2 amount "1,250.00" "1250.00"`, `2 correlation_id "a b" ""`, `2 clearing "slow" ""`,
		`2 processing_channel "sms" ""`, `3 currency "EUR" ""`, `3 addenda "" ""`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestARowIsSentWithItsClearingAddendaAndNetwork(t *testing.T) {
	server := dwollatest.New(t, dwollatest.WithItemRate(0))
	rows := dwollaRows(server, 2)
	csv := fmt.Sprintf("destination,amount,Clearing,Addenda,Processing Channel\n%s,1.00,next-available,Wages: 11/2026,\n%s,2.00,,,instant\n",
		rows[0].Destination, rows[1].Destination)
	s := openTemp(t)
	if _, err := Prepare(t.Context(), s, simBatch, ReadCSV(strings.NewReader(csv)), Plan{Source: server.AccountBalance().Href}); err != nil {
		t.Fatal(err)
	}
	gateway := &scripted{direct: direct{newFakeDwolla()}}
	var sent dwolla.CreateMassPayment
	gateway.before = func(body *dwolla.CreateMassPayment) { sent = *body }
	synctest.Test(t, func(t *testing.T) {
		_, _ = mustRunner(t, s, gateway, Options{IdleTimeout: 1}).Run(t.Context(), simBatch) // what came of it is not asked here
	})
	if len(sent.Items) != 2 {
		t.Fatalf("%+v", sent)
	}
	first, second := &sent.Items[0], &sent.Items[1]
	if first.Clearing.Destination != "next-available" || !slices.Equal(first.ACHDetails.Destination.Addenda.Values, []string{"Wages: 11/2026"}) || first.ProcessingChannel.Destination != "" {
		t.Errorf("%+v", first)
	}
	if second.Clearing.Destination != "" || second.ACHDetails.Destination.Addenda.Values != nil || second.ProcessingChannel.Destination != "instant" {
		t.Errorf("%+v", second)
	}
}
