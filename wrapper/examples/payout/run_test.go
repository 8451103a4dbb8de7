package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

func TestAFileIsPaidOnceHoweverOftenItIsRun(t *testing.T) {
	d := newDesk(t)
	file := d.wages(d.banks(3))
	o := d.expect(exitPaid, []string{"run", "-csv", file, "-size", "1"}, "paid           3  6.00 USD", "1 of 3 recipients", "3 of 3 recipients")
	if !strings.Contains(o.out, "total") || strings.Contains(o.out, "of 3 recipients") {
		t.Errorf("the results are not on stdout, or progress is:\n%s", o.out)
	}
	d.expect(exitPaid, []string{"run", "-csv", file, "-size", "1"}, "paid           3  6.00 USD")
	d.expect(exitPaid, []string{"run"}, "paid           3  6.00 USD") // the one payout on record
	d.paid(3)
}

func TestBadInputIsReportedWithItsValueAndNothingIsSent(t *testing.T) {
	d := newDesk(t)
	bank := d.banks(1)[0]
	bad := d.file("bad.csv", header+bank+",\"1,250.00\",a,\n,10.00,b,\n"+bank+",ten,a,\nno id,$5,c d,secret\n")
	o := d.expect(exitNotSent, []string{"run", "-csv", bad}, "nothing was sent",
		`line 2: amount "1,250.00": not a plain decimal number: write 1250.00`, "line 3: destination: is missing",
		`line 4: amount "ten": not a plain decimal number: write dollars and cents, such as 1250.00`,
		"line 4: correlation_id: that of line 2 again",
		`line 5: destination "no id": is neither an id`, `line 5: amount "$5": not a plain decimal number: write 5.00`,
		`line 5: correlation_id "c d": has a character other than`, "7 problems in the file")
	if strings.Contains(o.all(), "secret") {
		t.Error("metadata is shown")
	}
	if _, err := os.Stat(d.record); err == nil {
		t.Error("a record was made")
	}
	d.expect(exitNotSent, []string{"check", "-csv", bad}, "7 problems in the file")
	d.paid(0)
}

func TestNothingIsSentWithoutAllThatIsNeeded(t *testing.T) {
	d := newDesk(t)
	file := d.wages(d.banks(1))
	good := d.env
	without := func(name, value string) map[string]string {
		env := maps.Clone(good)
		env[name] = value
		return env
	}
	tests := []struct {
		name string
		env  map[string]string
		args []string
		want string
	}{
		{"a file that is not there", good, []string{"-csv", filepath.Join(d.dir, "none.csv")}, "no such file"},
		{"a pipe", good, []string{"-csv", os.DevNull}, "must be a file"},
		{"an unknown column", good, []string{"-csv", d.file("columns.csv", "destination,amount,name\nx,1,y\n")}, `unknown column "name"`},
		{"an empty file", good, []string{"-csv", d.file("empty.csv", "")}, "no rows"},
		{"semicolons", good, []string{"-csv", d.file("semicolons.csv", "destination;amount\nx;1\n")}, `separated by ";"`},
		{"no credentials", nil, []string{"-csv", file}, "no credentials"},
		{"no secret", without("DWOLLA_APP_SECRET", ""), []string{"-csv", file}, "DWOLLA_APP_SECRET"},
		{"a wrong secret", without("DWOLLA_APP_SECRET", "wrong"), []string{"-csv", file}, "invalid_client"},
		{"an environment that is none", without("DWOLLA_ENVIRONMENT", "moon"), []string{"-csv", file}, "must be sandbox or production"},
		{"production without the flag", without("DWOLLA_ENVIRONMENT", "PRODUCTION"), []string{"-csv", file}, "needs the flag -production"},
		{"the flag without production", good, []string{"-csv", file, "-production"}, "needs DWOLLA_ENVIRONMENT=production"},
		{"no Dwolla", without("DWOLLA_BASE_URL", "http://127.0.0.1:1"), []string{"-csv", file}, "connection refused"},
		{"a record that cannot be", good, []string{"-csv", file, "-record", filepath.Join(d.dir, "no", "dir", "payout.db")}, "no such file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := *d
			d.t, d.env = t, test.env
			o := d.expect(exitNotSent, append([]string{"run"}, test.args...), test.want, "nothing was sent")
			if o.out != "" || strings.Contains(o.errors, "wrong") {
				t.Errorf("%q, %q", o.out, o.errors)
			}
			d.paid(0)
		})
	}
}

func TestOtherColumnsAreIgnoredIfTheOperatorSaysSo(t *testing.T) {
	d := newDesk(t)
	file := d.file("names.csv", "Name,Destination,Amount,Team\nJane,"+d.banks(1)[0]+",1.00,A\n")
	d.expect(exitNotSent, []string{"run", "-csv", file, "-ignore-columns", "Name"}, `unknown column "Team"`)
	d.expect(exitPaid, []string{"run", "-csv", file, "-ignore-columns", "Name,team"}, "paid           1")
	d.expect(exitPaid, []string{"run", "-csv", file, "-ignore-columns", "*"}, "paid           1")
	d.paid(1)
}

func TestProductionIsPaidWithTheFlag(t *testing.T) {
	d := newDesk(t)
	d.env["DWOLLA_ENVIRONMENT"] = "production"
	d.expect(exitPaid, []string{"run", "-csv", d.wages(d.banks(1)), "-production"}, "paid           1")
	d.paid(1)
}

func TestFault362_AFileThatASpreadsheetSavedIsTheSamePayout(t *testing.T) {
	d := newDesk(t)
	banks := d.banks(3)
	d.expect(exitPaid, []string{"run", "-csv", d.wages(banks)}, "paid           3")
	lines := wageLines(banks)
	slices.Reverse(lines)
	forms := map[string]string{
		"carriage returns": strings.ReplaceAll(header+strings.Join(wageLines(banks), ""), "\n", "\r\n"),
		"a mark":           "\ufeff" + header + strings.Join(wageLines(banks), ""),
		"another order":    header + strings.Join(lines, ""),
		"blank rows":       header + ",,,\n" + strings.Join(wageLines(banks), "\n") + ",,,\n\n",
		"no line end":      strings.TrimSuffix(header+strings.Join(wageLines(banks), ""), "\n"),
		"no cents":         strings.ReplaceAll(header+strings.Join(wageLines(banks), ""), ".00", ""),
		"other ids":        header + strings.ToUpper(banks[0]) + ",1.00,wage-1,\n" + strings.Join(wageLines(banks)[1:], ""),
	}
	quoted, columns := "\"Destination\",\"Amount\",\"Correlation ID\"\r\n", "Correlation ID,amount,metadata.note,DESTINATION\n"
	for i, id := range banks {
		quoted += fmt.Sprintf("\"%s\",\"%d.00\",\"wage-%d\"\r\n", id, i+1, i+1)
		columns += fmt.Sprintf("wage-%d,%d,,%s\n", i+1, i+1, id)
	}
	forms["quotes"], forms["columns in another order"] = quoted, columns
	for name, text := range forms {
		t.Run(name, func(t *testing.T) {
			d := *d
			d.t = t
			d.expect(exitPaid, []string{"run", "-csv", d.file("saved.csv", text)}, "paid           3")
			d.paid(3)
		})
	}
}

func TestFault364_AnEditedFileIsShownAndPaidOnlyWithAWord(t *testing.T) {
	tests := []struct {
		name, answers string
		args          []string
		code, paid    int
		want          []string
	}{
		{"elsewhere", "", nil, exitPerson, 4, []string{"-added", "-again"}},
		{"a person says no", "what\nno\n", nil, exitPerson, 4, []string{`please answer added or again or no`}},
		{"a person goes away", "what\n", nil, exitPerson, 4, nil},
		{"a person says added", "added\n", nil, exitPaid, 5, []string{"paid           1  9.00 USD"}},
		{"the flag says added", "", []string{"-added"}, exitPaid, 5, []string{"paid           1  9.00 USD"}},
		{"again without a name", "again\n", nil, exitPerson, 4, []string{"name the payout with -run"}},
		{"a person says again", "again\n", []string{"-run", "second"}, exitPaid, 8, []string{"paid           4  16.02 USD"}},
		{"the flag says again", "", []string{"-again", "-run", "second"}, exitPaid, 8, []string{"paid           4  16.02 USD"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t)
			banks := d.banks(5)
			d.expect(exitPaid, []string{"run", "-csv", d.wages(banks[:4]), "-run", "november"}, "paid           4")
			lines := wageLines(banks)
			lines[1] = banks[1] + ",2.02,wage-2,\n"
			edited := d.file("edited.csv", header+lines[0]+lines[1]+lines[3]+banks[4]+",9.00,wage-5,\n")
			d.answers = test.answers
			args := append([]string{"run", "-csv", edited}, test.args...)
			d.expect(test.code, args, append(test.want, "Compared with payout november", "2 rows the same", "1 rows changed",
				"line 3: 2.02 USD instead of 2.00 USD", "1 rows added, 9.00 USD", "line 5", "1 rows removed, 3.00 USD", "line on record 4")...)
			d.paid(test.paid)
			if test.code == exitPaid { // once more is not once more paid
				d.answers = ""
				d.payout(args...)
				d.paid(test.paid)
			}
		})
	}
}

func TestAnEditedFileUnderTheSameNameChangesNothing(t *testing.T) {
	d := newDesk(t)
	banks := d.banks(2)
	d.expect(exitPaid, []string{"run", "-csv", d.wages(banks), "-run", "november"}, "paid           2")
	edited := d.file("edited.csv", header+wageLines(banks)[0]+banks[1]+",2.01,wage-2,\n")
	o := d.expect(exitPerson, []string{"run", "-csv", edited, "-run", "november", "-again"}, "line 3: 2.01 USD instead of 2.00 USD", "is on record with other rows")
	if strings.Contains(o.all(), "nothing was sent") {
		t.Errorf("two were paid: %s", o.errors)
	}
	// The file cannot be read any more: two were paid nevertheless.
	o = d.expect(exitUnpaid, []string{"run", "-csv", filepath.Join(d.dir, "gone.csv"), "-run", "november"}, "an earlier one did")
	if strings.Contains(o.all(), "nothing was sent") {
		t.Errorf("two were paid: %s", o.errors)
	}
	d.paid(2)
}

func TestAPayoutOnRecordIsNotPaidFromAnotherSource(t *testing.T) {
	d := newDesk(t)
	file := d.wages(d.banks(2))
	d.expect(exitPerson, []string{"run", "-csv", file, "-deferred"})
	bank := d.server.AccountBank()
	d.expect(exitPerson, []string{"run", "-csv", file, "-source", bank.ID}, "is on record with the source "+d.server.AccountBalance().Href)
	d.expect(exitPerson, []string{"run", "-csv", file, "-source", strings.ToUpper(d.server.AccountBalance().ID)}, "payout approve")
	d.paid(0)
}

func TestAPayoutOnRecordIsNotMadeADeferredOne(t *testing.T) {
	d := newDesk(t)
	file := d.wages(d.banks(2))
	d.interrupt("run", "-csv", file)
	d.expect(exitPerson, []string{"run", "-csv", file, "-deferred"}, "is on record without -deferred: it moves its money at once")
	d.paid(0)
}

func TestARunStopsWhereTheFlagsSay(t *testing.T) {
	d := newDesk(t)
	var lines string
	for i := range 6 {
		customer, bank := d.server.AddReceiver("Suspended")
		if i > 3 {
			d.server.SetStatus(customer.ID, "suspended")
		}
		lines = fmt.Sprintf("%s,1.00,wage-%d,\n", bank.ID, i) + lines // those that fail come first
	}
	file := d.file("wages.csv", header+lines)
	d.expect(exitUnpaid, []string{"run", "-csv", file, "-size", "2", "-max-failed-rows", "2"}, "too many rows failed", "pending           4", "-max-failed-rows 7")
	d.paid(0)
	d.expect(exitUnpaid, []string{"run", "-max-failed-rows", "7"}, "paid           4")
	d.paid(4)

	short := newDesk(t)
	file = short.wages(short.banks(3))
	short.server.SetBalance(short.server.Account().ID, 350)
	short.expect(exitNotSent, []string{"run", "-csv", file}, "the source has 3.50 USD")
	short.expect(exitUnpaid, []string{"run", "-csv", file, "-allow-shortfall"}, "paid           2")
	short.paid(2)

	held := newDesk(t)
	banks := held.banks(2)
	held.foreign(banks[0], "november-00001")
	file = held.wages(banks)
	held.expect(exitPerson, []string{"run", "-csv", file, "-size", "1", "-run", "november"}, "pending           1")
	held.paid(1)
	// Another record of the payout may have paid the others.
	held.expect(exitPerson, []string{"resolve"}, "another record of this payout")
	held.expect(exitPerson, []string{"run", "-send-others"}, "pending           1")
	held.paid(1)
}

func TestTheSameFileUnderAnotherNameNeedsAWord(t *testing.T) {
	d := newDesk(t)
	file := d.wages(d.banks(2))
	d.expect(exitPaid, []string{"run", "-csv", file, "-run", "november"}, "paid           2")
	d.expect(exitPerson, []string{"run", "-csv", file, "-run", "december"}, "2 rows the same")
	d.paid(2)
	d.expect(exitPaid, []string{"run", "-csv", file, "-run", "december", "-again"}, "paid           2")
	d.paid(4)
	d.expect(exitPerson, []string{"run", "-csv", file, "-added", "-run", "january"}, "no row was added")
	d.paid(4)
}

func TestFault360_ARecordThatIsDamagedInMidRunIsNotCalledNothingSent(t *testing.T) {
	record := filepath.Join(t.TempDir(), "payout.db")
	var created atomic.Int32
	// The record is damaged after the second mass payment, while it is open.
	damaging := dwollatest.WithObserver(func(r dwollatest.Request) {
		if r.Operation == "createMassPayment" && created.Add(1) == 2 {
			text, err := os.ReadFile(record)
			if err != nil {
				t.Error(err)
				return
			}
			disk, err := os.OpenFile(record, os.O_WRONLY, 0)
			if err != nil {
				t.Error(err)
				return
			}
			defer disk.Close()
			for at, next := 0, 0; ; at = next {
				i := bytes.Index(text[at:], []byte(`"state":"planned"`))
				if i < 0 {
					return
				}
				next = at + i + 10
				_, _ = disk.WriteAt([]byte("P"), int64(at+i+9))
			}
		}
	})
	d := newDesk(t, damaging)
	d.record = record
	file := d.wages(d.banks(5))
	o := d.expect(exitUnpaid, []string{"run", "-csv", file, "-size", "1"}, "the record is damaged", "look at Dwolla")
	if strings.Contains(o.all(), "nothing was sent") || len(d.server.Ledger()) == 0 {
		t.Errorf("%d are paid, and the program says:\n%s", len(d.server.Ledger()), o.all())
	}
	o = d.expect(exitUnpaid, []string{"run", "-csv", file, "-size", "1"}, "the record is damaged")
	if strings.Contains(o.all(), "nothing was sent") {
		t.Error(o.all())
	}
}

func TestFault361_AReportThatCannotBeWrittenIsNotCalledNothingSent(t *testing.T) {
	d := newDesk(t)
	file := d.wages(d.banks(1))
	d.payout("help") // sets the variables
	var errs strings.Builder
	code := run(t.Context(), []string{"run", "-record", d.record, "-csv", file}, &console{in: strings.NewReader(""), out: failingWriter{}, err: &errs})
	if code != exitUnpaid || strings.Contains(errs.String(), "nothing was sent") || !strings.Contains(errs.String(), "the report cannot be written") {
		t.Errorf("exit code %d, %s", code, errs.String())
	}
	d.paid(1)
}

func TestARunThatDwollaRefusesBeforeTheFirstRequestSaysThatNothingWasSent(t *testing.T) {
	d := newDesk(t)
	file := d.wages(d.banks(1))
	d.server.Fault("listAccountMassPayments", dwollatest.Fault{Status: 401})
	o := d.expect(exitNotSent, []string{"run", "-csv", file}, "nothing was sent")
	d.paid(0)
	d.server.ClearFaults()
	if d.expect(exitPaid, []string{"run", "-csv", file}, "paid           1"); strings.Contains(o.out, "retry") {
		t.Errorf("%s", o.out)
	}
}

func TestFault363_TwoProgramsWithTwoRecordsPayEveryoneOnce(t *testing.T) {
	for _, name := range []string{"", "november"} {
		d := newDesk(t)
		d.server.Fault("createMassPayment", dwollatest.Fault{Delay: 500 * time.Millisecond})
		file := d.wages(d.banks(20))
		d.payout("help") // sets the variables
		outcomes := make([]outcome, 2)
		var programs sync.WaitGroup
		for i := range outcomes {
			programs.Go(func() {
				outcomes[i] = d.start("run", "-csv", file, "-run", name, "-record", filepath.Join(d.dir, fmt.Sprint(i, name, ".db")))
			})
		}
		programs.Wait()
		d.paid(20)
		said := 0
		for _, o := range outcomes {
			if o.code != exitPaid || !strings.Contains(o.out, "paid          20") {
				t.Errorf("exit code %d\n%s", o.code, o.all())
			}
			if strings.Contains(o.errors, "was found at Dwolla and is not sent again: another program, or an earlier request, has sent it") {
				said++
			}
		}
		if said == 0 {
			t.Errorf("no program says why it did not pay:\n%s\n%s", outcomes[0].errors, outcomes[1].errors)
		}
	}
}

func TestTwoProgramsWithOneRecordDoNotWorkAtOnce(t *testing.T) {
	d := newDesk(t)
	file := d.wages(d.banks(1))
	store, err := openRecord(d.record)
	if err != nil {
		t.Fatal(err)
	}
	o := d.expect(exitUnpaid, []string{"run", "-csv", file}, "in use by another payout program")
	if strings.Contains(o.all(), "nothing was sent") {
		t.Error(o.all())
	}
	store.Close()
	d.expect(exitPaid, []string{"run", "-csv", file})
}
