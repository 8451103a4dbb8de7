package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

const demoHelp = `Pays a list, or a file, at a Dwolla in memory, where every destination gets a bank, and counts in its ledger how often each was
paid. No money moves and nothing is kept. Seven rows of the list fail on purpose.`

func demo(ctx context.Context, c *console, args []string) error {
	f := newFlags(c, "demo", demoHelp).ofFile().ofSize()
	recipients := f.Int("recipients", 0, "`number` of recipients, without -csv: the list's 250 and invented ones")
	f.must("recipients", "0 or more", func() bool { return *recipients >= 0 })
	if err := f.parse(args); err != nil {
		return err
	}
	file := sampleFile(*recipients)
	if f.csv != "" {
		file = f.file()
	}
	inspection, err := inspect(ctx, c, file.rows(), payout.Plan{})
	if err != nil {
		return exit(exitNotSent, fmt.Errorf("%w\nnothing was sent", err))
	}
	defer inspection.Close()
	m, err := newMemory(ctx, c, file, inspection.Tally)
	if err != nil {
		return exit(exitNotSent, fmt.Errorf("%w\nnothing was sent", err))
	}
	defer m.close()
	store, err := payout.OpenFile(filepath.Join(m.dir, "payout.db"))
	if err != nil {
		return exit(exitNotSent, err)
	}
	defer store.Close()
	batch, err := payout.Prepare(ctx, store, nameOf(inspection), m.input(file), payout.Plan{Source: m.source, ChunkRows: f.size})
	if err != nil {
		return exit(exitNotSent, err)
	}
	err = f.pay(ctx, store, m.server.Dwolla(), batch.ID, true)
	fmt.Fprint(c.out, m.proof())
	return err
}
