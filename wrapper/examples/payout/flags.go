package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os/user"
	"slices"
	"strings"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const defaultRecord = "payout.db"

// flags are those of one command.
type flags struct {
	*flag.FlagSet
	console *console
	help    string

	record, name     string // of the payout
	csv, ignore      string
	source           string
	production       bool
	size             int
	deferred         bool
	by, why          string
	again, onlyAdded bool
	maxFailed        int
	sendOthers       bool
	allowShortfall   bool
}

// newFlags begins the flags of a command; the help says what it does.
func newFlags(c *console, command, help string) *flags {
	f := &flags{FlagSet: flag.NewFlagSet("payout "+command, flag.ContinueOnError), console: c, help: help}
	f.SetOutput(io.Discard) // parse writes
	return f
}

// parse reads the arguments. Its error ends the program: 2, or after -h 0.
func (f *flags) parse(args []string) error {
	err := f.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		f.SetOutput(f.console.out)
		fmt.Fprintf(f.console.out, "usage: %s [flags]\n\n%s\n\n", f.Name(), f.help)
		f.PrintDefaults()
		return err
	case err == nil && f.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", f.Arg(0))
	case err == nil && f.csv != "" && sameFile(f.csv, f.record):
		err = fmt.Errorf("-record %s: it is the file of -csv", f.record)
	}
	if err != nil {
		return exit(exitNotSent, fmt.Errorf("%w; %s -h shows the flags", err, f.Name()))
	}
	return nil
}

// ofPayout are the flags that say which payout is meant.
func (f *flags) ofPayout() *flags {
	f.StringVar(&f.record, "record", defaultRecord, "`file` in which the payouts are on record")
	f.ofName(&f.name, "run", "`name` of the payout; not needed when there is only one that it can be")
	return f
}

// ofName is a flag that names a payout.
func (f *flags) ofName(p *string, name, usage string) {
	f.StringVar(p, name, "", usage)
	f.must(name, "letters, digits and - . _, at most 200", func() bool {
		return *p == "" || dwolla.ValidateCorrelationID(*p) == nil && len(*p) <= 200
	})
}

// ofFile are the flags of a CSV.
func (f *flags) ofFile() *flags {
	f.help += "\n\n" + csvFormat
	f.StringVar(&f.csv, "csv", "", "`file` of the recipients")
	f.StringVar(&f.ignore, "ignore-columns", "", "`names` of other columns in the file, with commas between them; * for all others")
	return f
}

// ofSource are the flags of a payout that is not on record yet.
func (f *flags) ofSource() *flags {
	f.StringVar(&f.source, "source", "", "id or `URL` of the funding source that pays; else DWOLLA_FUNDING_SOURCE, or the balance or first verified bank of the account")
	return f.ofDwolla()
}

// ofDwolla is the flag of what is done at Dwolla.
func (f *flags) ofDwolla() *flags {
	f.BoolVar(&f.production, "production", false, "pay real money; needs DWOLLA_ENVIRONMENT=production too")
	return f
}

// ofSize is the flag of how a file is divided.
func (f *flags) ofSize() *flags {
	f.IntVar(&f.size, "size", payout.MaxChunkRows, "`rows` in one mass payment")
	f.must("size", fmt.Sprintf("1 to %d", payout.MaxChunkRows), func() bool { return f.size >= 1 && f.size <= payout.MaxChunkRows })
	return f
}

// ofRun are the flags of when a payout stops.
func (f *flags) ofRun() *flags {
	f.IntVar(&f.maxFailed, "max-failed-rows", 0, "stop after this `number` of rows failed; default a tenth, but at least 100")
	f.must("max-failed-rows", "1 or more", func() bool { return f.maxFailed >= 1 })
	f.BoolVar(&f.sendOthers, "send-others", false, "send the other mass payments while nobody knows what became of one, but not while something else was found in its place")
	f.BoolVar(&f.allowShortfall, "allow-shortfall", false, "pay although the balance is too low; rows fail where the money ends")
	return f
}

// ofPerson are the flags of a decision.
func (f *flags) ofPerson() *flags {
	name := ""
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	f.StringVar(&f.by, "by", name, "`name` of the person who decides, for the record")
	f.StringVar(&f.why, "why", "", "`reason`, for the record")
	return f
}

func (f *flags) decider() payout.Decider { return payout.Decider{By: f.by, Why: f.why} }

// must has the value of a flag checked when it is set.
func (f *flags) must(name, want string, ok func() bool) {
	flag := f.Lookup(name)
	flag.Value = &checkedValue{flag.Value, want, ok}
	if flag.DefValue == "0" { // which stands for none, and is not shown
		flag.DefValue = ""
	}
}

type checkedValue struct {
	flag.Value
	want string
	ok   func() bool
}

func (v *checkedValue) Set(s string) error {
	if err := v.Value.Set(s); err != nil || !v.ok() {
		return errors.New("it must be " + v.want)
	}
	return nil
}

// String is called for the zero value, too.
func (v *checkedValue) String() string {
	if v.Value == nil {
		return ""
	}
	return v.Value.String()
}

// line is a command about a payout as it can be typed. Every command that the program prints is one.
func (f *flags) line(command, batch string, more ...string) string {
	words := []string{"payout", command}
	if f.record != defaultRecord {
		words = append(words, "-record", f.record)
	}
	if batch != "" {
		words = append(words, "-run", batch)
	}
	if inProduction() && slices.Contains([]string{"run", "resolve", "retry", "followup"}, command) {
		words = append(words, "-production")
	}
	return quoted(append(words, more...))
}

// sameLine is another command with the flags of this one, and more.
func (f *flags) sameLine(command string, more ...string) string {
	words := []string{"payout", command}
	f.Visit(func(set *flag.Flag) {
		if _, isBool := set.Value.(interface{ IsBoolFlag() bool }); isBool {
			words = append(words, "-"+set.Name+"="+set.Value.String())
		} else {
			words = append(words, "-"+set.Name, set.Value.String())
		}
	})
	return quoted(append(words, more...))
}

func quoted(words []string) string {
	words = slices.Clone(words)
	for i, word := range words {
		words[i] = quote(word)
	}
	return strings.Join(words, " ")
}

// quote quotes a word for the shell, if it needs it.
func quote(word string) string {
	odd := func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-._/:,@=+", c)
	}
	if word != "" && !strings.ContainsFunc(word, odd) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// try is a text with commands under it.
func try(text string, lines ...string) string {
	return text + "\n  " + strings.Join(lines, "\n  ")
}

// list splits what has commas between it.
func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

const csvFormat = `The file is a CSV in UTF-8 with commas and a header. Its columns, in any order and case:

  destination      id (a UUID) or URL of the funding source that is paid; needed
  amount           US dollars, such as 12.50, without a currency sign and without commas; needed
  correlation_id   your own name for the payment, unique in the file; letters, digits and - . _
  currency         USD
  clearing         next-available for same-day ACH
  addenda          a text for the statement, up to 80 characters; has to be enabled at Dwolla
  processing_channel
                   instant or real-time-payments, from a balance
  metadata.NAME    up to nine pieces of metadata that travel with the payment

Every bad row is reported with its line before anything is sent. Blank lines are skipped; a line of totals is a bad row.`
