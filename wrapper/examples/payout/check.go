package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const checkHelp = `Reads a file and says what "payout run" would do with it: how many rows, how much money, what is wrong with rows, what of it
is on record already, and, with credentials, whether the source has the money. Nothing is sent or written down.`

func check(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "check", checkHelp).ofPayout().ofFile().ofSource()
	if err := f.parse(args); err != nil {
		return err
	}
	if f.csv == "" {
		return exit(exitNotSent, errors.New("-csv names the file"))
	}
	var client *dwolla.Client
	source := &dwolla.FundingSource{}
	if configured() {
		var err error
		if client, source, err = f.connectSource(ctx); err != nil {
			return exit(exitNotSent, err)
		}
	}
	p, store, err := f.lookAtRecord(ctx, source.Links.Self.Href)
	defer p.close()
	if store != nil {
		defer store.Close()
	}
	if err != nil {
		if _, decided := errors.AsType[*exitError](err); decided {
			return err
		}
		return exit(exitNotSent, err)
	}
	fmt.Fprintf(c.out, "%s: %d rows, %s, no problem\n", f.csv, p.inspection.Rows, p.inspection.Amount())
	open, err := f.checkRecord(ctx, store, p)
	if err != nil {
		return err
	}
	if client == nil {
		fmt.Fprintln(c.out, "no credentials: the source and its money were not looked at")
		return nil
	}
	return checkFunds(ctx, c, client, source, open)
}

// lookAtRecord compares the file with the record. One that is not there is not made.
func (f *flags) lookAtRecord(ctx context.Context, source string) (p *plan, store *record, err error) {
	if _, err := os.Stat(f.record); !errors.Is(err, os.ErrNotExist) {
		if store, err = openRecord(f.record); err != nil {
			return nil, nil, err
		}
	}
	p, err = f.compare(ctx, store, f.file(), source)
	return p, store, err
}

// checkRecord says what is on record of the file, and gives what is still to be paid.
func (f *flags) checkRecord(ctx context.Context, store payout.Store, p *plan) (open payout.Tally, err error) {
	out := f.console.out
	switch {
	case p.known != nil:
		s, err := payout.Summarize(ctx, store, p.name)
		if err != nil {
			return open, exit(exitUnpaid, err)
		}
		fmt.Fprintf(out, "it is payout %s on record; run goes on with it:\n", p.name)
		for _, line := range byStatus(&s.Totals) {
			showTally(out, line.name, line.Tally)
		}
		return s.Totals.Pending, nil
	case p.edited != nil:
		showDifference(out, p.edited)
		return open, f.edited(p.name)
	case len(p.overlaps) > 0:
		for i := range p.overlaps {
			showDifference(out, &p.overlaps[i])
		}
		return open, f.overlapping(ctx, p, f.file())
	}
	fmt.Fprintf(out, "none of it is on record; run makes it payout %s\n", p.name)
	return p.inspection.Tally, nil
}

// checkFunds says whether the source has the money. What a bank has is not known before it is debited.
func checkFunds(ctx context.Context, c *console, client *dwolla.Client, source *dwolla.FundingSource, open payout.Tally) error {
	fmt.Fprintf(c.out, "the money comes from %s, a %s\n", printable(source.Links.Self.Href), printable(string(source.Type)))
	if err := payout.CheckFunds(ctx, payout.Dwolla(client), source.Links.Self.Href, open.Amount()); err != nil {
		return exit(exitUnpaid, err)
	}
	fmt.Fprintf(c.out, "%s are to be paid\n", open.Amount())
	return nil
}
