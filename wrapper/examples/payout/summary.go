package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// writeReport writes what became of the rows of a payout: those that were not paid, what has to be decided, and the totals.
func writeReport(ctx context.Context, out io.Writer, store payout.Store, s *payout.Summary, runErr error, advise bool) error {
	var w strings.Builder
	if err := reportFailed(ctx, &w, store, s.Batch.ID); err != nil {
		return err
	}
	if runErr != nil {
		fmt.Fprintf(&w, "\n%s\n", printable(runErr.Error()))
	}
	for i := range s.Held {
		reportHeld(&w, &s.Batch, &s.Held[i])
	}
	if next := nextStep(s, runErr); advise && next != "" {
		fmt.Fprintf(&w, "\n%s\n", next)
	}
	if err := reportTotals(&w, &s.Totals); err != nil {
		return err
	}
	_, err := io.WriteString(out, w.String())
	return err
}

// maxFailed is how many rows the table of those that failed shows; report has all.
const maxFailed = 100

// reportFailed is the table of those that Dwolla refused and that came back.
func reportFailed(ctx context.Context, w *strings.Builder, store payout.Store, name string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	failed := 0
	for row, err := range payout.OpenReport(store, name).Rows(ctx) {
		if err != nil {
			return err
		}
		if row.Status != payout.Failed && row.Status != payout.Returned {
			continue
		}
		if failed++; failed > maxFailed {
			continue
		}
		if failed == 1 {
			fmt.Fprint(table, "LINE\tCORRELATION ID\tAMOUNT\tSTATUS\tCODE\tREASON\n")
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\n", row.Line, printable(row.CorrelationID), row.Amount, row.Status, printable(row.Code), printable(row.Message))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if failed > maxFailed {
		fmt.Fprintf(w, "and %d more: see \"payout report\"\n", failed-maxFailed)
	}
	return nil
}

// reportHeld is what a person needs to find out more about a mass payment.
func reportHeld(w io.Writer, b *payout.Batch, c *payout.Chunk) {
	fmt.Fprintf(w, "\nMass payment %d of %d: %d rows, %s, %s since %s\n", c.Number, b.Chunks, c.Rows, c.Amount(), c.Hold.Reason, stamp(c.Hold.Since))
	fmt.Fprintf(w, "    idempotency key  %s\n    correlation id   %s\n", c.Key, c.CorrelationID)
	if c.Sends > 0 {
		fmt.Fprintf(w, "    sent             %d times since %s\n", c.Sends, stamp(c.FirstSent))
	}
	if c.LastError != "" {
		fmt.Fprintf(w, "    last error       %s\n", printable(c.LastError))
	}
	for _, href := range c.Hold.Candidates {
		fmt.Fprintf(w, "    found            %s\n", printable(href))
	}
	fmt.Fprintln(w, "    It may be paid, now or later. Do not pay it in another way: \"payout resolve\" says what can be done.")
}

// nextStep is what to do now, if it is not over.
func nextStep(s *payout.Summary, runErr error) string {
	_, unsettled := errors.AsType[*payout.UnsettledRowsError](runErr)
	switch {
	case s.Batch.Paused && !s.Ended():
		return "The payout is paused: \"payout resume\", then \"payout run\"."
	case s.AwaitsApproval:
		return fmt.Sprintf("The mass payments are at Dwolla and move no money yet: \"payout approve -total %s\" or \"payout cancel\", then \"payout run\".", s.Batch.Amount().Amount)
	case len(s.Held) > 0:
		return ""
	case unsettled:
		return "They may be paid: look at Dwolla before you pay them in another way. \"payout run\" asks once more."
	case !s.Ended():
		return "\"payout run\" goes on; nothing is paid twice."
	case s.Totals.Failed.Rows+s.Totals.Returned.Rows > 0:
		return "\"payout retry\" pays those that failed or came back once more, when the cause is mended."
	}
	return ""
}

// reportTotals is the table at the end: how many recipients and how much money, by status.
func reportTotals(w *strings.Builder, t *payout.Totals) error {
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "\trecipients\tamount\t\n")
	for _, line := range []struct {
		name  string
		tally payout.Tally
	}{
		{"paid", t.Paid}, {"returned", t.Returned}, {"failed", t.Failed}, {"cancelled", t.Cancelled}, {"pending", t.Pending}, {"unknown", t.Unknown}, {"total", t.All()},
	} {
		if line.tally.Rows > 0 {
			fmt.Fprintf(table, "%s\t%d\t%s\t\n", line.name, line.tally.Rows, line.tally.Amount())
		}
	}
	return table.Flush()
}

func stamp(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 MST") }
