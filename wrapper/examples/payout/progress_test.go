package main

import (
	"strings"
	"testing"
)

func TestATerminalShowsOneLine(t *testing.T) {
	var out strings.Builder
	p := &progress{w: &out, live: true, total: 20}
	p.show(5)
	p.base, p.became = 10, "9 paid, 1 failed"
	p.show(10)
	p.end()
	p.end()
	const want = "\r\x1b[K[#######.......................] 5 of 20 recipients" +
		"\r\x1b[K[##############################] 20 of 20 recipients: 9 paid, 1 failed\n"
	if got := out.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestElsewhereThereIsALineForEveryTenth(t *testing.T) {
	var out strings.Builder
	p := &progress{w: &out, total: 40, tenth: -1}
	for done := range 9 {
		p.show(done)
	}
	p.note("a note")
	const want = "0 of 40 recipients\n4 of 40 recipients\n8 of 40 recipients\na note\n"
	if got := out.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestFault409_TheProgressSaysWhatIsHeldAndNotThatItIsDone(t *testing.T) {
	d := newDesk(t)
	banks := d.banks(10)
	d.foreign(banks[0], "november-00001")
	o := d.expect(exitPerson, []string{"run", "-csv", d.wages(banks), "-run", "november"}, "0 of 10 recipients: 10 held")
	if strings.Contains(o.errors, "10 of 10") {
		t.Errorf("nobody was paid:\n%s", o.errors)
	}
	// The second mass payment is the one that is held.
	d = newDesk(t)
	banks = d.banks(10)
	d.foreign(banks[0], "november-00002")
	o = d.expect(exitPerson, []string{"run", "-csv", d.wages(banks), "-run", "november", "-size", "6"}, "6 of 10 recipients: 6 paid, 4 held")
	if strings.Contains(o.errors, "10 of 10") {
		t.Errorf("four were not paid:\n%s", o.errors)
	}
	f := failing(t, 2, 2)
	f.expect(exitUnpaid, []string{"run"}, "4 of 4 recipients: 2 paid, 2 failed")
}
