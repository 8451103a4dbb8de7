package main

import (
	"context"
	"fmt"
	"os"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
	"github.com/dwolla-go/dwolla-go/wrapper/payout"
)

// A memory is a Dwolla in memory, with a bank for each recipient of the file.
type memory struct {
	server *dwollatest.Server
	source string            // URL
	banks  map[string]string // hrefs by destination
	dir    string            // of the record
}

// newMemory starts a Dwolla that lives as long as the program. Thousands of items a second keep the demonstration
// short; Dwolla takes one or two.
func newMemory(ctx context.Context, c *console, file *file, total payout.Tally) (*memory, error) {
	server, err := dwollatest.NewServer(
		dwollatest.WithItemRate(max(100, total.Rows/5)), dwollatest.WithHistory(100),
		dwollatest.WithReport(func(err error) { c.warn("%v", err) }),
	)
	if err != nil {
		return nil, err
	}
	c.warn("this is a Dwolla in memory, no money moves")
	m := &memory{server: server, banks: map[string]string{}}
	if m.dir, err = os.MkdirTemp("", "payout-"); err != nil {
		return nil, err
	}
	if err := m.seed(ctx, server.Dwolla(), file); err != nil {
		return nil, err
	}
	server.SetBalance(server.Account().ID, total.Cents)
	source, err := sourceOf(ctx, server.Dwolla(), "")
	if err != nil {
		return nil, err
	}
	m.source = source.Links.Self.Href
	return m, nil
}

func (m *memory) close() {
	m.server.Close()
	_ = os.RemoveAll(m.dir) // a temporary directory, which the system may clean up later
}

// proof counts in the server's own ledger how often each recipient was paid.
func (m *memory) proof() string {
	times := map[string]int{}
	for _, p := range m.server.Ledger() {
		times[p.Destination]++
	}
	twice := 0
	for _, n := range times {
		if n > 1 {
			twice++
		}
	}
	return fmt.Sprintf("\nThe ledger of the Dwolla in memory: %d recipients paid, %d of them more than once.\n", len(times), twice)
}

// input is the file with the addresses that its recipients have in memory.
func (m *memory) input(of *file) payout.Input {
	return func(yield func(payout.Row, error) bool) {
		for row, err := range of.rows() {
			if href, ok := m.banks[row.Destination]; ok {
				row.Destination = href
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// seed gives every destination of the file a Customer with a bank. The column metadata.demo says what is wrong with it.
func (m *memory) seed(ctx context.Context, client *dwolla.Client, file *file) error {
	for row, err := range file.rows() {
		if err != nil {
			return err
		}
		if _, known := m.banks[row.Destination]; known {
			continue
		}
		if err := m.seedBank(ctx, client, &row); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) seedBank(ctx context.Context, client *dwolla.Client, row *payout.Row) error {
	flaw := row.Metadata["demo"]
	switch flaw {
	case "unknown":
		return nil
	case "own-account":
		m.banks[row.Destination] = m.server.AccountBank().Href
		return nil
	}
	customer, bank := m.server.AddReceiver(fmt.Sprintf("Recipient %d", row.Line))
	m.banks[row.Destination] = bank.Href
	switch flaw {
	case "suspended":
		m.server.SetStatus(customer.ID, flaw)
	case "removed-bank":
		_, err := client.FundingSources.Update(ctx, bank.ID, dwolla.RemoveFundingSource{})
		return err
	}
	return nil
}
