package main

import (
	"context"
	"fmt"
	"time"

	dwolla "github.com/dwolla-go/dwolla-go/wrapper"
	"github.com/dwolla-go/dwolla-go/wrapper/dwollatest"
)

// inMemory starts a Dwolla of the program's own, which lives as long as ctx. Some hundred items a second keep the
// demonstration short; Dwolla takes one or two.
func inMemory(ctx context.Context, recipients []recipient, progress *progress) (*payer, error) {
	server, err := dwollatest.NewServer(
		dwollatest.WithItemRate(max(100, len(recipients)/5)),
		dwollatest.WithReport(func(err error) { progress.note(err.Error()) }),
	)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, server.Close)
	progress.note("no credentials in the environment: this is a Dwolla in memory, no money moves")
	return seed(ctx, server, recipients)
}

// seed gives every destination of the file a Customer with a bank, which takes the place of the id in the file, and
// the account the money to pay them all. What stands in the column metadata.demo makes trouble.
func seed(ctx context.Context, server *dwollatest.Server, recipients []recipient) (*payer, error) {
	client := server.Dwolla()
	var total dwolla.Money
	banks := map[string]string{} // hrefs by destination
	for i := range recipients {
		r := &recipients[i]
		total = plus(total, r.amount)
		href, known := banks[r.destination]
		if !known {
			var err error
			if href, err = seedBank(ctx, server, client, r); err != nil {
				return nil, err
			}
			banks[r.destination] = href
		}
		r.destination = href
	}
	cents, err := total.Cents()
	if err != nil {
		return nil, fmt.Errorf("the total: %w", err)
	}
	server.SetBalance(server.Account().ID, cents)
	source, err := sourceOf(ctx, client, "")
	const look = 200 * time.Millisecond
	return &payer{client: client, source: source, wait: dwolla.Wait{Interval: look, MaxInterval: look}}, err
}

// seedBank returns the funding source that a recipient is paid to.
func seedBank(ctx context.Context, server *dwollatest.Server, client *dwolla.Client, r *recipient) (string, error) {
	trouble := r.metadata["demo"]
	switch trouble {
	case "unknown":
		return r.destination, nil
	case "own-account":
		return server.AccountBank().Href, nil
	}
	customer, bank := server.AddReceiver(fmt.Sprintf("Recipient %d", r.line))
	switch trouble {
	case "suspended":
		server.SetStatus(customer.ID, trouble)
	case "removed-bank":
		_, err := client.FundingSources.Update(ctx, bank.ID, dwolla.RemoveFundingSource{})
		return bank.Href, err
	}
	return bank.Href, nil
}
