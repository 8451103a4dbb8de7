package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os/user"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

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
	}
	if err != nil {
		return exit(exitNotSent, fmt.Errorf("%w; %s -h shows the flags", err, f.Name()))
	}
	return nil
}

// ofPayout are the flags that say which payout is meant.
func (f *flags) ofPayout() *flags {
	f.StringVar(&f.record, "record", "payout.db", "`file` in which the payouts are on record")
	f.StringVar(&f.name, "run", "", "`name` of the payout; not needed when there is only one that it can be")
	return f
}

// ofFile are the flags of a CSV.
func (f *flags) ofFile() *flags {
	f.help += "\n\n" + csvFormat
	f.StringVar(&f.csv, "csv", "", "`file` of the recipients")
	f.StringVar(&f.ignore, "ignore-columns", "", "`names` of other columns in the file, with commas between them; * for all others")
	return f
}

// ofDwolla are the flags of what is done at Dwolla.
func (f *flags) ofDwolla() *flags {
	f.StringVar(&f.source, "source", "", "id or `URL` of the funding source that pays; else DWOLLA_FUNDING_SOURCE, or the balance or first verified bank of the account")
	f.BoolVar(&f.production, "production", false, "pay real money; needs DWOLLA_ENVIRONMENT=production too")
	return f
}

// ofPlan are the flags of how a file is paid.
func (f *flags) ofPlan() *flags {
	f.IntVar(&f.size, "size", payout.MaxChunkRows, "`rows` in one mass payment, at most 5,000")
	f.BoolVar(&f.deferred, "deferred", false, "create the mass payments, and move the money after \"payout approve\"")
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

// ignored are the columns that -ignore-columns names.
func (f *flags) ignored() []string {
	return list(f.ignore)
}

const csvFormat = `The file is a CSV in UTF-8 with commas and a header. Its columns, in any order and case:

  destination      id or URL of the funding source that is paid; needed
  amount           US dollars, such as 12.50, without a currency sign and without commas; needed
  correlation_id   your own name for the payment, unique in the file; letters, digits and - . _
  currency         USD
  clearing         next-available for same-day ACH
  addenda          a text for the statement, up to 80 characters; has to be enabled at Dwolla
  processing_channel
                   instant or real-time-payments, from a balance
  metadata.NAME    up to nine pieces of metadata that travel with the payment

Every bad row is reported with its line before anything is sent.`
