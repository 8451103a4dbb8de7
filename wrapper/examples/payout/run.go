package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const runHelp = `Pays every row of a file once, shows the progress, and ends when Dwolla has said what became of each. It can be
interrupted at any time; the same command goes on. Without -csv it goes on with a payout on record.

A file that is on record is paid once, in whatever form it was saved. One that has rows in common with another payout is
shown and not paid without a word: "added" or "again" at the terminal, -added or -again elsewhere.

What is not noticed, and pays people twice: a file that is paid from another record, or after the record was lost, under
another -run; two machines that pay a file at once, each with a record of its own and with another -size; rows that had
correlation ids in one file and have none in the next. Keep one record, and back it up.

A file of millions of rows is compared in temporary files of 60 bytes a row: TMPDIR says where, else the system does.`

func runPayout(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "run", runHelp).ofPayout().ofFile().ofSize().ofRun().ofSource()
	f.BoolVar(&f.deferred, "deferred", false, "create the mass payments, and move the money after \"payout approve\"")
	f.BoolVar(&f.onlyAdded, "added", false, "pay the rows that are in no other payout on record")
	f.BoolVar(&f.again, "again", false, "pay all rows under another -run, also those that were paid before")
	if err := f.parse(args); err != nil {
		return err
	}
	var wrong error
	f.Visit(func(set *flag.Flag) {
		if f.csv == "" && slices.Contains([]string{"added", "again", "deferred", "size", "ignore-columns"}, set.Name) {
			wrong = exit(exitNotSent, fmt.Errorf("-%s needs -csv: what is on record is paid as it is", set.Name))
		}
	})
	switch {
	case wrong != nil:
		return wrong
	case f.again && f.onlyAdded:
		return exit(exitNotSent, errors.New("-again and -added are two things: choose one"))
	case f.again && f.name == "":
		return exit(exitNotSent, errors.New("-again needs -run: another payout needs another name"))
	case f.csv == "":
		return f.goOn(ctx)
	}
	store, client, name, err := f.begin(ctx)
	if store != nil {
		defer store.Close()
	}
	if err != nil {
		return f.notBegun(ctx, store, err)
	}
	defer c.serve(ctx, f.record, store)()
	return f.pay(ctx, store, client, name, false)
}

// begin writes down what a file pays. Nothing is sent yet.
func (f *flags) begin(ctx context.Context) (*record, *dwolla.Client, string, error) {
	inspection, err := inspect(ctx, f.console, f.file().rows(), payout.Plan{}) // before anything else is done
	if err != nil {
		return nil, nil, "", err
	}
	inspection.Close()
	client, source, err := f.connectSource(ctx)
	if err != nil {
		return nil, nil, "", err
	}
	store, err := openRecord(f.record)
	if err != nil {
		return nil, nil, "", err
	}
	name, err := f.prepare(ctx, store, f.file(), source)
	return store, client, name, err
}

// notBegun is the error of a command that has sent nothing. Whether earlier ones have is on record.
func (f *flags) notBegun(ctx context.Context, store *record, err error) error {
	if _, decided := errors.AsType[*exitError](err); decided {
		return err
	}
	if f.name != "" && f.sentBefore(context.WithoutCancel(ctx), store) {
		return exit(exitUnpaid, fmt.Errorf("%w\nthis command sent nothing; an earlier one did, or may have: %s", err, try("see", f.line("status", f.name))))
	}
	return exit(exitNotSent, fmt.Errorf("%w\nnothing was sent", err))
}

// sentBefore reports whether something of the payout was or may have been sent.
func (f *flags) sentBefore(ctx context.Context, store *record) bool {
	if store == nil {
		if _, err := os.Stat(f.record); err != nil {
			return !errors.Is(err, os.ErrNotExist)
		}
		var err error
		if store, err = openRecord(f.record); err != nil {
			return true
		}
		defer store.Close()
	}
	return !untouched(ctx, store, f.name)
}

// goOn runs a payout that is on record.
func (f *flags) goOn(ctx context.Context) error {
	store, s, err := f.existing(ctx, notOver)
	if err != nil {
		return err
	}
	defer store.Close()
	f.name = s.Batch.ID
	client, err := f.connect()
	if err != nil {
		return f.notBegun(ctx, store, err)
	}
	defer f.console.serve(ctx, f.record, store)()
	return f.pay(ctx, store, client, f.name, false)
}
