package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"unicode"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// report says what became of every recipient, and whether all were paid.
func report(results []result) (text string, allPaid bool) {
	var open strings.Builder
	for _, r := range results {
		if r.err != nil {
			reportUnfinished(&open, &r)
		}
	}
	totals, allPaid := reportTotals(results)
	return reportFailed(results) + open.String() + "\n" + totals, allPaid
}

// reportFailed is the table of those that Dwolla refused.
func reportFailed(results []result) string {
	const head = "LINE\tCORRELATION ID\tAMOUNT\tCODE\tREASON\n"
	var rows strings.Builder
	for _, r := range results {
		for _, o := range r.outcomes {
			if o.state == failed {
				fmt.Fprintf(&rows, "%d\t%s\t%s\t%s\t%s\n",
					o.line, o.correlationID, plus(dwolla.Money{}, o.amount), printable(o.code), printable(o.reason))
			}
		}
	}
	if rows.Len() == 0 {
		return ""
	}
	return aligned(head+rows.String(), 0) + "To pay these once the reasons are gone, make a new file of these rows alone.\n"
}

// reportUnfinished says of a batch with an open end all that a person needs to find out more.
func reportUnfinished(w *strings.Builder, r *result) {
	first, last := r.recipients[0].line, r.recipients[len(r.recipients)-1].line
	fmt.Fprintf(w, "\nLines %d to %d: %s\n", first, last, printable(r.err.Error()))
	fmt.Fprintf(w, "  idempotency key  %s\n  correlation id   %s\n", r.key, r.correlationID)
	if r.massPayment != "" {
		fmt.Fprintf(w, "  mass payment     %s\n", r.massPayment)
	}
	if r.outcomes[0].state != unpaid {
		w.WriteString("  They may be paid, now or later. Do not pay them in another way: run this with the same file again, which looks\n" +
			"  for the mass payment first and, if there is none, asks for it with the same key.\n")
	}
}

// reportTotals is the table at the end: how many recipients and how much money, by state.
func reportTotals(results []result) (text string, allPaid bool) {
	type sum struct {
		recipients int
		amount     dwolla.Money
	}
	const all state = "total"
	sums := map[state]sum{}
	for _, r := range results {
		for _, o := range r.outcomes {
			for _, s := range []state{o.state, all} {
				to := sums[s]
				to.recipients++
				to.amount = plus(to.amount, o.amount)
				sums[s] = to
			}
		}
	}
	var rows strings.Builder
	rows.WriteString("\trecipients\tamount\t\n")
	for _, s := range []state{paid, failed, pending, unknown, unpaid, all} {
		if to := sums[s]; to.recipients > 0 {
			fmt.Fprintf(&rows, "%s\t%d\t%s\t\n", s, to.recipients, to.amount)
		}
	}
	return aligned(rows.String(), tabwriter.AlignRight), sums[paid].recipients == sums[all].recipients
}

// aligned lays out lines of cells that end in tabs.
func aligned(lines string, flags uint) string {
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', flags)
	_, _ = table.Write([]byte(lines)) // into memory, which does not fail
	_ = table.Flush()
	return out.String()
}

// plus adds exactly, and gives the sum at least two decimals. The amounts were checked when they were read, so only a total beyond 20 digits has no sum.
func plus(total, amount dwolla.Money) dwolla.Money {
	if total.IsZero() {
		total = dwolla.USDCents(0)
	}
	sum, err := total.Add(amount)
	if err != nil {
		return dwolla.Money{Value: "(too large)"}
	}
	return sum
}

// printable keeps what a server says from moving the cursor.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}
