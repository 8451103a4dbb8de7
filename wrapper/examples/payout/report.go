package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const reportHelp = `Writes the result of every row, in the order of the file. Among the columns of the CSV are

  line, status     where the row stands, and: paid, returned, failed, cancelled, pending or unknown
  transfer         id of the transfer at Dwolla
  code, message    why it failed or came back
  returned_at      when it was seen to have come back
  mass_payment     URL at Dwolla
  retried_by       name of the payout that pays it once more

With -csv, the columns of that file come first, as they are, also those that were ignored. The JSON has one object with the
totals and the rows. Without -run, the report is that of the latest payout that is not over, or else of the latest.`

func report(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "report", reportHelp).ofPayout()
	f.StringVar(&f.csv, "csv", "", "the `file` that was paid, for its columns")
	var format string
	f.StringVar(&format, "format", "csv", "`csv` or json")
	f.must("format", "csv or json", func() bool { return format == "csv" || format == "json" })
	path := f.String("o", "", "`file` to write, in the place of an earlier report, but of nothing else; else stdout")
	if err := f.parse(args); err != nil {
		return err
	}
	if *path != "" {
		if err := f.mayWrite(*path); err != nil {
			return exit(exitNotSent, fmt.Errorf("-o %s: %w", *path, err))
		}
	}
	store, s, err := f.existing(ctx, latest)
	if err != nil {
		return err
	}
	defer store.Close()
	write := func(w io.Writer) error {
		results := payout.OpenReport(store, s.Batch.ID)
		switch {
		case format == "json":
			return results.WriteJSON(ctx, w)
		case f.csv != "":
			return reportBeside(ctx, w, results, f.file())
		default:
			return results.WriteCSV(ctx, w)
		}
	}
	if *path != "" {
		err = writeFile(*path, write)
	} else {
		err = write(c.out)
	}
	if err != nil {
		return exit(exitUnpaid, fmt.Errorf("the report is not complete: %w", err))
	}
	return nil
}

var resultColumns = []string{"line", "status", "transfer", "code", "message", "returned_at", "mass_payment", "retried_by"}

func resultFields(r *payout.RowResult) []string {
	at := ""
	if !r.At.IsZero() {
		at = r.At.Format(time.RFC3339)
	}
	return []string{strconv.Itoa(r.Line), string(r.Status), r.Transfer, r.Code, r.Message, at, r.MassPayment, r.RetriedBy}
}
