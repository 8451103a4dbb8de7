package main

import (
	"strings"
	"testing"
)

func TestFault405_APayoutThatIsOverIsNotPausedResumedApprovedOrCancelled(t *testing.T) {
	d := newDesk(t)
	d.expect(exitPerson, []string{"run", "-csv", d.wages(d.banks(3)), "-run", "november", "-deferred"})
	d.expect(exitUnpaid, []string{"resume", "-by", "Jane"}, "is not paused")
	d.expect(exitPaid, []string{"approve", "-total", "6.00", "-by", "Jane"})
	d.expect(exitPaid, []string{"run"})
	before := d.payout("status").out
	for command, args := range map[string][]string{"pause": nil, "resume": nil, "cancel": nil, "approve": {"-total", "6.00"}} {
		o := d.expect(exitUnpaid, append([]string{command, "-by", "Jane"}, args...), "payout november is over", "3 recipients were paid, 6.00 USD", "nothing to "+command)
		if o.out != "" {
			t.Errorf("%s says %s", command, o.out)
		}
	}
	if after := d.payout("status").out; after != before || strings.Contains(after, "cancelled") {
		t.Errorf("the record was changed:\n%s", after)
	}
	d.paid(3)
	f := failing(t, 2, 1)
	f.expect(exitUnpaid, []string{"cancel", "-by", "Jane"}, "payout november is over", "1 recipients were paid", "2 failed", "nothing to cancel")
}
