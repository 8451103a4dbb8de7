package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// writeReport writes what became of the rows of a payout: those that were not paid, what has to be decided, and the totals.
func (f *flags) writeReport(ctx context.Context, store payout.Store, s *payout.Summary, runErr error, advise bool) error {
	var w strings.Builder
	again, err := reportFailed(ctx, &w, store, s.Batch.ID)
	if err != nil {
		return err
	}
	if runErr != nil {
		fmt.Fprintf(&w, "\n%s\n", printable(runErr.Error()))
	}
	for i := range s.Held {
		reportHeld(&w, &s.Batch, &s.Held[i])
	}
	if next := f.nextStep(s, again, runErr); advise && next != "" {
		fmt.Fprintf(&w, "\n%s\n", next)
	}
	if err := reportTotals(&w, &s.Totals); err != nil {
		return err
	}
	_, err = io.WriteString(f.console.out, w.String())
	return err
}

// maxFailed is how many rows the table of those that failed shows; report has all.
const maxFailed = 100

// reportFailed is the table of those that Dwolla refused and that came back. It gives the statuses of those that are in no
// retry yet.
func reportFailed(ctx context.Context, w *strings.Builder, store payout.Store, name string) (again []string, err error) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	failed := 0
	for row, err := range payout.OpenReport(store, name).Rows(ctx) {
		if err != nil {
			return nil, err
		}
		if row.Status != payout.Failed && row.Status != payout.Returned {
			continue
		}
		if row.RetriedBy == "" && !slices.Contains(again, string(row.Status)) {
			again = append(again, string(row.Status))
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
		return nil, err
	}
	if failed > maxFailed {
		fmt.Fprintf(w, "and %d more, which \"payout report\" has too\n", failed-maxFailed)
	}
	slices.Sort(again)
	return again, nil
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
	fmt.Fprintln(w, "    It may be paid, now or later. Do not pay it in another way.")
}

// nextStep is what to do now, if it is not over or some were not paid.
func (f *flags) nextStep(s *payout.Summary, again []string, runErr error) string {
	name := s.Batch.ID
	run := f.line("run", name)
	_, unsettled := errors.AsType[*payout.UnsettledRowsError](runErr)
	switch {
	case s.Batch.Paused && !s.Ended():
		return try("The payout is paused. To go on:", f.line("resume", name), run)
	case s.AwaitsApproval:
		return try("The mass payments are at Dwolla and move no money yet. To approve or to cancel, and then to go on:",
			f.line("approve", name, "-total", s.Batch.Amount().Amount), f.line("cancel", name), run)
	case len(s.Held) > 0:
		return try("A person has to decide. What can be done:", f.line("resolve", name))
	case unsettled:
		return try("They may be paid: look at Dwolla before you pay them in another way. To ask once more:", run)
	case errors.Is(runErr, payout.ErrTooManyFailed):
		return try("Look at why they failed. To go on nevertheless:", f.line("run", name, "-max-failed-rows", strconv.Itoa(s.Batch.Rows+1)))
	case !s.Ended() && f.console.open != nil:
		return "A run is at work."
	case !s.Ended():
		return try("To go on; nothing is paid twice:", run)
	case len(again) > 0:
		return try("To pay once more those that were not paid, when the cause is mended:", f.line("retry", name, "-of", strings.Join(again, ",")))
	}
	return ""
}

// reportTotals is the table at the end: how many recipients and how much money, by status.
func reportTotals(w *strings.Builder, t *payout.Totals) error {
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "\trecipients\tamount\t\n")
	for _, line := range append(byStatus(t), statusTally{"total", t.All()}) {
		fmt.Fprintf(table, "%s\t%d\t%s\t\n", line.name, line.Rows, line.Amount())
	}
	return table.Flush()
}

type statusTally struct {
	name string
	payout.Tally
}

// byStatus are the totals that are not zero.
func byStatus(t *payout.Totals) []statusTally {
	all := []statusTally{
		{"paid", t.Paid}, {"returned", t.Returned}, {"failed", t.Failed}, {"cancelled", t.Cancelled}, {"pending", t.Pending}, {"unknown", t.Unknown},
	}
	return slices.DeleteFunc(all, func(s statusTally) bool { return s.Rows == 0 })
}

// became is what became of a payout, in a line.
func became(t *payout.Totals) string {
	var parts []string
	for _, s := range byStatus(t) {
		if s.name == "paid" {
			parts = append(parts, fmt.Sprintf("%d recipients were paid, %s", s.Rows, s.Amount()))
			continue
		}
		parts = append(parts, fmt.Sprintf("%d %s", s.Rows, s.name))
	}
	return strings.Join(parts, "; ")
}

func stamp(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 MST") }
