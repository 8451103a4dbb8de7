package main

import (
	"fmt"
	"io"
	"strings"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// shownLines is how many lines of each kind are shown of a difference.
const shownLines = 20

// showDifference says how a file differs from a payout on record.
func showDifference(w io.Writer, d *payout.Difference) {
	fmt.Fprintf(w, "Compared with payout %s on record:\n", d.Batch)
	showTally(w, "the same", d.Same)
	showTally(w, "the same, and not paid there", d.Unpaid)
	fmt.Fprintf(w, "  %d rows changed\n", d.ChangedRows)
	for _, change := range d.Changed[:min(shownLines, len(d.Changed))] {
		fmt.Fprintf(w, "    line %d: %s\n", change.Line, changed(&change))
	}
	showTally(w, "added", d.Added)
	showLines(w, "line", d.AddedLines)
	showTally(w, "removed", d.Removed)
	showLines(w, "line on record", d.RemovedLines)
	if d.Reordered {
		fmt.Fprintln(w, "  in another order")
	}
}

func showTally(w io.Writer, what string, t payout.Tally) {
	if t.Rows > 0 {
		fmt.Fprintf(w, "  %d rows %s, %s\n", t.Rows, what, t.Amount())
	}
}

func showLines(w io.Writer, what string, lines []int) {
	for _, line := range lines[:min(shownLines, len(lines))] {
		fmt.Fprintf(w, "    %s %d\n", what, line)
	}
	if more := len(lines) - shownLines; more > 0 {
		fmt.Fprintf(w, "    and %d more\n", more)
	}
}

// changed says what is other in a row.
func changed(c *payout.Change) string {
	var parts []string
	if c.Cents != c.WasCents {
		parts = append(parts, fmt.Sprintf("%s instead of %s", dwolla.USDCents(c.Cents), dwolla.USDCents(c.WasCents)))
	}
	if c.Destination {
		parts = append(parts, "another destination")
	}
	if c.Details {
		parts = append(parts, "other details")
	}
	text := strings.Join(parts, ", ")
	if c.Line != c.Was {
		text += fmt.Sprintf(" (line %d on record)", c.Was)
	}
	return text
}
