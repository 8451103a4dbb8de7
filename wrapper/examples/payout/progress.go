package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// A progress shows how far a payout is: on a terminal a line that is written over, else a line for every tenth.
type progress struct {
	w     io.Writer
	live  bool
	store payout.Store
	name  string

	total    int
	base     int    // recipients of which Dwolla has said what became of them, without those of the current mass payment
	became   string // of them and of those that wait
	waiting  int    // recipients that are held, or of which nobody knows
	tenth    int    // shown last
	shown    int    // waiting then
	open     bool   // the cursor is in the live line
	sent     int    // the chunk that was sent last
	conflict *atomic.Bool
}

// resume starts from what an earlier run has finished.
func (p *progress) resume(ctx context.Context) error {
	err := p.read(ctx)
	if p.base+p.waiting > 0 {
		p.note("going on with what is on record")
		p.show(0)
	}
	return err
}

// read takes what is known from the record.
func (p *progress) read(ctx context.Context) error {
	p.total, p.base = 0, 0
	paid, failed, cancelled, held, unknown := 0, 0, 0, 0, 0
	for c, err := range payout.OpenReport(p.store, p.name).Chunks(ctx) {
		if err != nil {
			return err
		}
		p.total += c.Rows
		switch c.State {
		case payout.StateSettled, payout.StateRejected, payout.StateCancelled:
			paid += c.Totals.Paid.Rows
			failed += c.Totals.Failed.Rows + c.Totals.Returned.Rows
			cancelled += c.Totals.Cancelled.Rows
			unknown += c.Totals.Unknown.Rows + c.Totals.Pending.Rows
		case payout.StateHeld:
			held += c.Rows
		case payout.StateUnknown:
			unknown += c.Rows
		}
	}
	p.base, p.waiting = paid+failed+cancelled, held+unknown
	var parts []string
	for _, part := range []struct {
		rows int
		name string
	}{{paid, "paid"}, {failed, "failed"}, {cancelled, "cancelled"}, {held, "held"}, {unknown, "unknown"}} {
		if part.rows > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.rows, part.name))
		}
	}
	p.became = strings.Join(parts, ", ")
	return nil
}

// event shows what a step did.
func (p *progress) event(ctx context.Context, client *dwolla.Client, e *payout.Event) {
	switch {
	case e.State == payout.StateSending:
		p.sent = e.Chunk
		return
	case e.State == payout.StateCreated && e.Was == payout.StateCreated:
		p.watch(ctx, client, e)
		return
	case e.State == payout.StateCreated && p.sent == e.Chunk && e.Was != payout.StateUnknown && !p.conflict.Swap(false):
		p.note("mass payment " + massPaymentID(e) + " is at Dwolla")
	case e.State == payout.StateCreated:
		p.note("mass payment " + massPaymentID(e) + " was found at Dwolla and is not sent again: another program, or an earlier request, has sent it")
	case e.State == payout.StateUnknown && e.Was != payout.StateUnknown:
		p.note("nobody knows what became of the request; looking for the mass payment by its correlation id")
	}
	if e.Was != e.State && p.read(context.WithoutCancel(ctx)) == nil && p.base+p.waiting > 0 {
		p.show(0)
	}
}

func massPaymentID(e *payout.Event) string {
	return dwolla.LinkTo[dwolla.MassPayment](e.MassPayment).ID()
}

// watch shows how many items of a mass payment Dwolla has tried.
func (p *progress) watch(ctx context.Context, client *dwolla.Client, e *payout.Event) {
	left, err := client.MassPayments.ListItems(ctx, e.MassPayment, dwolla.ListMassPaymentItemsParams{
		Status: []dwolla.MassPaymentItemStatus{dwolla.MassPaymentItemStatusPending}, Limit: 1,
	})
	if err == nil { // otherwise the next poll shows it
		p.show(e.Rows - left.Total)
	}
}

// show tells of how many recipients Dwolla has said what became of them, with some of the current mass payment.
func (p *progress) show(some int) {
	done, became := min(p.base+some, p.total), p.became
	if became != "" {
		became = ": " + became
	}
	if p.live {
		const width = 30
		full := width * done / p.total
		p.open = true
		p.print("\r\x1b[K[%s%s] %d of %d recipients%s", strings.Repeat("#", full), strings.Repeat(".", width-full), done, p.total, became)
		return
	}
	if tenth := 10 * done / p.total; tenth != p.tenth || p.waiting != p.shown {
		p.tenth, p.shown = tenth, p.waiting
		p.print("%d of %d recipients%s\n", done, p.total, became)
	}
}

// note writes a line of its own.
func (p *progress) note(line string) {
	p.end()
	p.print("%s\n", line)
}

// end leaves the live line.
func (p *progress) end() {
	if p.open {
		p.open = false
		p.print("\n")
	}
}

// print ignores errors: payments go on when they cannot be shown.
func (p *progress) print(format string, args ...any) { _, _ = fmt.Fprintf(p.w, format, args...) }
