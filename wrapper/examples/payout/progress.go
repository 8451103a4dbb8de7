package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

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
}

func newProgress(w io.Writer, total int) *progress {
	return &progress{w: w, live: isTerminal(w), total: total, tenth: -1}
}

// resume starts from what an earlier run has finished.
func (p *progress) resume(ctx context.Context, store payout.Store, batch payout.Batch) error {
	s, err := payout.Summarize(ctx, store, batch.ID)
	p.total, p.base = batch.Rows, batch.Rows-s.Totals.Pending.Rows-s.Totals.Unknown.Rows
	if p.base > 0 {
		p.note("going on with what is on record")
		p.show(0)
	}
	return err
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
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
