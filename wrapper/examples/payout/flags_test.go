package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestFault406_ABadValueOfAFlagIsRefusedWithWhatWouldBeRight(t *testing.T) {
	d := newDesk(t)
	file := d.wages(d.banks(3))
	onRecord := []string{"run", "-csv", file, "-run", "november"}
	d.expect(exitPaid, onRecord)
	for _, test := range []struct {
		args string
		want string
	}{
		{"run -csv FILE -size -1", `invalid value "-1" for flag -size: it must be 1 to 5000`},
		{"run -csv FILE -size 0", `invalid value "0" for flag -size: it must be 1 to 5000`},
		{"run -csv FILE -size 5001", `invalid value "5001" for flag -size: it must be 1 to 5000`},
		{"run -csv FILE -size many", "-size"},
		{"run -size 5001", `invalid value "5001" for flag -size: it must be 1 to 5000`},
		{"demo -size 0", `invalid value "0" for flag -size: it must be 1 to 5000`},
		{"demo -recipients -1", `invalid value "-1" for flag -recipients: it must be 0 or more`},
		{"run -csv FILE -run two+words", `invalid value "two+words" for flag -run: it must be letters, digits`},
		{"status -run two+words", `invalid value "two+words" for flag -run: it must be letters, digits`},
		{"retry -as two+words", `invalid value "two+words" for flag -as: it must be letters, digits`},
		{"retry -as november", "-as november: it is the payout"},
		{"retry -of paid", `-of "paid": it must be failed, returned or cancelled`},
		{"retry -lines 0", `-lines "0"`},
		{"retry -lines 2,,3", `-lines ""`},
		{"resolve -chunk -1", `invalid value "-1" for flag -chunk: it must be 1 or more`},
		{"resolve -decision maybe -chunk 1", "for flag -decision: it must be look, adopt, send or reopen"},
		{"resolve -decision send", "-decision needs -chunk"},
		{"resolve -chunk 2 -decision send", "-chunk 2: payout november has 1 mass payments"},
		{"followup -transfers x", `-transfers "x": it must be ids or URLs of transfers`},
		{"followup -transfers 707177c3-bf15-4e7e-b37c-55c3898d9bf4,", `-transfers "": it must be`},
		{"approve -total 1,250.00", `invalid value "1,250.00" for flag -total: it must be dollars and cents, such as 1250.00`},
		{"report -format pdf", `invalid value "pdf" for flag -format: it must be csv or json`},
		{"run -csv FILE -max-failed-rows -2", `invalid value "-2" for flag -max-failed-rows: it must be 1 or more`},
		{"run -added", "-added needs -csv"},
		{"run -again", "-again needs -csv"},
		{"run -deferred", "-deferred needs -csv"},
		{"run -csv FILE -again", "-again needs -run"},
		{"run -csv FILE -again -added -run x", "-again and -added"},
		{"check", "-csv names the file"},
	} {
		args := strings.Fields(test.args)
		for i, word := range args {
			args[i] = strings.Replace(strings.Replace(word, "FILE", file, 1), "+", " ", 1)
		}
		o := d.payout(args...)
		if want := strings.Replace(test.want, "+", " ", 1); o.code != exitNotSent || !strings.Contains(o.errors, want) || strings.Contains(o.all(), "Plan.") {
			t.Errorf("payout %s: exit code %d, not 2 with %q\n%s", test.args, o.code, want, o.all())
		}
	}
	d.paid(3)
}

func TestFault407_AFileThatIsNoGoodSaysWhatToDoWithTheFlagsThereAre(t *testing.T) {
	d := newDesk(t)
	bank := d.banks(1)[0]
	for _, command := range []string{"check", "run", "demo"} {
		for _, test := range []struct{ text, want string }{
			{"destination,amount,Team\n" + bank + ",1.00,A\n", `-ignore-columns Team`},
			{"destination,amount,Home Team\n" + bank + ",1.00,A\n", `-ignore-columns 'Home Team'`},
			{bank + ",1.00\n", "destination,amount,correlation_id"},
			{"d\x00e\x00s\x00t\x00", "UTF-16"},
			{"destination,amount,Pr\xe9nom\n" + bank + ",1.00,A\n", "Windows-1252"},
			{"destination,amount\n" + bank + ",1.00\nTotal,1.00\n", `line 3: destination "Total": is neither an id`},
		} {
			d.expect(exitNotSent, []string{command, "-csv", d.file("bad.csv", test.text)}, test.want)
		}
	}
	blank := d.file("blank.csv", "destination,amount,correlation_id\n"+bank+",1.00,a\n   \n\t,\n,,,,,\n")
	d.expect(exitPaid, []string{"check", "-csv", blank}, "1 rows, 1.00 USD, no problem")
	d.paid(0)
	d.expect(exitPaid, []string{"run", "-csv", blank}, "paid           1")
	d.expect(exitPaid, []string{"report", "-csv", blank}, bank+",1.00,a,2,paid")
	d.paid(1)
}

func TestTheHelpOfRunSaysWhatIsNotNoticed(t *testing.T) {
	d := newDesk(t)
	d.expect(exitPaid, []string{"run", "-h"}, "another record", "-size", "correlation ids", "TMPDIR")
}

func TestTheFlagsOfACommandAreRepeatedAsTheyWereGiven(t *testing.T) {
	f := newFlags(&console{}, "run", "").ofPayout().ofFile().ofSize().ofSource()
	if err := f.parse([]string{"-run", "true", "-csv", "my wages.csv", "-size", "7", "-production=false"}); err != nil {
		t.Fatal(err)
	}
	if got, want := f.sameLine("run", "-added"), "payout run -csv 'my wages.csv' -production=false -run true -size 7 -added"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

func TestAnArgumentWithSpacesIsQuotedForTheShell(t *testing.T) {
	f := &flags{record: "/home/Jane O'Neil/payout.db"}
	if got, want := f.line("status", "november"), `payout status -record '/home/Jane O'\''Neil/payout.db' -run november`; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	t.Setenv("DWOLLA_ENVIRONMENT", "production")
	f.record = defaultRecord
	if got, want := f.line("run", "november"), "payout run -run november -production"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	if got, want := f.line("status", "november"), "payout status -run november"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

// printed are the commands that an outcome says: on lines of their own, and between quotes.
func (d *desk) printed(o outcome) (commands [][]string) {
	for line := range strings.Lines(o.all()) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "payout "); ok && strings.HasPrefix(line, "  ") {
			commands = append(commands, strings.Fields(text))
		}
	}
	for i, text := range strings.Split(o.all(), `"`) {
		if text, ok := strings.CutPrefix(text, "payout "); ok && i%2 == 1 {
			commands = append(commands, strings.Fields(text))
		}
	}
	return commands
}

func TestFault408_EveryCommandThatIsPrintedWorksAsPrinted(t *testing.T) {
	tests := []struct {
		name   string
		before func(*desk)
		args   string // of the command that prints
		want   string // commands that are printed, without -record and -run
	}{
		{"rows that failed", func(d *desk) {}, "status -run november", "retry -of failed"},
		{"rows that came back", func(d *desk) {
			d.expect(exitPaid, []string{"retry", "-run", "november"})
			_, bank := d.server.AddReceiver("R01-late")
			d.expect(exitPaid, []string{"run", "-csv", d.file("late.csv", header+bank.ID+",1.00,late,\n"), "-run", "late"})
			d.server.Settle()
			d.server.Settle()
		}, "followup -run late", "retry -of returned"},
		{"rows that are in a retry", func(d *desk) { d.expect(exitPaid, []string{"retry", "-run", "november"}) }, "status -run november", ""},
		{"rows that cannot be retried again", func(d *desk) { d.expect(exitPaid, []string{"retry", "-run", "november"}) }, "retry -run november", "status"},
		{"a payout that was interrupted", func(d *desk) { d.interrupt("run", "-csv", d.other(), "-run", "other") }, "status", "run"},
		{"a retry that was interrupted", func(d *desk) { d.interrupt("retry") }, "status", "run"},
		{"a deferred payout", func(d *desk) {
			d.expect(exitPerson, []string{"run", "-csv", d.other(), "-run", "other", "-deferred"})
		}, "status", "approve -total 1.00; cancel; run"},
		{"a paused payout", func(d *desk) {
			d.interrupt("run", "-csv", d.other(), "-run", "other")
			d.expect(exitPaid, []string{"pause", "-by", "Jane"})
		}, "status", "resume; run"},
		{"a decision", func(d *desk) { d.interrupt("run", "-csv", d.other(), "-run", "other") }, "pause -by Jane", "resume"},
		{"the end of a pause", func(d *desk) {
			d.interrupt("run", "-csv", d.other(), "-run", "other")
			d.expect(exitPaid, []string{"pause", "-by", "Jane"})
		}, "resume -by Jane", "run"},
		{"an approval", func(d *desk) {
			d.expect(exitPerson, []string{"run", "-csv", d.other(), "-run", "other", "-deferred"})
		}, "approve -total 1.00 -by Jane", "run"},
		{"a cancellation", func(d *desk) {
			d.expect(exitPerson, []string{"run", "-csv", d.other(), "-run", "other", "-deferred"})
		}, "cancel -by Jane", "run"},
		{"a held mass payment", (*desk).held, "status", "resolve"},
		{
			"a held mass payment, off a terminal", (*desk).held, "resolve",
			"resolve -chunk 1 -decision look; resolve -chunk 1 -decision adopt; resolve -chunk 1 -decision send",
		},
		{"a decision about a mass payment", (*desk).held, "resolve -chunk 1 -decision look -by Jane", "run"},
		{"several payouts that are not over", func(d *desk) {
			d.expect(exitPerson, []string{"run", "-csv", d.other(), "-run", "other", "-deferred"})
			d.interrupt("retry", "-run", "november")
		}, "run", "status; status"},
		{"a name that is not on record", func(d *desk) {}, "run -run december", "status"},
		{"a file with other rows", func(d *desk) {}, "run -run november -csv OTHER", "run"},
		{"a file that was paid elsewhere", func(d *desk) {}, "run -run december -csv WAGES", "run -csv WAGES -added; run -csv WAGES -again"},
		{"a file that was paid elsewhere, without a name", func(d *desk) { d.other() }, "run -csv MORE", "run -csv MORE -added"},
		{"a file that was paid elsewhere, to check", func(d *desk) { d.other() }, "check -csv MORE", "run -csv MORE -added"},
		{"no credentials", func(d *desk) { d.env = nil }, "run -csv OTHER", "demo"},
		{"a file on record that was read no more", func(d *desk) {}, "run -run november -csv nowhere", "status"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := failing(t, 1, 1)
			test.before(d)
			args := strings.Fields(test.args)
			for i := range args {
				switch args[i] {
				case "OTHER":
					args[i] = d.other()
				case "WAGES":
					args[i] = filepath.Join(d.dir, "wages.csv")
				case "MORE":
					args[i] = d.more()
				}
			}
			o := d.payout(args...)
			var printed []string
			for _, command := range d.printed(o) {
				var words []string
				for i := 0; i < len(command); i++ {
					switch command[i] {
					case "-record", "-run":
						i++
					default:
						word := strings.Replace(command[i], filepath.Join(d.dir, "wages.csv"), "WAGES", 1)
						words = append(words, strings.Replace(word, filepath.Join(d.dir, "more.csv"), "MORE", 1))
					}
				}
				printed = append(printed, strings.Join(words, " "))
			}
			if got := strings.Join(printed, "; "); got != test.want {
				t.Errorf("printed %q, not %q:\n%s", got, test.want, o.all())
			}
			for _, command := range d.printed(o) {
				if command[0] == "demo" {
					continue // nothing to get wrong, and seconds long
				}
				if !slices.Contains(command, "-record") {
					t.Errorf("payout %s does not name the record", strings.Join(command, " "))
				}
				// As printed: another code than 2, and no complaint about the flags.
				after := d.start(command...)
				if after.code == exitNotSent && !strings.Contains(after.errors, "nothing was sent") || strings.Contains(after.errors, "-run") && strings.Contains(after.errors, "name the payout") || strings.Contains(after.errors, "there is no") ||
					strings.Contains(after.errors, "is over") && command[0] != "cancel" {
					t.Errorf("payout %s: exit code %d\n%s", strings.Join(command, " "), after.code, after.all())
				}
			}
		})
	}
}

func TestTheCommandsOfTheDocumentationAreRight(t *testing.T) {
	d := newDesk(t)
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(d.dir)
	texts := []string{string(readme)}
	for _, cmd := range commands() {
		texts = append(texts, d.payout(cmd.name, "-h").out)
	}
	printed := regexp.MustCompile(`(?m)"payout ([^"]*)"|^\./payout ([^#\n]*)`).FindAllStringSubmatch(strings.Join(texts, "\n"), -1)
	if len(printed) < 10 {
		t.Errorf("%d commands in the documentation", len(printed))
	}
	for _, match := range printed {
		args := strings.Fields(match[1] + match[2])
		if args[0] == "demo" || args[0] == "COMMAND" {
			continue
		}
		o := d.start(args...)
		if strings.Contains(o.errors, "-h shows the flags") || strings.Contains(o.errors, "there is no command") {
			t.Errorf("%s: %s", match[0], o.errors)
		}
	}
}

// other is a file with one payment of its own, and more the file of [failing] with one more row.
func (d *desk) other() string {
	_, bank := d.server.AddReceiver("Other")
	return d.file("other.csv", header+bank.ID+",1.00,other,\n")
}

func (d *desk) more() string {
	_, bank := d.server.AddReceiver("More")
	return d.file("more.csv", d.contents()["wages.csv"]+bank.ID+",1.00,more,\n")
}

// held leaves the payout "other" with a mass payment of which nobody knows what it is.
func (d *desk) held() {
	bank := d.banks(1)[0]
	d.foreign(bank, "other-00001")
	d.expect(exitPerson, []string{"run", "-csv", d.file("other.csv", header+bank+",1.00,other,\n"), "-run", "other"}, "ambiguous")
}
