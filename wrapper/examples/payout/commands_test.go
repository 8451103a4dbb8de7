package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

func TestCheckSaysWhatRunWouldDoAndWritesNothing(t *testing.T) {
	d := newDesk(t)
	banks := d.banks(3)
	file := d.wages(banks)
	d.server.SetBalance(d.server.Account().ID, 600)
	d.expect(exitPaid, []string{"check", "-csv", file}, "3 rows, 6.00 USD, no problem", "none of it is on record", "a balance", "6.00 USD are to be paid")
	if _, err := os.Stat(d.record); err == nil {
		t.Error("a record was made")
	}
	d.server.SetBalance(d.server.Account().ID, 599)
	d.expect(exitUnpaid, []string{"check", "-csv", file}, "the source has 5.99 USD, and 6.00 USD are to be paid")
	d.expect(exitNotSent, []string{"run", "-csv", file}, "the source has 5.99 USD", "nothing was sent")
	d.paid(0)
	d.server.SetBalance(d.server.Account().ID, 600)
	d.expect(exitPaid, []string{"run", "-csv", file})
	d.expect(exitPaid, []string{"check", "-csv", file}, "on record; run goes on with it", "3 rows paid, 6.00 USD", "0.00 USD are to be paid")
	more := d.file("more.csv", header+strings.Join(wageLines(banks), "")+banks[0]+",1.00,bonus,\n")
	d.expect(exitPerson, []string{"check", "-csv", more}, "3 rows the same", "1 rows added, 1.00 USD")
	d.expect(exitPerson, []string{"check", "-csv", more, "-run", "other"}, "3 rows the same")
	d.paid(3)
	d.env = nil
	d.expect(exitPaid, []string{"check", "-csv", file}, "no credentials")
	d.expect(exitNotSent, []string{"check"}, "-csv names the file")
}

func TestADeferredPayoutMovesItsMoneyAfterThePersonHasSeenTheTotal(t *testing.T) {
	d := newDesk(t)
	file := d.wages(d.banks(2))
	d.expect(exitPerson, []string{"run", "-csv", file, "-deferred"}, " -total 3.00")
	d.paid(0)
	d.expect(exitPerson, []string{"status"}, " -total 3.00")
	d.expect(exitUnpaid, []string{"approve", "-total", "3.01", "-by", "Jane"}, "the approved total is not the batch's")
	d.expect(exitNotSent, []string{"approve", "-total", "three", "-by", "Jane"}, "such as 1250.00")
	d.expect(exitNotSent, []string{"approve", "-by", "Jane"}, "the total is needed")
	d.expect(exitUnpaid, []string{"approve", "-total", "3.00", "-by", ""}, "name of who decided")
	d.answers = "3.00\n"
	d.expect(exitPaid, []string{"approve", "-by", "Jane", "-why", "looked at it"}, "is approved")
	d.answers = ""
	d.paid(0)
	d.expect(exitPaid, []string{"run"}, "paid           2")
	d.paid(2)
	d.expect(exitPaid, []string{"status"}, "approved by Jane (looked at it)", "1 of 1 mass payments settled")
}

func TestACancelledPayoutPaysNobody(t *testing.T) {
	d := newDesk(t)
	file := d.wages(d.banks(2))
	d.expect(exitPerson, []string{"run", "-csv", file, "-deferred"})
	d.expect(exitPaid, []string{"cancel", "-by", "Jane"}, "is cancelled")
	d.expect(exitUnpaid, []string{"approve", "-total", "3.00"}, "was cancelled")
	d.expect(exitUnpaid, []string{"run"}, "cancelled           2")
	d.paid(0)
}

func TestAPausedPayoutGoesOnAfterResume(t *testing.T) {
	d := newDesk(t)
	file := d.wages(d.banks(2))
	d.expect(exitPerson, []string{"run", "-csv", file, "-deferred"})
	d.expect(exitPaid, []string{"approve", "-total", "3.00", "-by", "Jane"})
	d.expect(exitPaid, []string{"pause", "-by", "Joe", "-why", "holiday"}, "is paused")
	d.expect(exitPerson, []string{"run"}, "payout resume")
	d.paid(0)
	d.expect(exitPaid, []string{"resume", "-by", "Joe"}, "is resumed")
	d.expect(exitPaid, []string{"run"}, "paid           2")
	d.expect(exitPaid, []string{"status"}, "paused by Joe (holiday)", "resumed by Joe")
	d.paid(2)
}

// foreign makes a mass payment of something else under the correlation id of a payout's.
func (d *desk) foreign(bank, correlationID string) string {
	ref, err := d.server.Dwolla().MassPayments.Create(d.t.Context(), dwolla.CreateMassPayment{
		CorrelationID: correlationID,
		Links:         dwolla.CreateMassPaymentLinks{Source: dwolla.LinkTo[dwolla.FundingSource](d.server.AccountBalance().Href)},
		Items: []dwolla.CreateMassPaymentItem{{
			Links:  dwolla.CreateMassPaymentItemLinks{Destination: dwolla.LinkTo[dwolla.FundingSource](d.server.Start() + "/funding-sources/" + bank)},
			Amount: dwolla.USDCents(1),
		}},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return ref.ID()
}

func TestAHeldMassPaymentIsShownWithItsEvidenceAndWaitsForADecision(t *testing.T) {
	d := newDesk(t)
	bank := d.banks(1)[0]
	other := d.foreign(bank, "november-00001")
	file := d.wages([]string{bank})
	d.expect(exitPerson, []string{"run", "-csv", file, "-run", "november"},
		"ambiguous", "idempotency key", "november-00001", other, "unknown           1  1.00 USD", "payout resolve")
	d.paid(1)
	d.expect(exitPerson, []string{"status"}, "1 of 1 mass payments held", other)
	evidence := []string{"Mass payment 1 of 1: 1 rows, 1.00 USD", "idempotency key", "november-00001", other, "total 0.01 USD"}
	d.expect(exitPerson, []string{"resolve"}, append(evidence, "1 mass payments wait for a decision")...)
	d.expect(exitNotSent, []string{"resolve", "-decision", "send"}, "-decision needs -chunk")
	d.expect(exitNotSent, []string{"resolve", "-decision", "perhaps", "-chunk", "1"}, "it must be look, adopt, send or reopen")
	d.expect(exitPerson, []string{"resolve", "-chunk", "1"}, append(evidence, "1 mass payments wait for a decision")...)
	d.expect(exitUnpaid, []string{"resolve", "-decision", "adopt", "-chunk", "1", "-by", "Jane"}, "cannot be chunk 1")
	d.expect(exitUnpaid, []string{"resolve", "-decision", "reopen", "-chunk", "1", "-by", "Jane"}, "was not adopted")
	d.answers = "skip\n"
	d.expect(exitPerson, []string{"resolve"}, "1 mass payments wait for a decision")
	d.answers = "send\n"
	d.expect(exitPaid, []string{"resolve", "-by", "Jane", "-why", "asked Dwolla"}, append(evidence, "mass payment 1: send again")...)
	d.answers = ""
	d.expect(exitPaid, []string{"resolve"}, "nothing of payout november has to be decided")
	d.expect(exitPaid, []string{"resolve", "-chunk", "1"}, "nothing of payout november has to be decided")
	d.expect(exitPaid, []string{"run"}, "paid           1  1.00 USD")
	d.expect(exitPaid, []string{"status"}, "send again, mass payment 1 by Jane (asked Dwolla)")
	d.paid(2)
}

func TestRowsThatFailedAreRetriedToOtherBanks(t *testing.T) {
	d := newDesk(t)
	banks := d.banks(4)
	var customers []string
	for _, bank := range banks[:3] {
		source, err := d.server.Dwolla().FundingSources.Get(t.Context(), bank)
		if err != nil {
			t.Fatal(err)
		}
		customers = append(customers, source.Links.Customer.ID())
	}
	for _, customer := range customers {
		d.server.SetStatus(customer, "suspended")
	}
	d.expect(exitUnpaid, []string{"run", "-csv", d.wages(banks), "-run", "november"}, "Restricted", "failed           3", "payout retry")
	d.paid(1)
	other := d.banks(1)[0]
	d.expect(exitUnpaid, []string{"retry", "-lines", "5", "-run", "november"}, "line 5 is paid: it is not paid once more")
	d.expect(exitUnpaid, []string{"retry", "-lines", "2,77", "-run", "november"}, "-lines: the payout has no line 77")
	d.expect(exitNotSent, []string{"retry", "-lines", "2-x", "-run", "november"}, `-lines "2-x"`)
	d.expect(exitNotSent, []string{"retry", "-of", "paid", "-run", "november"}, `-of "paid": it must be failed, returned or cancelled`)
	d.expect(exitNotSent, []string{"retry", "-replace", d.file("x.csv", "name,destination\n"), "-run", "november"}, "line or correlation_id")
	d.expect(exitUnpaid, []string{"retry", "-replace", d.file("x.csv", "correlation_id,destination\nwage-9,"+other+"\n"), "-run", "november"}, `line 2: the payout has no correlation id "wage-9"`)
	d.expect(exitUnpaid, []string{"retry", "-replace", d.file("x.csv", "line,destination\n2,bank of Jane\n"), "-run", "november"}, "line 2: destination", "this command sent nothing")
	d.paid(1)
	d.expect(exitPaid, []string{"retry", "-replace", d.file("x.csv", "\ufeffDestination,Correlation ID\r\n"+other+",wage-1\r\n"), "-run", "november"}, "payout november-retry", "paid           1  1.00 USD")
	d.paid(2)
	if last := d.server.Ledger()[1]; last.Destination != other || last.CorrelationID != "wage-1" {
		t.Errorf("%+v", last)
	}
	for _, customer := range customers {
		d.server.SetStatus(customer, "verified")
	}
	d.expect(exitPaid, []string{"retry", "-lines", "3-3", "-run", "november"}, "payout november-retry-2", "paid           1  2.00 USD")
	d.expect(exitPaid, []string{"retry", "-run", "november"}, "payout november-retry-3", "paid           1  3.00 USD")
	d.expect(exitUnpaid, []string{"retry", "-run", "november"}, "this command sent nothing")
	d.paid(4)
	d.expect(exitUnpaid, []string{"status", "-run", "november"}, "retried by november-retry", "retried by november-retry-2", "retried by november-retry-3")
	d.expect(exitPaid, []string{"status"}, "payout november-retry-3, the latest of 4 on record")
	d.expect(exitUnpaid, []string{"status", "-run", "october"}, `there is no payout "october" on record`)
}

func TestPaymentsThatComeBackAreFoundAndRetried(t *testing.T) {
	d := newDesk(t)
	_, bank := d.server.AddReceiver("R01-late")
	_, good := d.server.AddReceiver("Joe Doe")
	d.expect(exitPaid, []string{"run", "-csv", d.wages([]string{bank.ID, good.ID}), "-run", "november"}, "paid           2")
	d.expect(exitPaid, []string{"followup"}, "paid           2")
	d.server.Settle()
	d.server.Settle()
	d.expect(exitUnpaid, []string{"followup"}, "returned           1  1.00 USD", "R01", "payout retry")
	d.expect(exitUnpaid, []string{"status"}, "returned           1  1.00 USD")
	o := d.expect(exitPaid, []string{"report"})
	if !strings.Contains(o.out, ",returned,") || strings.Count(o.out, ",paid,") != 1 {
		t.Error(o.out)
	}
	d.expect(exitPaid, []string{"retry", "-of", "returned", "-replace", d.file("x.csv", "line,destination\n2,"+good.ID+"\n")}, "payout november-retry", "paid           1")
}

func TestTheReportHasTheColumnsOfTheInputAndTheResults(t *testing.T) {
	d := newDesk(t)
	banks := d.banks(2)
	text := "Name,Destination,Amount,Correlation ID,metadata.note\r\n\"Doe, Jane\"," + banks[0] + ",1,a,x\r\n\r\n,,,,\r\nJoe,01234567-89ab-cdef-0123-456789abcdef,2.00,b,\r\nJim," + banks[1] + ",3.00,c,\r\n"
	file := d.file("wages.csv", "\ufeff"+text)
	d.expect(exitUnpaid, []string{"run", "-csv", file, "-run", "november", "-ignore-columns", "name"})
	read := func(o outcome) [][]string {
		t.Helper()
		rows, err := csv.NewReader(strings.NewReader(o.out)).ReadAll()
		if err != nil || len(rows) != 4 {
			t.Fatalf("%v: %s", err, o.out)
		}
		return rows
	}
	rows := read(d.expect(exitPaid, []string{"report"}))
	if !slices.Equal(rows[0][:5], []string{"line", "status", "destination", "amount", "correlation_id"}) ||
		!slices.Equal(rows[1][:5], []string{"2", "paid", banks[0], "1.00", "a"}) || rows[2][1] != "failed" || rows[2][6] != "Invalid" {
		t.Errorf("%q", rows)
	}
	rows = read(d.expect(exitPaid, []string{"report", "-csv", file}))
	if !slices.Equal(rows[0][:7], []string{"Name", "Destination", "Amount", "Correlation ID", "metadata.note", "line", "status"}) ||
		!slices.Equal(rows[1][:7], []string{"Doe, Jane", banks[0], "1", "a", "x", "2", "paid"}) || rows[2][0] != "Joe" || rows[2][6] != "failed" || rows[3][0] != "Jim" || rows[3][6] != "paid" {
		t.Errorf("%q", rows)
	}
	edited := d.file("edited.csv", strings.Replace(text, ",3.00,", ",4.00,", 1))
	d.expect(exitUnpaid, []string{"report", "-csv", edited}, "line 6 of the file is not the row on record", "the report is not complete")
	path := filepath.Join(d.dir, "report.json")
	d.expect(exitPaid, []string{"report", "-format", "json", "-o", path})
	content, err := os.ReadFile(path)
	var report struct {
		Batch string
		Rows  []struct{ Status, Destination, Code string }
	}
	if err := json.Unmarshal(content, &report); err != nil || report.Batch != "november" || len(report.Rows) != 3 || report.Rows[1].Status != "failed" {
		t.Errorf("%v: %s", err, content)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read who is paid: %v, %v", info.Mode(), err)
	}
	if err != nil {
		t.Error(err)
	}
	d.expect(exitNotSent, []string{"report", "-format", "pdf"}, "must be csv or json")
	d.expect(exitUnpaid, []string{"report", "-o", filepath.Join(d.dir, "no", "dir")}, "no such file")
}

func TestCommandsThatNeedARecordSayThatThereIsNone(t *testing.T) {
	d := newDesk(t)
	for _, name := range []string{"status", "pause", "resume", "approve", "cancel", "resolve", "retry", "followup", "report", "run"} {
		d.expect(exitUnpaid, []string{name}, "there is no record")
		if _, err := os.Stat(d.record); err == nil {
			t.Errorf("%s made a record", name)
		}
	}
	d.file("payout.db", strings.Repeat("x", 100_000))
	for _, name := range []string{"status", "report", "run"} {
		d.expect(exitUnpaid, []string{name}, "is damaged", "look at Dwolla")
	}
}

func TestTheDemonstrationPaysAllButThoseThatDwollaRefuses(t *testing.T) {
	d := newDesk(t)
	d.env = nil
	o := d.expect(exitUnpaid, []string{"demo"}, "Restricted", "RequiresFundingSource", "Invalid", "paid         243", "failed           7",
		"total         250  59936.41 USD", "243 recipients paid, 0 of them more than once", "250 of 250 recipients")
	var lines []int
	for row := range strings.Lines(o.out) {
		var line int
		if _, err := fmt.Sscanf(row, "%d wages-", &line); err == nil {
			lines = append(lines, line)
		}
	}
	if !slices.Equal(lines, []int{19, 64, 98, 122, 161, 205, 240}) {
		t.Errorf("failed lines %v", lines)
	}
	d.expect(exitUnpaid, []string{"demo", "-recipients", "300", "-size", "100"}, "paid         293", "total         300")
	d.expect(exitPaid, []string{"demo", "-csv", d.file("x.csv", "destination,amount\n01234567-89ab-cdef-0123-456789abcdef,1.00\nfedcba98-7654-3210-fedc-ba9876543210,0.05\n")}, "paid           2  1.05 USD")
	d.expect(exitNotSent, []string{"demo", "-csv", d.file("x.csv", "destination,amount\n01234567-89ab-cdef-0123-456789abcdef,x\n")}, `amount "x"`, "nothing was sent")
}
