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

// A progress shows how far Dwolla is: on a terminal a line that is written over, else a line for every tenth.
type progress struct {
	w     io.Writer
	live  bool
	total int
	base  int  // recipients of the batches that are done
	tenth int  // shown last
	open  bool // the cursor is in the live line
	sent  int  // the chunk that was sent last

	conflict *atomic.Bool // see conflictWatch
}

func newProgress(c *console, total int) *progress {
	return &progress{w: c.err, live: isTerminal(c.err), total: total, tenth: -1, conflict: &c.conflict}
}

// resume starts from what an earlier run has finished.
func (p *progress) resume(ctx context.Context, store payout.Store, name string) error {
	s, err := payout.Summarize(ctx, store, name)
	p.total, p.base = s.Batch.Rows, s.Batch.Rows-s.Totals.Pending.Rows-s.Totals.Unknown.Rows
	if p.base > 0 {
		p.note("going on with what is on record")
		p.show(0)
	}
	return err
}

// event shows what a step did.
func (p *progress) event(ctx context.Context, client *dwolla.Client, e *payout.Event) {
	switch {
	case e.State == payout.StateSending:
		p.sent = e.Chunk
	case e.State == payout.StateCreated && e.Was == payout.StateCreated:
		p.watch(ctx, client, e)
	case e.State == payout.StateCreated && p.sent == e.Chunk && e.Was != payout.StateUnknown && !p.conflict.Swap(false):
		p.note("mass payment " + massPaymentID(e) + " is at Dwolla")
	case e.State == payout.StateCreated:
		p.note("mass payment " + massPaymentID(e) + " was found at Dwolla and is not sent again: another program, or an earlier request, has sent it")
	case e.State == payout.StateUnknown && e.Was != payout.StateUnknown:
		p.note("nobody knows what became of the request; looking for the mass payment by its correlation id")
	case e.Was != e.State && e.State != payout.StatePlanned && e.State != payout.StateUnknown:
		p.add(e.Rows)
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

// show tells how many recipients of the current batch are done.
func (p *progress) show(done int) {
	done += p.base
	if p.live {
		const width = 30
		full := width * done / p.total
		p.open = true
		p.print("\r\x1b[K[%s%s] %d of %d recipients", strings.Repeat("#", full), strings.Repeat(".", width-full), done, p.total)
		return
	}
	if tenth := 10 * done / p.total; tenth != p.tenth {
		p.tenth = tenth
		p.print("%d of %d recipients\n", done, p.total)
	}
}

// add closes a batch.
func (p *progress) add(recipients int) {
	p.show(recipients)
	p.base += recipients
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
