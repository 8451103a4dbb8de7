package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// failing is a desk with a payout "november" of which the first rows failed, whose cause is mended.
func failing(t *testing.T, failed, paid int) *desk {
	t.Helper()
	d := newDesk(t)
	banks := d.banks(failed + paid)
	for _, bank := range banks[:failed] {
		source, err := d.server.Dwolla().FundingSources.Get(t.Context(), bank)
		if err != nil {
			t.Fatal(err)
		}
		d.server.SetStatus(source.Links.Customer.ID(), "suspended")
		defer d.server.SetStatus(source.Links.Customer.ID(), "verified")
	}
	d.expect(exitUnpaid, []string{"run", "-csv", d.wages(banks), "-run", "november"}, "Restricted")
	d.paid(paid)
	return d
}

// interrupt has the next command end before it sends a mass payment.
func (d *desk) interrupt(args ...string) {
	d.t.Helper()
	d.server.Fault("listAccountMassPayments", dwollatest.Fault{Status: 401})
	if o := d.payout(args...); o.code == exitPaid {
		d.t.Errorf("payout %v: %s", args, o.all())
	}
	d.server.ClearFaults()
}

func TestFault402_TheSameCommandGoesOnWithARetryThatWasInterrupted(t *testing.T) {
	for _, args := range [][]string{
		{"retry"},
		{"retry", "-run", "november"},
		{"retry", "-lines", "2,3"},
		{"retry", "-as", "again"},
		{"retry", "-replace", "BANKS"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			d := failing(t, 2, 1)
			args := slices.Clone(args)
			if i := slices.Index(args, "BANKS"); i > 0 {
				banks := d.banks(2)
				args[i] = d.file("banks.csv", "line,destination\n2,"+banks[0]+"\n3,"+banks[1]+"\n")
			}
			d.interrupt(args...)
			d.paid(1)
			d.expect(exitPaid, args, "paid           2")
			d.paid(3)
			if o := d.payout("status", "-run", "november"); strings.Count(o.out, "retried by") != 1 {
				t.Errorf("%s", o.out)
			}
			if o := d.payout(args...); o.code == exitPaid && !strings.Contains(strings.Join(args, " "), "-as") {
				t.Errorf("%s", o.all())
			}
			d.paid(3)
		})
	}
}

func TestFault403_AfterARetryCommandsWithoutANameSayWhichPayoutTheyMean(t *testing.T) {
	d := failing(t, 2, 1)
	d.interrupt("retry", "-lines", "2")
	for _, command := range []string{"status", "report", "followup"} {
		o := d.payout(command)
		if command == "followup" && (o.code != exitUnpaid || strings.Count(o.out, " rows, ") != 2) {
			t.Errorf("it is not about both payouts: exit code %d\n%s", o.code, o.out)
		}
		if !strings.Contains(o.errors, "payout november-retry") || strings.Contains(o.all(), "name the payout with -run") {
			t.Errorf("%s: exit code %d\n%s", command, o.code, o.all())
		}
	}
	d.expect(exitPaid, []string{"run"}, "payout november-retry", "paid           1")
	d.paid(2)
	d.expect(exitPaid, []string{"status"}, "november-retry, the latest of 2")
	d.expect(exitPaid, []string{"retry"}, "payout november-retry-2", "paid           1")
	d.paid(3)
	// Decisions are about no payout that was guessed.
	d.expect(exitPerson, []string{"run", "-csv", d.file("a.csv", header+d.banks(1)[0]+",1.00,a,\n"), "-run", "a", "-deferred"})
	d.expect(exitPaid, []string{"pause", "-by", "Jane"}, "payout a is paused")
	d.expect(exitPerson, []string{"run", "-csv", d.file("b.csv", header+d.banks(1)[0]+",1.00,b,\n"), "-run", "b", "-deferred"})
	d.expect(exitUnpaid, []string{"cancel", "-by", "Jane"}, "name the payout with -run", "a, b")
	d.expect(exitUnpaid, []string{"run"}, "name the payout with -run", "a, b")
	d.expect(exitPerson, []string{"status"}, "payout b, the latest of 5")
}

func TestAnotherChoiceIsAnotherRetryWhileOneIsInterrupted(t *testing.T) {
	d := failing(t, 3, 1)
	d.interrupt("retry", "-lines", "2")
	d.expect(exitPaid, []string{"retry", "-lines", "3"}, "payout november-retry-2", "paid           1")
	o := d.expect(exitUnpaid, []string{"retry"}, "payout november-retry\n", "paid           1", "1 of the rows that were chosen are not in this retry")
	if strings.Contains(o.all(), "november-retry-3") {
		t.Error(o.all())
	}
	d.expect(exitPaid, []string{"retry"}, "payout november-retry-3", "paid           1")
	d.paid(4)
	d.expect(exitUnpaid, []string{"retry"}, "are retried by")
	d.paid(4)
}

func TestFault404_WhatIsWrongWithOtherDestinationsIsSaidWithItsLine(t *testing.T) {
	d := failing(t, 2, 1)
	bank := d.banks(1)[0]
	for _, test := range []struct{ text, want string }{
		{"line,destination\n2," + bank + "\ntwo," + bank + "\n", `line 3: "two" is no line`},
		{"line,destination\n0," + bank + "\n", `line 2: "0" is no line`},
		{"line,destination\n2," + bank + "\n77," + bank + "\n", `line 3: the payout has no line 77`},
		{"correlation_id,destination\nwage-9," + bank + "\n", `line 2: the payout has no correlation id "wage-9"`},
		{"line,destination\n2," + bank + "\n2," + d.banks(1)[0] + "\n", "line 3: line 2 again"},
		{"line,destination\n2,\n", "line 2: the destination is missing"},
		{"line,destination\n2,bank of Jane\n", `"bank of Jane"`},
		{"line,destination\n2\n", "line 2: "},
		{"line;destination\n2;" + bank + "\n", "line 1: it must be a CSV in UTF-8 with commas"},
		{"l\x00i\x00n\x00e\x00", "line 1: it must be a CSV in UTF-8 with commas"},
		{"destination,line,note\n" + bank + ",4,\n", "line 4 is paid"},
		{"line,destination\n", "no rows"},
		{"", "line 1: it must be a CSV"},
	} {
		path := d.file("banks.csv", test.text)
		o := d.payout("retry", "-replace", path)
		if o.code == exitPaid || !strings.Contains(o.all(), test.want) {
			t.Errorf("%q: exit code %d: no %s in %s", test.text, o.code, test.want, o.all())
		}
	}
	d.paid(1)
	d.expect(exitUnpaid, []string{"retry", "-lines", "2,77-78"}, "-lines: the payout has no line 77")
	d.expect(exitPaid, []string{"retry", "-replace", d.file("banks.csv", "line,destination\n , \n\n2,"+bank+"\n,\n")}, "paid           1")
	d.paid(2)
	if _, err := os.Stat(d.record + ".sock"); err == nil {
		t.Error("the socket is left")
	}
}
