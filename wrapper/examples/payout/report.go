package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// report is the text about all recipients, and whether all were paid.
func report(ctx context.Context, store payout.Store, s *payout.Summary, runErr error) (text string, allPaid bool, err error) {
	var w strings.Builder
	if err := reportFailed(ctx, &w, store, s.Batch.ID); err != nil {
		return "", false, err
	}
	if runErr != nil {
		reportOpen(&w, s, runErr)
	}
	err = reportTotals(&w, &s.Totals)
	return w.String(), runErr == nil && s.Totals.Paid == s.Totals.All(), err
}

// reportFailed is the table of those that Dwolla refused.
func reportFailed(ctx context.Context, w *strings.Builder, store payout.Store, batch string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	head := "LINE\tCORRELATION ID\tAMOUNT\tCODE\tREASON\n"
	for row, err := range payout.OpenReport(store, batch).Rows(ctx) {
		if err != nil {
			return err
		}
		if row.Status != payout.Failed {
			continue
		}
		_, err = fmt.Fprintf(table, "%s%d\t%s\t%s\t%s\t%s\n", head, row.Line, row.CorrelationID, row.Amount, printable(row.Code), printable(row.Message))
		if err != nil {
			return err
		}
		head = ""
	}
	return table.Flush()
}

// reportOpen shows what a person needs to find out more.
func reportOpen(w *strings.Builder, s *payout.Summary, runErr error) {
	fmt.Fprintf(w, "\n%s\n", printable(runErr.Error()))
	for _, c := range s.Held {
		fmt.Fprintf(w, "  mass payment %d of %d, %d rows: %s\n", c.Number, s.Batch.Chunks, c.Rows, c.Hold.Reason)
		fmt.Fprintf(w, "    idempotency key  %s\n    correlation id   %s\n", c.Key, c.CorrelationID)
		for _, href := range c.Hold.Candidates {
			fmt.Fprintf(w, "    found            %s\n", printable(href))
		}
		fmt.Fprintln(w, "    It may be paid, now or later. Do not pay it in another way: look it up at Dwolla, then resolve it.")
	}
	fmt.Fprintln(w, "Run this again with the same file to go on; nothing is paid twice.")
}

// reportTotals is the table at the end: how many recipients and how much money, by state.
func reportTotals(w *strings.Builder, t *payout.Totals) error {
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	lines := []string{"\trecipients\tamount\t\n"}
	for _, line := range []struct {
		name  string
		tally payout.Tally
	}{
		{"paid", t.Paid}, {"failed", t.Failed}, {"cancelled", t.Cancelled}, {"pending", t.Pending}, {"unknown", t.Unknown}, {"total", t.All()},
	} {
		if line.tally.Rows > 0 {
			lines = append(lines, fmt.Sprintf("%s\t%d\t%s\t\n", line.name, line.tally.Rows, line.tally.Amount()))
		}
	}
	if _, err := io.WriteString(table, strings.Join(lines, "")); err != nil {
		return err
	}
	return table.Flush()
}

// printable replaces control characters of a server's text.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}
