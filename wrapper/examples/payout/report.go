package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
)

// report writes what became of every recipient and returns whether all were paid.
func report(w io.Writer, results []result) bool {
	reportFailed(w, results)
	for _, r := range results {
		if r.err != nil {
			reportUnfinished(w, &r)
		}
	}
	return reportTotals(w, results)
}

// reportFailed is the table of those that Dwolla refused.
func reportFailed(w io.Writer, results []result) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	defer table.Flush()
	head := "LINE\tCORRELATION ID\tAMOUNT\tCODE\tREASON\n"
	for _, r := range results {
		for _, o := range r.outcomes {
			if o.state != failed {
				continue
			}
			fmt.Fprint(table, head)
			fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\n", o.line, o.correlationID, plus(dwolla.Money{}, o.amount), printable(o.code), printable(o.reason))
			head = ""
		}
	}
}

// reportUnfinished says of a batch with an open end all that a person needs to find out more.
func reportUnfinished(w io.Writer, r *result) {
	first, last := r.recipients[0].line, r.recipients[len(r.recipients)-1].line
	fmt.Fprintf(w, "\nLines %d to %d: %s\n", first, last, printable(r.err.Error()))
	fmt.Fprintf(w, "  idempotency key  %s\n  correlation id   %s\n", r.key, r.correlationID)
	if r.massPayment != "" {
		fmt.Fprintf(w, "  mass payment     %s\n", r.massPayment)
	}
	if e, ok := errors.AsType[*dwolla.Error](r.err); ok && e.RequestID != "" {
		fmt.Fprintf(w, "  request id       %s\n", e.RequestID)
	}
	if r.outcomes[0].state != unpaid {
		fmt.Fprintln(w, "  They may be paid, now or later. Do not pay them in another way: run this with the same file again, which looks\n"+
			"  for the mass payment first and, if there is none, asks for it with the same key.")
	}
}

// reportTotals is the table at the end: how many recipients and how much money, by state.
func reportTotals(w io.Writer, results []result) bool {
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
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "\trecipients\tamount\t\n")
	for _, s := range []state{paid, failed, pending, unknown, unpaid, all} {
		if to := sums[s]; to.recipients > 0 {
			fmt.Fprintf(table, "%s\t%d\t%s\t\n", s, to.recipients, to.amount)
		}
	}
	table.Flush()
	return sums[paid].recipients == sums[all].recipients
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
